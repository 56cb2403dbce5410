import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanaryCounts, type CanaryRules, canaryShare, judgeCanary } from "./canary.ts";

const rules: CanaryRules = {
  from: 1_000,
  share: 0.01,
  least: 50,
  failed: 0.1,
  optedOut: 0.02,
  confirmed: 0.5,
  waitMinutes: 15,
};
const none: CanaryCounts = { begun: 100, delivered: 0, failed: 0, optedOut: 0, through: true, waitedMs: 0 };

describe("what becomes of the rest", () => {
  test.each<[string, Partial<CanaryCounts>, string]>([
    ["nothing is known yet", {}, "wait"],
    ["all arrived", { delivered: 100 }, "go"],
    ["95 of 100 are settled", { delivered: 90, failed: 5 }, "go"],
    [
      "some still wait to be handed over",
      { delivered: 40, begun: 40, through: false, waitedMs: 1e9 },
      "wait",
    ],
    [
      "too many failed, long before the end",
      { failed: 11, through: false },
      "stop: 11 of the first 100 failed (11 %)",
    ],
    ["just at the limit", { failed: 10, delivered: 90 }, "go"],
    ["too many opt out", { delivered: 97, optedOut: 3 }, "stop: 3 of the first 100 opted out (3 %)"],
    ["two are chance", { begun: 4, delivered: 2, failed: 2 }, "go"],
    ["of the first few more than their share", { begun: 4, failed: 4, through: false }, "wait"],
    ["time is over, half arrived", { delivered: 50, waitedMs: 900_000 }, "go"],
    [
      "time is over, and hardly any is confirmed",
      { delivered: 3, waitedMs: 900_000 },
      "stop: only 3 of the first 100 were confirmed as delivered within 15 minutes",
    ],
  ])("%s", (_name, change, expected) => {
    const verdict = judgeCanary({ ...none, ...change }, rules);
    expect(verdict.kind === "stop" ? `stop: ${verdict.words}` : verdict.kind).toBe(expected);
  });

  test("it is decided once the time is over, whatever came of them", () => {
    const count = fc.nat(500);
    fc.assert(
      fc.property(count, count, count, count, (begun, delivered, failed, optedOut) => {
        const counts = { begun, delivered, failed, optedOut, through: true, waitedMs: 900_000 };
        expect(judgeCanary(counts, rules).kind).not.toBe("wait");
      }),
    );
  });
});

test.each([
  [999, 0],
  [1_000, 713],
  [1_000_000, 103],
])("of %i people so many of ten thousand go first", (recipients, share) =>
  expect(canaryShare(recipients, rules)).toBe(share),
);
