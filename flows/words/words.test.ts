import { describe, expect, it } from "vitest";
import { fold } from "../fold.ts";
import { parseSentence } from "../text.ts";
import { WORDS } from "./index.ts";
import { PHRASES, type Phrase } from "./words.ts";

/** The eleven written ones; South African Sign Language is not written. */
const OFFICIAL = ["af", "en", "nr", "nso", "ss", "st", "tn", "ts", "ve", "xh", "zu"];
const COMMANDS = ["back", "restart", "skip", "stop", "language"] as const;

it("has every official language that is written", () => {
  expect(Object.keys(WORDS).toSorted()).toEqual(OFFICIAL);
});

it("says every phrase in English", () => {
  expect(Object.keys(WORDS.en?.phrases ?? {}).toSorted()).toEqual(Object.keys(PHRASES).toSorted());
});

describe.each(Object.entries(WORDS))("%s", (language, words) => {
  const answers = [...words.yes, ...words.no, ...Object.keys(words.numbers)];
  const commands = COMMANDS.flatMap((kind) => words[kind]);

  it("is folded, as replies are", () => {
    const all = [
      ...words.names,
      ...answers,
      ...commands,
      ...words.all,
      ...words.and,
      ...words.or,
      ...words.not,
      ...words.months.flat(),
      ...words.weekdays.flat(),
      ...Object.keys(words.days),
      ...words.next,
    ];
    expect(all.filter((word) => fold(word) !== word)).toEqual([]);
  });

  it("has no word with two meanings", () => {
    const yes = new Set(words.yes);
    expect(words.no.filter((word) => yes.has(word))).toEqual([]);
    expect(commands.filter((word, index) => commands.indexOf(word) !== index)).toEqual([]);
    expect([...commands, ...words.names].filter((word) => answers.includes(word))).toEqual([]);
  });

  it("is called by no word that is an answer in any language", () => {
    const everywhere = Object.values(WORDS).flatMap(({ yes, no, numbers }) => [
      ...yes,
      ...no,
      ...Object.keys(numbers),
    ]);
    expect(words.names.filter((name) => everywhere.includes(name))).toEqual([]);
  });

  it("has all months and days, or none", () => {
    expect([0, 12]).toContain(words.months.length);
    expect([0, 7]).toContain(words.weekdays.length);
  });

  it("says phrases with the values that they have", () => {
    for (const [phrase, source] of Object.entries(words.phrases)) {
      const known: readonly string[] = PHRASES[phrase as Phrase];
      expect(parseSentence(source, language).names.filter((name) => !known.includes(name))).toEqual([]);
      expect(source.length).toBeLessThanOrEqual(120);
    }
  });
});
