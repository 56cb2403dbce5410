import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withNames } from "./named-themes.ts";
import { redact } from "./redact.ts";
import { themesOf } from "./themes.ts";

const en = (...texts: string[]) => texts.map((text) => ({ text, language: "en" }));
const WATER = en(
  "Fix the water pipes in ward 3",
  "The water pipe is leaking, fix it",
  "water pipes leak every week",
  "Please fix the leaking water pipe",
);
const LIGHTS = en(
  "Street lights are off at night",
  "We need street lights, the street is dark",
  "The street lights do not work at night",
);
const ZULU = [
  { text: "Sicela amanzi ahlanzekile", language: "zu" },
  { text: "Amanzi awahlanzekile lapha", language: "zu" },
];

describe("open answers", () => {
  test("those that resemble each other stand together, by language, the most first", () => {
    const themes = themesOf([...LIGHTS, ...ZULU, ...WATER]);
    expect(themes.map(({ language, size }) => [language, size])).toEqual([
      ["en", 4],
      ["en", 3],
      ["zu", 2],
    ]);
    expect(themes[0]?.terms).toContain("water");
    expect(themes[1]?.terms.slice(0, 2).toSorted()).toEqual(["lights", "street"]);
    expect(themes[2]?.terms).toContain("amanzi");
  });

  test("spelling mistakes do not part them, an answer like no other stands alone", () => {
    const themes = themesOf([...WATER, ...en("watter pipes leking fix", "Build a library for children")]);
    expect(themes.map(({ size }) => size)).toEqual([5, 1]);
  });

  test("quotes are the answers' own, each once, the typical one first and then the breadth", () => {
    const [theme] = themesOf([...WATER, ...WATER]);
    expect(theme?.size).toBe(8);
    expect(new Set(theme?.quotes).size).toBe(3);
    for (const quote of theme?.quotes ?? []) expect(WATER.map(({ text }) => text)).toContain(quote);
  });

  test("of very many some are grouped and the others laid to the nearest: nobody is lost", () => {
    const many = Array.from({ length: 1_500 }, (_, i) => (i % 3 === 0 ? LIGHTS : WATER)[i % 3]).flatMap(
      (a) => (a ? [a] : []),
    );
    const themes = themesOf(many);
    expect(themes.reduce((sum, { size }) => sum + size, 0)).toBe(many.length);
    expect(themes[0]?.size).toBe(1_000);
  });

  test("every answer is in one group, whatever it says and in whatever order they come", () => {
    const answer = fc.record({ text: fc.string({ maxLength: 40 }), language: fc.constantFrom("en", "zu") });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
        const themes = themesOf(answers);
        const said = answers.filter(({ text }) => text.trim() !== "");
        expect(themes.reduce((sum, { size }) => sum + size, 0)).toBe(said.length);
        expect(themesOf(answers.toReversed())).toEqual(themes);
      }),
      { numRuns: 100 },
    );
  });
});

describe("names that people gave to themes", () => {
  const named = (name: string, language: string, ...terms: string[]) => ({
    id: name,
    question: "q",
    language,
    terms,
    name,
  });
  const NAMES = [
    named("Water", "en", "water", "pipe", "leak", "fix"),
    named("water", "zu", "amanzi"),
    named("Roads", "en", "road", "potholes"),
  ];

  test("themes of one name are one, in whatever languages; those without stay", () => {
    const themes = withNames(themesOf([...LIGHTS, ...ZULU, ...WATER]), NAMES);
    expect(themes.map(({ name, size, languages }) => [name, size, languages])).toEqual([
      ["Water", 6, ["en", "zu"]],
      [null, 3, ["en"]],
    ]);
    // Both languages are quoted.
    expect(themes[0]?.quotes.some((quote) => ZULU.some(({ text }) => text === quote))).toBe(true);
  });

  test("a name stays with what it was given to when more answers come", () => {
    const more = en(
      "The water pipe in my street leaks",
      "No water since Monday",
      "Please repair the leaking pipe",
    );
    const [first] = withNames(themesOf([...WATER, ...more, ...LIGHTS]), NAMES);
    expect(first?.name).toBe("Water");
  });

  test("nobody is lost by naming", () => {
    const all = [...LIGHTS, ...ZULU, ...WATER];
    const size = (themes: readonly { size: number }[]) => themes.reduce((sum, t) => sum + t.size, 0);
    fc.assert(
      fc.property(fc.subarray(all), fc.subarray(NAMES), (answers, names) => {
        const themes = themesOf(answers);
        expect(size(withNames(themes, names))).toBe(size(themes));
      }),
      { numRuns: 50 },
    );
  });
});

test.each([
  ["Call me on 082 123 4567 please", "Call me on [number] please"],
  ["+27 82 123-4567", "[number]"],
  ["my id is 8001015009087.", "my id is [identity number]."],
  ["write to Thandi.M@example.co.za!", "write to [e-mail]!"],
  ["Ward 3 has 12 000 people and R1 200 000 in 2026", "Ward 3 has 12 000 people and R1 200 000 in 2026"],
])("%s is published as %s", (said, published) => {
  expect(redact(said)).toBe(published);
});
