import { expect, test } from "vitest";
import { senderFor } from "./senders.ts";

const senders = ["+27600000001", "+27600000002", "+27600000003", "MUNICIPAL"];
const people = Array.from({ length: 20_000 }, (_, n) => `sms:+2782${1_000_000 + n}`);

test("each has about the same share of the people", () => {
  const counts = Map.groupBy(people, (to) => senderFor(to, senders));
  for (const sender of senders) expect(counts.get(sender)?.length).toBeGreaterThan(4_600);
});

test("a person keeps their sender, in whatever order they stand; one more takes only its own share away", () => {
  const more = [...senders, "+27600000004"];
  let moved = 0;
  for (const to of people) {
    const before = senderFor(to, senders);
    expect(senderFor(to, senders.toReversed())).toBe(before);
    const after = senderFor(to, more);
    if (after === before) continue;
    expect(after).toBe("+27600000004");
    moved += 1;
  }
  expect(moved).toBeLessThan(people.length / 4);
  expect(moved).toBeGreaterThan(people.length / 6);
});

test("without a sender there is none", () => expect(senderFor("sms:+27821234567", [])).toBeUndefined());
