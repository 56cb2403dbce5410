import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openRate } from "./rate.ts";

function at(perSecond: number) {
  let now = 0;
  const rate = openRate(perSecond, () => now);
  return { rate, pass: (ms: number) => (now += ms) };
}

describe("the rate of a channel", () => {
  it("starts with one second's sends and refills evenly", () => {
    const { rate, pass } = at(10);
    expect(rate.take(100, false)).toBe(10);
    expect(rate.take(1, false)).toBe(0);
    pass(500);
    expect(rate.take(100, false)).toBe(5);
  });

  it("leaves a fifth to crisis and replies when bulk takes all it can", () => {
    const { rate } = at(100);
    expect(rate.take(1_000, true)).toBe(80);
    expect(rate.take(1_000, true)).toBe(0);
    expect(rate.take(1_000, false)).toBe(20);
  });

  it("is the sender's: workers share it, and have all of it again when the others are gone", () => {
    const { rate, pass } = at(100);
    rate.take(100, false);
    rate.share(4);
    pass(1_000);
    expect(rate.take(100, false)).toBe(25);
    rate.share(1);
    pass(1_000);
    expect(rate.take(200, false)).toBe(100);
  });

  it("keeps what the carrier halved when it is shared", () => {
    const { rate, pass } = at(100);
    rate.slowDown();
    rate.share(1);
    pass(1_000);
    expect(rate.take(200, false)).toBeLessThan(65);
  });

  it("says how long to wait, no shorter and hardly longer", () => {
    const { rate, pass } = at(4);
    rate.take(4, false);
    const wait = rate.waitMs(false);
    pass(wait - 1);
    expect(rate.take(1, false)).toBe(0);
    pass(2);
    expect(rate.take(1, false)).toBe(1);
  });

  it("sends at rates below one a second", () => {
    const { rate, pass } = at(0.5);
    expect(rate.take(1, true)).toBe(1);
    pass(1_000);
    expect(rate.take(1, true)).toBe(0);
    pass(1_001);
    expect(rate.take(1, true)).toBe(1);
  });

  it("is halved once by a whole slice of throttled answers, and recovers", () => {
    const { rate, pass } = at(100);
    for (let n = 0; n < 64; n++) rate.slowDown();
    pass(1_000);
    const soon = rate.take(1_000, false);
    expect(soon).toBeGreaterThanOrEqual(50);
    expect(soon).toBeLessThan(70);
    pass(10_000);
    expect(rate.take(1_000, false)).toBe(100);
  });

  it("sends nothing before the carrier's rest is over, a crisis neither", () => {
    const { rate, pass } = at(100);
    rate.slowDown(3_000);
    pass(2_999);
    expect(rate.take(1, false)).toBe(0);
    expect(rate.waitMs(false)).toBeGreaterThan(0);
    pass(100);
    expect(rate.take(1, false)).toBe(1);
  });

  it("never lets more through than its rate and one second's burst", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 300 }), fc.boolean()), {
          maxLength: 60,
        }),
        (perSecond, steps) => {
          const { rate, pass } = at(perSecond);
          let sent = 0;
          let ms = 0;
          for (const [wait, wanted, bulk] of steps) {
            pass(wait);
            ms += wait;
            const taken = rate.take(wanted, bulk);
            const used = Math.floor(taken / 2);
            rate.giveBack(taken - used);
            sent += used;
            expect(sent).toBeLessThanOrEqual(perSecond * (1 + ms / 1000) + 1e-6);
          }
        },
      ),
    );
  });
});
