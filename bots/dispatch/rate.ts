/** The share of a channel's rate that bulk leaves to crisis and replies. */
const RESERVED = 0.2;
/** Rates never fall below one message a second. */
const SLOWEST = 1;
/** After a throttled answer the rate is halved, and recovers by this share a second. */
const RECOVERY = 0.1;

export interface Rate {
  /** How many of `wanted` sends may start now. Bulk leaves a fifth of the bucket to the others. */
  take(wanted: number, bulk: boolean): number;
  /** Gives back what was taken and not used. */
  giveBack(count: number): void;
  /** Milliseconds until at least one send may start. */
  waitMs(bulk: boolean): number;
  /** The carrier said that we are too fast. */
  slowDown(): void;
}

/** A token bucket of one second's sends, which adapts to a carrier that throttles. `clock` in ms. */
export function openRate(perSecond: number, clock: () => number): Rate {
  let limit = perSecond;
  let tokens = perSecond;
  let last = clock();
  const refill = (): void => {
    const now = clock();
    const seconds = Math.max(0, now - last) / 1000;
    last = now;
    limit = Math.min(perSecond, limit + perSecond * RECOVERY * seconds);
    tokens = Math.min(Math.max(limit, 1), tokens + limit * seconds);
  };
  const floor = (bulk: boolean): number => (bulk && limit > 5 ? limit * RESERVED : 0);
  return {
    take: (wanted, bulk) => {
      refill();
      const count = Math.max(0, Math.min(wanted, Math.floor(tokens - floor(bulk))));
      tokens -= count;
      return count;
    },
    giveBack: (count) => {
      tokens = Math.min(Math.max(limit, 1), tokens + count);
    },
    waitMs: (bulk) => {
      refill();
      return Math.max(0, Math.ceil((1000 * (1 + floor(bulk) - tokens)) / limit));
    },
    slowDown: () => {
      refill();
      limit = Math.max(SLOWEST, limit / 2);
      tokens = 0;
    },
  };
}
