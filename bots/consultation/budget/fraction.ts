/** An exact number: shares of money are divided among voters, and rounding could decide who wins. */
export interface Fraction {
  readonly over: bigint;
  /** More than 0. */
  readonly under: bigint;
}

export const fraction = (over: bigint | number, under: bigint | number = 1n): Fraction =>
  reduced(BigInt(over), BigInt(under));

function reduced(over: bigint, under: bigint): Fraction {
  let [a, b] = [over < 0n ? -over : over, under];
  while (b > 0n) [a, b] = [b, a % b];
  return a === 0n ? { over: 0n, under: 1n } : { over: over / a, under: under / a };
}

export const plus = (a: Fraction, b: Fraction): Fraction =>
  reduced(a.over * b.under + b.over * a.under, a.under * b.under);
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, { over: -b.over, under: b.under });
export const divided = (a: Fraction, by: bigint | number): Fraction => reduced(a.over, a.under * BigInt(by));
export const times = (a: Fraction, by: bigint | number): Fraction => reduced(a.over * BigInt(by), a.under);
/** Below 0: a is less. */
export const compare = (a: Fraction, b: Fraction): number => {
  const [left, right] = [a.over * b.under, b.over * a.under];
  return left < right ? -1 : left > right ? 1 : 0;
};
export const least = (a: Fraction, b: Fraction): Fraction => (compare(a, b) <= 0 ? a : b);
export const written = ({ over, under }: Fraction): string => (under === 1n ? `${over}` : `${over}/${under}`);
