import { expect, test } from "vitest";
import { turnoutOf, turnoutWords } from "./turnout.ts";

const count = { said: 31, saidAndCame: 23, expected: 75, walkedIn: 0 };

test.each([
  ["by code and by count", count, 60, 8 / 31, 0.2],
  ["by code alone", count, undefined, 8 / 31, null],
  // Nobody was asked to text it: that says nothing.
  ["nobody texted the code", { ...count, saidAndCame: 0 }, 60, null, 0.2],
  ["only people texted who had not said so", { ...count, saidAndCame: 0, walkedIn: 2 }, undefined, 1, null],
  ["nobody said that they come", { said: 0, saidAndCame: 0, expected: 0, walkedIn: 4 }, 9, null, null],
  ["more came than were expected", count, 90, 8 / 31, 0],
  ["nobody came", count, 0, 8 / 31, 1],
])("%s", (_how, attendance, headCount, noShow, noShowCounted) => {
  const turnout = turnoutOf(attendance, headCount);
  if (noShow === null) expect(turnout.noShow).toBeNull();
  else expect(turnout.noShow).toBeCloseTo(noShow, 12);
  if (noShowCounted === null) expect(turnout.noShowCounted).toBeNull();
  else expect(turnout.noShowCounted).toBeCloseTo(noShowCounted, 12);
  expect(turnoutWords(turnout, headCount)).not.toMatch(/NaN|null|undefined/);
});
