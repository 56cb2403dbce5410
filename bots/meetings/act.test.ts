import { expect, test } from "vitest";
import { actOf } from "./act.ts";

const coming = (people: number, bare = false) => ({ kind: "coming", people, bare });

test.each([
  ["YES", coming(1)],
  ["Yes!", coming(1)],
  ["ja", coming(1)],
  ["YES 3", coming(3)],
  ["yes, 3 people please", coming(3)],
  ["YES +2", coming(3)],
  ["3", coming(3, true)],
  ["3 people", coming(3, true)],
  ["0", { kind: "not_coming" }],
  ["NO", { kind: "not_coming" }],
  ["no, sorry", { kind: "not_coming" }],
  ["cha", { kind: "not_coming" }],
  ["ASK When is the water back?", { kind: "ask", question: "When is the water back?" }],
  ["buza: amanzi?", { kind: "ask", question: "amanzi?" }],
  ["up 3", { kind: "vote", number: 3 }],
  ["UP #12", { kind: "vote", number: 12 }],
  ["NEED a sign language interpreter", { kind: "need", needs: "a sign language interpreter" }],
  ["need: 2 wheelchairs", { kind: "need", needs: "2 wheelchairs" }],
  ["NEED", undefined],
  ["LIST", { kind: "list" }],
  ["here", { kind: "here" }],
  ["HERE 4821", { kind: "here", code: "4821" }],
  // Said to nobody in particular.
  ["no water since Monday", undefined],
  ["yes but the road is closed", undefined],
  ["ASK", undefined],
  ["up", undefined],
  ["up the road", undefined],
  ["here we go", undefined],
  ["3 potholes", undefined],
  ["hello", undefined],
  ["", undefined],
])("%j without a keyword", (text, act) => {
  expect(actOf(text, false)).toEqual(act);
});

test.each(["JA", "YEBO", "EWE", "E", "YES"])("%s, as our sentences say it", (yes) => {
  expect(actOf(`${yes} 3`, false)).toEqual(coming(3));
});
test.each(["NEE", "CHA", "HAYI", "TJHE", "NO"])("%s, as our sentences say it", (no) => {
  expect(actOf(no, false)).toEqual({ kind: "not_coming" });
});
test.each(["VRA", "BUZA", "BOTSA"])("%s, as our sentences say it", (ask) => {
  expect(actOf(`${ask} why?`, false)).toEqual({ kind: "ask", question: "why?" });
});
test.each(["HIER", "LAPHA", "APHA", "MONA"])("%s, as our sentences say it", (here) => {
  expect(actOf(`${here} 4821`, false)).toEqual({ kind: "here", code: "4821" });
});

test("the same word, in two languages", () => {
  expect(actOf("ee", false, "st")).toEqual(coming(1));
  expect(actOf("ee", false, "ts")).toEqual({ kind: "not_coming" });
});

test.each([
  ["no, my child is ill", { kind: "not_coming" }],
  ["yes we all come, 4 of us", coming(4)],
  ["when is it?", undefined],
])("%j after the keyword", (text, act) => {
  expect(actOf(text, true)).toEqual(act);
});
