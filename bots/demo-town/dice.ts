import { v7 } from "uuid";

/** Chance that falls the same way at every seeding: the same town on every machine. */
export interface Dice {
  /** 0 ≤ n < 1 */
  roll(): number;
  /** True in `share` of all cases. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One of the keys, by weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** A UUIDv7 of that moment. */
  id(at: Date): string;
}

/** Mulberry32: small, and plenty for a made-up town. */
export function makeDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(roll() * (high - low + 1));
  return {
    roll,
    between,
    chance: (share) => roll() < share,
    pick(from) {
      const found = from[between(0, from.length - 1)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const entries = Object.entries(weights) as [K, number][];
      let left = roll() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error("nothing to choose from");
    },
    id: (at) => v7({ msecs: at.getTime(), random: Uint8Array.from({ length: 16 }, () => between(0, 255)) }),
  };
}
