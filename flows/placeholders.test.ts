import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cleanValue,
  fieldsOf,
  fillFor,
  fillVariant,
  nearNames,
  placeholdersOf,
  variantsOf,
  withoutPlaceholders,
} from "./placeholders.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: one of the marks is one.
const marks = /[{}\u0001\ue000]/g;

describe("one person's text", () => {
  test.each([
    ["Hello {name}!", { name: "Thandi" }, "Hello Thandi!"],
    ["Hello {name}!", {}, "Hello!"],
    ["Dear {name}, water is off.", {}, "Dear, water is off."],
    ["{name}, water is off.", {}, "Water is off."],
    ["{name|Neighbour}, water is off.", {}, "Neighbour, water is off."],
    ["Molo {name|mmelwane}! Molo {name}!", {}, "Molo mmelwane! Molo!"],
    ["Ward {ward|?}: {street|your street}", { ward: "3" }, "Ward 3: your street"],
    ["{name}: {street}", { name: "A", street: "{name}" }, "A: {name}"],
    ["{name} {ward}", { name: "{ward|x} \\1 $1 $&", ward: "4" }, "{ward|x} \\1 $1 $& 4"],
    ["Hi {name}", { name: " Anna\n\tde\u00a0 Wet\u2028" }, "Hi Anna de Wet"],
    ["Hi {name|friend}", { name: " \n\u0001 " }, "Hi friend"],
    ["Hi {name|friend}", { name: "\u00010" }, "Hi 0"],
    ["Hi {name}", { name: "x".repeat(50) }, `Hi ${"x".repeat(40)}`],
    ["No name here", {}, "No name here"],
    ["Not {Name} nor {na me} nor {}", { name: "A" }, "Not {Name} nor {na me} nor {}"],
  ])("%j for %j", (text, values: Record<string, string>, wanted) => {
    expect(fillFor(text, values)).toBe(wanted);
  });
});

test("a value is cut at whole characters", () => {
  expect(cleanValue("😀".repeat(41))).toBe("😀".repeat(40));
});

test("fields stand once, in order; what is left in braces is no placeholder", () => {
  expect(fieldsOf({ en: "{ward} {name|x} {ward|y}", zu: "{street}" })).toEqual(["name", "street", "ward"]);
  expect(placeholdersOf("{ward|y}")).toEqual([{ field: "ward", fallback: "y" }]);
  expect(withoutPlaceholders("{ward} {Oops}")).toBe(" {Oops}");
});

test("there is one variant for each gap, and nothing of a placeholder is left in any", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom("{name}", "{ward|your ward}", "{street}", "{name|friend}", " ", ", ", "Water"),
          fc.string({ maxLength: 5 }).map((text) => text.replace(marks, "")),
        ),
        { maxLength: 12 },
      ),
      (parts) => {
        const text = parts.join("");
        const fields = fieldsOf({ text });
        const variants = variantsOf(text, fields);
        expect(variants).toHaveLength(2 ** fields.length);
        variants.forEach((variant, gap) => {
          const values = fields.map((field, at) => ((gap & (1 << at)) === 0 ? `<${field}>` : "!never!"));
          const filled = fillVariant(variant, values);
          expect(filled).not.toMatch(marks);
          expect(filled).not.toContain("!never!");
        });
      },
    ),
  );
});

test.each([
  ["wrad", ["ward"]],
  ["strt", ["street"]],
  ["street_nam", ["street_name", "street"]],
  ["zzz", []],
])("%s was probably %j", (typed, near) => {
  expect(nearNames(typed, ["name", "street", "street_name", "ward"])).toEqual(near);
});
