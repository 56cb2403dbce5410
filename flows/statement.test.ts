import { describe, expect, it } from "vitest";
import {
  checkStatement,
  draftHolding,
  fill,
  markExercise,
  type StatementDraft,
  type StatementFacts,
} from "./statement.ts";

const facts: StatementFacts = {
  area: { en: "ward 4", zu: "iwadi 4" },
  time: "14:05",
  next_update: "15:05",
  municipality: "Umhlanzi",
  contact: "032 555 0100",
};

const good: StatementDraft = {
  kind: "holding",
  texts: {
    en: "Umhlanzi: do not drink the water in Riverbend, ward 4. Next update at 16:30.",
    zu: "Umhlanzi: ungawaphuzi amanzi eRiverbend, iwadi 4. Okulandelayo ngo-16h30.",
  },
  places: ["Riverbend"],
  languages: ["en", "zu"],
  defaultLanguage: "en",
  replaces: false,
};
const en = (text: string): Partial<StatementDraft> => ({ texts: { en: text }, languages: ["en"] });

const cases: readonly [string, Partial<StatementDraft>, string[]][] = [
  ["nothing wrong; 16:30 and 16h30 are one time", {}, []],
  [
    "a language without a text",
    { texts: { en: good.texts.en ?? "", zu: "" } },
    ["block language_missing zu"],
  ],
  [
    "a number that was left out in one language",
    { texts: { en: good.texts.en ?? "", zu: "Ungawaphuzi amanzi eRiverbend. Okulandelayo ngo-16h30." } },
    ["block numbers_differ zu"],
  ],
  [
    "a number that only one language has",
    { texts: { ...good.texts, zu: `${good.texts.zu} Shayela 112.` } },
    ["block numbers_differ zu"],
  ],
  [
    "the same text pasted",
    { texts: { en: good.texts.en ?? "", zu: good.texts.en ?? "" } },
    ["block pasted zu"],
  ],
  ["a placeholder left", en("{area}: Riverbend. At 16:30."), ["block placeholder_left en"]],
  ["a blank to fill in", en("Riverbend [time]. At 16:30."), ["block placeholder_left en"]],
  ["no time of the next word", en("Do not drink the water in Riverbend."), ["block no_next_update en"]],
  [
    "an update without one",
    { kind: "update", ...en("Riverbend: still closed.") },
    ["advise no_next_update en"],
  ],
  ["your area, and no place", en("Water in your area. 16:30."), ["block your_area en"]],
  ["no place at all", en("The water is not safe. 16:30."), ["advise area_not_named en"]],
  ["a drill's mark in a text", en("EXERCISE: Riverbend 16:30."), ["block exercise_marker en"]],
  ["a short link", en("Riverbend 16:30 https://bit.ly/x1"), ["block short_link en"]],
  ["an identity number", en("Riverbend 16:30 call 8001015009087"), ["block identity_number en"]],
  ["thirteen digits that are none", en("Riverbend 16:30 meter 8001015009088"), []],
  ["vague and loud", en("Riverbend at 16:30, soon!!"), ["advise vague_time en", "advise shouting en"]],
  ["a correction of nothing", { kind: "correction" }, ["block nothing_replaced"]],
  ["a correction of what was said", { kind: "correction", replaces: true }, []],
  ["too long", en(`Riverbend 16:30 ${"a".repeat(1200)}`), ["block too_long en"]],
];

describe("what a statement must hold", () => {
  it.each(cases)("%s", (_what, change, expected) => {
    const findings = checkStatement({ ...good, ...change });
    expect(
      findings.map(({ level, rule, language }) => [level, rule, language].filter(Boolean).join(" ")),
    ).toEqual(expected);
    for (const { words } of findings) expect(words).toMatch(/\S.*\.$/);
  });
});

describe("a draft", () => {
  it("says what, what to do, what is not known, what we do and when we speak again", () => {
    const parts = {
      known: "{municipality} {time}: water in {area}.",
      do: "Boil.",
      not_known: "Cause?",
      doing: "Testing.",
      next: "{next_update}",
    };
    expect(draftHolding({ en: parts, zu: parts }, facts)).toEqual({
      en: "Umhlanzi 14:05: water in ward 4.\nBoil.\nCause?\nTesting.\n15:05",
      zu: "Umhlanzi 14:05: water in iwadi 4.\nBoil.\nCause?\nTesting.\n15:05",
    });
  });

  it("keeps a placeholder that has no value, so that it blocks", () => {
    expect(fill("{area} {what}", "en", { ...facts, area: {} })).toBe("{area} {what}");
  });

  it("is marked at both ends in a drill", () => {
    expect(markExercise("Boil.")).toMatch(/^EXERCISE.*\nBoil\.\nEXERCISE$/);
  });
});
