import { setTimeout as sleep } from "node:timers/promises";
import { happens } from "./knobs.ts";
import type { State } from "./state.ts";

export type Gate =
  | { readonly kind: "open" | "error" }
  | { readonly kind: "throttled"; readonly retryAfter: number };

/** What the knobs do to a request before the carrier looks at it: delay, server error, rate limit. */
export function createGate(state: State): () => Promise<Gate> {
  let second = 0;
  let taken = 0;
  return async () => {
    const { latencyMs, errorRate, sendsPerSecond, retryAfterSeconds } = state.knobs;
    if (latencyMs > 0) await sleep(latencyMs);
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      second = now;
      taken = 0;
    }
    if (sendsPerSecond > 0 && taken >= sendsPerSecond)
      return { kind: "throttled", retryAfter: retryAfterSeconds };
    taken += 1;
    return { kind: happens(errorRate) ? "error" : "open" };
  };
}
