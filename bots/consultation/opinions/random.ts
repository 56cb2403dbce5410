/** A number from 0 to below 1, the next one at every call. */
export type Random = () => number;

/** The seed when none is given: any number does, as long as it stays the same. */
export const DEFAULT_SEED = 20_250_401;

/** Numbers that depend on the seed alone (mulberry32 by Tommy Ettinger, public domain): good for drawing, not for secrets. */
export function seeded(seed = DEFAULT_SEED): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to below `limit`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
