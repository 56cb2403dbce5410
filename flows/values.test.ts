import { describe, expect, test } from "vitest";
import { fillIn } from "./broadcast-template.ts";
import { type ValueDeclaration, writeValue } from "./values.ts";

const writing = { defaultLanguage: "en", country: "ZA", currency: "ZAR" };
const value = (type: ValueDeclaration["type"], more: Partial<ValueDeclaration> = {}): ValueDeclaration => ({
  type,
  label: "It",
  ...more,
});

describe("a value is written as the language's readers write it", () => {
  const options = { water: { en: "water", zu: "amanzi" }, power: { en: "electricity" } };
  test.each([
    ["date", "2026-12-10", "en", "10 December 2026"],
    ["date", "2026-12-10", "af", "10 Desember 2026"],
    ["date", "2026-12-10", "zu", "Disemba 10, 2026"],
    // Intl does not know Tshivenda: its readers get the default language's, on every machine.
    ["date", "2026-12-10", "ve", "10 December 2026"],
    ["time", "09:05", "en", "09:05"],
    ["number", "12345.5", "en", "12 345,5"],
    ["money", "250", "en", "R 250"],
    ["money", "1250.5", "af", "R 1 250,50"],
    ["text", "  Main\n Road ", "en", "Main Road"],
    ["choice", "water", "zu", "amanzi"],
    ["choice", "power", "zu", "electricity"],
  ] as const)("%s %s in %s", (type, given, language, wanted) => {
    const declared = value(type, type === "choice" ? { options } : {});
    expect(writeValue(declared, given, { ...writing, language })).toEqual({ ok: true, text: wanted });
  });

  test.each([
    ["date", "2026-02-30", "not a date"],
    ["date", "10/12/2026", "not a date"],
    ["time", "25:00", "not a time"],
    ["number", "many", "not a number"],
    ["money", "R5", "not an amount"],
    ["choice", "gas", "not one of: water, power"],
    ["text", "{name}", "Braces"],
    ["text", " ", 'Fill in "It".'],
  ] as const)("%s %s is refused", (type, given, words) => {
    const declared = value(type, type === "choice" ? { options } : {});
    const written = writeValue(declared, given, { ...writing, language: "en" });
    expect(written).toEqual({ ok: false, words: expect.stringContaining(words) });
  });
});

test("what was given goes into each text; what was not stays, and is named", () => {
  const texts = { en: "{name|You}: {day} in {area}", zu: "{day}!" };
  const values = { day: value("date"), area: value("text", { label: "Where" }) };
  expect(fillIn(texts, values, { day: "2026-12-10" }, writing)).toEqual({
    texts: { en: "{name|You}: 10 December 2026 in {area}", zu: "Disemba 10, 2026!" },
    faults: { area: 'Fill in "Where".' },
  });
});
