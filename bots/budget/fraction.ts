/** An exact number: payments are divided among voters, and a rounded one could decide who wins. */
export interface Fraction {
  readonly over: bigint;
  /** More than 0. */
  readonly under: bigint;
}

/** Both 0 or more. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y > 0n) [x, y] = [y, x % y];
  return x;
}

/** In lowest terms: `100/3`, `7`. */
export function written({ over, under }: Fraction): string {
  const common = gcd(over < 0n ? -over : over, under);
  return under === common ? `${over / common}` : `${over / common}/${under / common}`;
}
