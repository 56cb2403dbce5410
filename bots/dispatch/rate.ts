/** The share of a channel's rate that bulk leaves to crisis and replies. */
const RESERVED = 0.2;
/** A rate never falls below one message a second, or below the channel's own rate where that is less. */
const SLOWEST = 1;
/** After a throttled answer the rate is halved, at most once in this time, and recovers by this share a second. */
const HALVED_EVERY_MS = 1_000;
const RECOVERY = 0.1;
/** A carrier that asks for a longer rest is tried again after this time: one message finds out. */
const LONGEST_REST_MS = 60_000;

export interface Rate {
  /** How many of `wanted` sends may start now. Bulk leaves a fifth of the bucket to the others. */
  take(wanted: number, bulk: boolean): number;
  /** Gives back what was taken and not used. */
  giveBack(count: number): void;
  /** Milliseconds until at least one send may start. */
  waitMs(bulk: boolean): number;
  /** The rate is the sender's, whoever sends: each of `workers` takes its part. */
  share(workers: number): void;
  /** The carrier said that we are too fast, and perhaps for how long it wants to hear nothing. */
  slowDown(restMs?: number): void;
}

/** A token bucket of one second's sends, which adapts to a carrier that throttles. `clock` in ms. */
export function openRate(whole: number, clock: () => number): Rate {
  let perSecond = whole;
  const bucket = (): number => Math.max(limit, 1);
  let limit = perSecond;
  let tokens = Math.max(perSecond, 1);
  let last = clock();
  let halvedAt = Number.NEGATIVE_INFINITY;
  let restsUntil = Number.NEGATIVE_INFINITY;
  const refill = (): number => {
    const now = clock();
    const seconds = Math.max(0, now - Math.max(last, restsUntil)) / 1000;
    last = now;
    limit = Math.min(perSecond, limit + perSecond * RECOVERY * seconds);
    tokens = Math.min(bucket(), tokens + limit * seconds);
    return now;
  };
  const floor = (bulk: boolean): number => (bulk && limit > 5 ? limit * RESERVED : 0);
  return {
    take: (wanted, bulk) => {
      if (refill() < restsUntil) return 0;
      const count = Math.max(0, Math.min(wanted, Math.floor(tokens - floor(bulk))));
      tokens -= count;
      return count;
    },
    giveBack: (count) => {
      tokens = Math.min(bucket(), tokens + count);
    },
    waitMs: (bulk) => {
      const rest = Math.max(0, restsUntil - refill());
      return rest + Math.max(0, Math.ceil((1000 * (1 + floor(bulk) - tokens)) / limit));
    },
    share: (workers) => {
      refill();
      const part = whole / Math.max(1, workers);
      // A part that grows is had at once; what the carrier halved stays halved.
      limit = limit >= perSecond ? part : Math.min(limit, part);
      perSecond = part;
      tokens = Math.min(tokens, bucket());
    },
    slowDown: (restMs = 0) => {
      const now = refill();
      if (now - halvedAt >= HALVED_EVERY_MS) {
        limit = Math.min(perSecond, Math.max(SLOWEST, limit / 2));
        halvedAt = now;
      }
      tokens = 0;
      restsUntil = Math.max(restsUntil, now + Math.min(restMs, LONGEST_REST_MS));
    },
  };
}
