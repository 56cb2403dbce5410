/** Two-sided 95 % of the normal distribution. */
export const Z_95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for the share `k` of `n` (Wilson 1927, JASA 22:209; Agresti & Coull 1998). Never ±0 at 0 or
 * 100 %. `n` may be an effective sample size, and with it `k`, so neither need be whole. With nobody asked it is the
 * whole range.
 */
export function wilson(k: number, n: number, z = Z_95): Interval {
  if (n <= 0) return { low: 0, high: 1 };
  const p = k / n;
  const square = z ** 2;
  const centre = (p + square / (2 * n)) / (1 + square / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + square / (4 * n ** 2))) / (1 + square / n);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * The sample size that counts when a noticeable part of a finite population of `population` answered: above 5 % the
 * finite population correction applies, n(N - 1) / (N - n) (Cochran 1977, section 2.6).
 */
export function withFinitePopulation(n: number, population?: number): number {
  if (population === undefined || n / population <= 0.05) return n;
  return population <= n ? Number.POSITIVE_INFINITY : (n * (population - 1)) / (population - n);
}
