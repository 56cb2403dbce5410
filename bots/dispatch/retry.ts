import type { SendFailure } from "#channels";

/** What happens after a failed hand-over. */
export type Verdict =
  /** `counted`: the attempt is used up. */
  | { readonly kind: "again"; readonly delayMs: number; readonly counted: boolean }
  | { readonly kind: "final"; readonly status: "failed" | "undelivered" | "cancelled" }
  | { readonly kind: "doubt" };

export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 10 * 60_000;
/** A handset that is off is tried once more after this time. */
const UNREACHABLE_DELAY_MS = 30 * 60_000;
const THROTTLED_DELAY_MS = 1_000;

/**
 * Decides by the class of the failure, never by the carrier's number. `random` is in [0, 1). Never later than
 * `expiresInMs`: what would be late is not tried again.
 */
export function afterFailure(
  failure: SendFailure,
  attempts: number,
  random: number,
  options: { readonly retryAfterMs?: number; readonly expiresInMs?: number } = {},
): Verdict {
  const again = (delayMs: number, counted = true): Verdict =>
    options.expiresInMs !== undefined && delayMs >= options.expiresInMs
      ? { kind: "final", status: "failed" }
      : { kind: "again", delayMs, counted };
  switch (failure) {
    case "unavailable":
      if (attempts >= MAX_ATTEMPTS) return { kind: "final", status: "failed" };
      return again(backoff(attempts, random));
    case "throttled":
      return again(Math.max(options.retryAfterMs ?? THROTTLED_DELAY_MS, 100) * (1 + random / 4), false);
    case "unreachable":
      return attempts >= 2 ? { kind: "final", status: "undelivered" } : again(UNREACHABLE_DELAY_MS);
    case "opted_out":
      return { kind: "final", status: "cancelled" };
    case "unknown_outcome":
      return { kind: "doubt" };
    case "bad_address":
    case "refused":
    case "misconfigured":
    case "window_closed":
      return { kind: "final", status: "failed" };
  }
}

/** Doubles from one second to ten minutes, between half and all of it, so that a crowd does not come back at once. */
function backoff(attempts: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1));
  return full / 2 + (full / 2) * random;
}
