import { describe, expect, it } from "vitest";
import { kindOf } from "../answers/index.ts";
import { commandOf } from "../command.ts";
import type { AnswerSpec, AnswerValue, Flow } from "../flow.ts";
import { fold } from "../fold.ts";
import { parseSentence } from "../text.ts";
import { WORDS } from "./index.ts";
import { PHRASES, type Phrase } from "./words.ts";

/** The eleven written ones; South African Sign Language is not written. */
const OFFICIAL = ["af", "en", "nr", "nso", "ss", "st", "tn", "ts", "ve", "xh", "zu"];
const COMMANDS = ["back", "restart", "skip", "stop", "language"] as const;
const ONE_TO_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Understood on a Sunday in a conversation in this language that all the others are offered in too. */
function heard(spec: AnswerSpec, said: string, language: string): AnswerValue | "again" {
  const hearing = {
    languages: [...new Set([language, ...OFFICIAL])],
    now: "2026-11-22T08:00:00.000Z",
    timezone: "Africa/Johannesburg",
    label: () => "",
  };
  const understood = kindOf(spec).parse(spec, { kind: "said", text: said }, hearing);
  return understood.ok ? understood.value : "again";
}

const offeredIn = (...languages: string[]): Flow => ({ languages }) as unknown as Flow;
const everywhere = offeredIn(...OFFICIAL);

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

  it.each(["yes", "no"] as const)("understands its own %s, also among its sisters", (kind) => {
    expect(words[kind]).not.toEqual([]);
    for (const word of words[kind])
      expect(heard({ type: "yes_no" }, word.toUpperCase(), language), word).toBe(kind === "yes");
  });

  it("counts from one to ten", () => {
    const numbers = Object.entries(words.numbers);
    expect(ONE_TO_TEN.filter((number) => !numbers.some(([, value]) => value === number))).toEqual([]);
    for (const [word, value] of numbers) expect(heard({ type: "number" }, word, language), word).toBe(value);
  });

  it.each(COMMANDS)("has a word for %s, which means the same in a flow in all languages", (kind) => {
    expect(words[kind]).not.toEqual([]);
    for (const word of words[kind]) {
      expect(commandOf(offeredIn(language), word), word).toEqual({ kind });
      expect(commandOf(everywhere, word), word).toEqual({ kind });
    }
  });

  it("has no command that is an answer in any language", () => {
    const all = Object.values(WORDS).flatMap((each) => [
      ...each.yes,
      ...each.no,
      ...Object.keys(each.numbers),
    ]);
    expect(commands.filter((word) => all.includes(word))).toEqual([]);
  });

  it("reads its months and weekdays", () => {
    words.months.forEach((forms, index) => {
      for (const form of forms.filter((each) => !each.includes(" ")))
        expect(heard({ type: "date" }, `5 ${form} 2027`, language), form).toBe(
          `2027-${String(index + 1).padStart(2, "0")}-05`,
        );
    });
    words.weekdays.forEach((forms, index) => {
      for (const form of forms)
        expect(heard({ type: "date" }, form, language), form).toBe(`2026-11-${String(index + 23)}`);
    });
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

describe("between sister languages", () => {
  it.each([
    ["ts", "Ee", false],
    ["ts", "e e", false],
    ["ts", "E-e", false],
    ["tn", "Ee", true],
    ["nso", "ee, ke a dumela", true],
    ["ve", "Ee", true],
    ["ve", "Aiwa", false],
    ["nr", "Awa!", false],
    ["tn", "ee, ga ke rate", "again"],
  ])("%s: %s", (language, said, meaning) => {
    expect(heard({ type: "yes_no" }, said, language)).toBe(meaning);
  });

  it.each([
    ["nr", "itjhumi nambili"],
    ["ss", "lishumi nakubili"],
    ["tn", "lesome le bobedi"],
    ["nso", "lesome le tharo"],
    ["ts", "khume-mbirhi"],
    ["ve", "fumi na nthihi"],
    ["ve", "ṱhanu na mbili"],
  ])("%s: %s is no number that it is not", (language, said) => {
    expect(heard({ type: "number" }, said, language)).toBe("again");
  });

  it.each([
    ["ve", "ṱhanu", 5],
    ["ve", "Ṱahe", 9],
    ["ts", "N\u2019we", 1],
    ["nso", "šupa", 7],
    ["nso", "tshela", 6],
    ["ve", "ina", 4],
  ])("%s: %s", (language, said, value) => {
    expect(heard({ type: "number" }, said, language)).toBe(value);
  });

  it.each([
    ["tn", "ka Labobedi le le tlang", "2026-11-24"],
    ["nso", "Mošupologo wo o tlago", "2026-11-23"],
    ["ts", "hi Ravumbirhi leri taka", "2026-11-24"],
    ["ve", "nga Ḽavhuvhili ḽi ḓaho", "2026-11-24"],
    ["nr", "ngoMvulo ozako", "2026-11-23"],
    ["ss", "3 iNhlaba 2027", "2027-06-03"],
    ["zu", "3 Nhlaba 2027", "2027-05-03"],
    ["tn", "3 Mopitlo 2027", "2027-03-03"],
    ["ts", "mundzuku", "2026-11-23"],
  ])("%s: %s", (language, said, day) => {
    expect(heard({ type: "date" }, said, language)).toBe(day);
  });
});
