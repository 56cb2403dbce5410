import { describe, expect, test } from "vitest";
import { checkWording, type Guideline, NO_GUIDELINES } from "./guidelines.ts";
import { linksIn } from "./links.ts";
import { readingOf, syllablesOf } from "./reading.ts";

const sending = { kind: "service", stopWords: ["STOP"] };
const rule = (of: Guideline["rule"], more: Partial<Guideline> = {}): Guideline => ({
  id: "it",
  level: "advise",
  kinds: [],
  rule: of,
  ...more,
});
const against = (text: string, rules: readonly Guideline[], language = "en", kind = "service") =>
  checkWording(text, language, { ...NO_GUIDELINES, rules }, { ...sending, kind }).map(({ words }) => words);

describe("links", () => {
  test.each([
    ["See umhlanzi.gov.za.", ["umhlanzi.gov.za"]],
    ["See https://www.umhlanzi.gov.za/water, now", ["umhlanzi.gov.za"]],
    ["Read http://evil.example/x", ["evil.example"]],
    ["https://umhlanzi.gov.za@evil.example/pay", ["evil.example"]],
    ["Mail info@umhlanzi.gov.za", []],
    ["Ends.Then goes on, 14.30, e.g. this", []],
    ["bit.ly/abc", ["bit.ly"]],
  ])("%s", (text, domains) => {
    expect(linksIn(text).map(({ domain }) => domain)).toEqual(domains);
  });

  test("short, foreign and insecure links are named by their rule", () => {
    const found = (text: string) =>
      checkWording(
        text,
        "en",
        { rules: [], domains: ["umhlanzi.gov.za"], domainLevel: "block" },
        sending,
      ).map(({ level, rule: by }) => `${level} ${by}`);
    expect(found("bit.ly/x")).toEqual(["advise short-link"]);
    expect(found("https://umhlanzi.gov.za.evil.com")).toEqual(["block foreign-link"]);
    expect(found("https://notumhlanzi.gov.za")).toEqual(["block foreign-link"]);
    expect(found("http://pay.umhlanzi.gov.za")).toEqual(["advise insecure-link"]);
    expect(found("https://pay.umhlanzi.gov.za/x")).toEqual([]);
  });
});

test("nobody can answer a name", () => {
  const from = (text: string) =>
    checkWording(text, "en", NO_GUIDELINES, { ...sending, senderName: "Umhlanzi" }).map(({ level }) => level);
  expect(from("Water is off. Reply STOP for no more messages.")).toEqual(["block"]);
  expect(from("Water is off. STOP: no more.")).toEqual(["block"]);
  expect(from("Water is off.")).toEqual(["advise"]);
  expect(from("Water is off. Call 032 555 0100.")).toEqual([]);
  expect(from("We stop the water. Call 032 555 0100.")).toEqual([]);
});

describe("the municipality's own rules", () => {
  test.each<[string, Guideline["rule"], string, readonly string[]]>([
    [
      "required",
      { kind: "required", what: "Our name", anyOf: { en: ["Umhlanzi"] } },
      "Water is off.",
      ['Our name is missing: write "Umhlanzi".'],
    ],
    [
      "required, there",
      { kind: "required", what: "Our name", anyOf: { en: ["umhlanzi"] } },
      "From UMHLANZI: off.",
      [],
    ],
    [
      "required, part of a word",
      { kind: "required", what: "Stop", anyOf: { en: ["STOP"] } },
      "Busstop",
      ['Stop is missing: write "STOP".'],
    ],
    ["required in another language", { kind: "required", what: "x", anyOf: { zu: ["a"] } }, "b", []],
    [
      "signature",
      { kind: "signature", anyOf: { en: ["Umhlanzi"] } },
      "Umhlanzi: off",
      ['It has to end with "Umhlanzi".'],
    ],
    ["signature, there", { kind: "signature", anyOf: { en: ["Umhlanzi"] } }, "off. Umhlanzi ", []],
    [
      "avoid",
      { kind: "avoid", words: { en: { "prior to": "before" } } },
      "Prior  to noon",
      ['Instead of "prior to" write "before".'],
    ],
    ["avoid, part of a word", { kind: "avoid", words: { en: { use: "x" } } }, "because used", []],
    [
      "exclamation marks",
      { kind: "tone", tone: { exclamationMarks: 0 } },
      "Off!",
      ["Leave out the exclamation marks."],
    ],
    [
      "capitals",
      { kind: "tone", tone: { capitals: { atMost: 0, except: ["EMERGENCY"] } } },
      "EMERGENCY: WATER off",
      ["Words in capitals read as shouting: WATER."],
    ],
    [
      "sentences",
      { kind: "tone", tone: { sentenceWords: 5 } },
      "One two three four five six. Two.",
      ["One sentence has 6 words; at most 5."],
    ],
  ])("%s", (_what, of, text, words) => {
    expect(against(text, [rule(of)])).toEqual(words);
  });

  test("a rule is about its kinds of message only, and an empty text has no faults", () => {
    const stop = rule({ kind: "required", what: "STOP", anyOf: { en: ["STOP"] } }, { kinds: ["awareness"] });
    expect(against("Hello", [stop])).toEqual([]);
    expect(against("Hello", [stop], "en", "awareness")).toHaveLength(1);
    expect(against(" ", [stop], "en", "awareness")).toEqual([]);
  });
});

describe("reading ease", () => {
  test.each([
    ["the", 1],
    ["water", 2],
    ["table", 2],
    ["municipality", 6],
    ["changed", 1],
    ["started", 2],
    ["services", 3],
    ["tree", 1],
  ])("%s has %i syllables", (word, syllables) => {
    expect(syllablesOf(word)).toBe(syllables);
  });

  const plain =
    "The water will be off on Monday from nine to three. We will fix the pipes in your road. Please keep some water for the day.";
  const heavy =
    "Residents are hereby notified that infrastructural rehabilitation necessitates temporary discontinuation of municipal reticulation services, notwithstanding previously communicated operational considerations pertaining to availability.";

  test("plain English is easier than officialese, and only English is measured", () => {
    expect(readingOf(plain, "en").ease).toBeGreaterThan(80);
    expect(readingOf(heavy, "en").ease).toBeLessThan(0);
    expect(readingOf(plain, "zu")).toEqual({ words: 26, sentences: 3, longestSentence: 11 });
    expect(against(heavy, [rule({ kind: "tone", tone: { readingEase: 50 } })])).toHaveLength(1);
    expect(against(plain, [rule({ kind: "tone", tone: { readingEase: 50 } })])).toEqual([]);
  });
});
