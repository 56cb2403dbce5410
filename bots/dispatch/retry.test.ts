import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterFailure, MAX_ATTEMPTS } from "./retry.ts";

describe("what follows a failed hand-over", () => {
  it.each([
    ["unavailable", 1, { kind: "again", delayMs: 500, counted: true }],
    ["unavailable", 4, { kind: "again", delayMs: 4_000, counted: true }],
    ["unavailable", MAX_ATTEMPTS, { kind: "final", status: "failed" }],
    ["unreachable", 1, { kind: "again", delayMs: 1_800_000, counted: true }],
    ["unreachable", 2, { kind: "final", status: "undelivered" }],
    ["bad_address", 1, { kind: "final", status: "failed" }],
    ["opted_out", 1, { kind: "final", status: "cancelled" }],
    ["refused", 1, { kind: "final", status: "failed" }],
    ["misconfigured", 1, { kind: "final", status: "failed" }],
    ["window_closed", 1, { kind: "final", status: "failed" }],
    ["unknown_outcome", 1, { kind: "doubt" }],
  ] as const)("%s at attempt %i", (failure, attempts, verdict) => {
    expect(afterFailure(failure, attempts, 0)).toEqual(verdict);
  });

  it("waits as long as a throttling carrier says, and uses no attempt up", () => {
    expect(afterFailure("throttled", MAX_ATTEMPTS, 0, { retryAfterMs: 7_000 })).toEqual({
      kind: "again",
      delayMs: 7_000,
      counted: false,
    });
  });

  it("is never tried again after its expiry, and never before half of its time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (attempts, random, expiresInMs) => {
          const verdict = afterFailure("unavailable", attempts, random, { expiresInMs });
          if (verdict.kind === "again") {
            expect(verdict.delayMs).toBeLessThan(expiresInMs);
            expect(verdict.delayMs).toBeGreaterThanOrEqual(500);
            expect(attempts).toBeLessThan(MAX_ATTEMPTS);
          }
        },
      ),
    );
  });
});
