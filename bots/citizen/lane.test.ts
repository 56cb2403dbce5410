import { expect, test } from "vitest";
import { inLane, LaneFull } from "./lane.ts";

const later = () => new Promise((resolve) => setTimeout(resolve, 1));

test("one after the other for one person, in the order in which they came, others beside", async () => {
  const seen: string[] = [];
  const note = (person: string, what: string) =>
    inLane(person, async () => {
      seen.push(`${what} begins`);
      await later();
      seen.push(`${what} ends`);
      if (what === "2") throw new Error("2 fails");
      return what;
    });
  const done = await Promise.allSettled([note("a", "1"), note("a", "2"), note("b", "x"), note("a", "3")]);
  expect(done.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(seen.filter((what) => !what.startsWith("x"))).toEqual(
    ["1", "2", "3"].flatMap((n) => [`${n} begins`, `${n} ends`]),
  );
  expect(seen.indexOf("x begins")).toBeLessThan(seen.indexOf("1 ends"));
  expect(await note("a", "4")).toBe("4");
});

test("a lane has an end", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting = Array.from({ length: 100 }, () => inLane("busy", () => held));
  await expect(inLane("busy", () => held)).rejects.toThrow(LaneFull);
  await expect(inLane("other", async () => "through")).resolves.toBe("through");
  release();
  await Promise.all(waiting);
  await expect(inLane("busy", async () => "again")).resolves.toBe("again");
});
