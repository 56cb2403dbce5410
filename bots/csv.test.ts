import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine, plainText } from "./csv.ts";

test.each([
  ["=1+1", "'=1+1"],
  ["+27 82", "'+27 82"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ["\uff1d1", "'\uff1d1"],
  ["water", "water"],
  ["2-3", "2-3"],
])("the text %j is no formula in a spreadsheet", (text, written) => {
  expect(csvLine([text])).toBe(`${written}\r\n`);
});

test("a number stays a number, a quote and a line break stay in their cell", () => {
  expect(csvLine([-2, 'say "no"', "a\nb", null, true, "=A1,B1"])).toBe(
    '-2,"say ""no""","a\nb",,true,"\'=A1,B1"\r\n',
  );
});

test("what a person puts before a number is no part of it; an apostrophe of the text stays", () => {
  expect(plainText("'082 555 0101")).toBe("082 555 0101");
  expect(plainText("'n Nuwe pad")).toBe("'n Nuwe pad");
});

test("a written cell reads as it was", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom("=1", "+27821234567", " -3", "'n")), (text) => {
      fc.pre(!text.includes("\0") && plainText(text) === text);
      const line = csvLine([text]).slice(0, -2);
      const cell = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
      expect(plainText(cell)).toBe(text);
    }),
  );
});
