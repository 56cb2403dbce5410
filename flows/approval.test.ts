import fc from "fast-check";
import { expect, test } from "vitest";
import { type Approvable, canonicalJson, contentHash, mayApprove, whyNotApprove } from "./approval.ts";

const subject: Approvable = {
  awaitingApproval: true,
  whyNot: "It is being sent.",
  contentHash: "abc",
  authors: ["ayanda"],
};
const bongani = { id: "bongani", allowed: true };

test.each([
  ["a second person with the role", bongani, {}, "abc", undefined],
  ["without the role", { id: "bongani", allowed: false }, {}, "abc", "not_allowed"],
  ["the author", { id: "ayanda", allowed: true }, {}, "abc", "own_work"],
  ["one of several authors", bongani, { authors: ["ayanda", "bongani"] }, "abc", "own_work"],
  ["it waits no longer", bongani, { awaitingApproval: false }, "abc", "not_waiting"],
  ["an older content was seen", bongani, {}, "abd", "changed"],
  ["nothing was seen", bongani, {}, "", "changed"],
  [
    "the author without the role is told about the role",
    { id: "ayanda", allowed: false },
    {},
    "abc",
    "not_allowed",
  ],
])("%s", (_case, approver, change, seen, code) => {
  const asked = { ...subject, ...change };
  const refusal = whyNotApprove(approver, asked, seen);
  expect(refusal?.code).toBe(code);
  expect(mayApprove(approver, asked, seen)).toBe(code === undefined);
  if (code === "not_waiting") expect(refusal?.words).toBe("It is being sent.");
});

test("one hash for one content, whatever the order of keys; another for every other", () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    contentHash({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
  expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
  expect(contentHash({ a: "1" })).not.toBe(contentHash({ a: 1 }));
});

test("canonical JSON is JSON: it reads back as what went in", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});
