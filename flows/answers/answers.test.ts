import { describe, expect, it } from "vitest";
import type { AnswerSpec, AnswerValue } from "../flow.ts";
import type { Hearing, Reply } from "./answer.ts";
import { kindOf } from "./index.ts";

/** A Monday; the municipality is two hours ahead of UTC. */
const NOW = "2026-11-23T08:00:00.000Z";
const hearing = (...languages: string[]): Hearing => ({
  languages: [...languages, "en"],
  now: NOW,
  timezone: "Africa/Johannesburg",
  label: (text) => text[languages[0] ?? "en"] ?? text.en ?? "",
});
const AGAIN = "again";
/** What is understood, with ~ where it is unsure; AGAIN where the person is asked once more. */
function heard(spec: AnswerSpec, said: string, language = "en"): AnswerValue | string {
  const reply: Reply = { kind: "said", text: said };
  const understood = kindOf(spec).parse(spec, reply, hearing(language));
  if (!understood.ok) return understood.precise ? `${AGAIN}: ${JSON.stringify(understood.values)}` : AGAIN;
  return understood.unsure ? `~${JSON.stringify(understood.value)}` : understood.value;
}

describe("number", () => {
  const whole = { type: "number", min: 0, max: 5_000, whole: true } as const;
  it.each([
    ["12", 12],
    ["ward 12", 12],
    ["Ward-5", 5],
    ["12.", 12],
    ["no. 7", 7],
    ["R1 200", 1_200],
    ["1,200", 1_200],
    ["1.200", 1_200],
    ["twelve", 12],
    ["twenty-three", 23],
    ["twenty three people", 23],
    ["two hundred and five", 205],
    ["one thousand two hundred", 1_200],
    ["the second", 2],
    ["１２", 12],
    ["3.5", AGAIN],
    ["3 or 4", AGAIN],
    ["three or four", AGAIN],
    ["3/4", AGAIN],
    ["-3", AGAIN],
    ["9999", AGAIN],
    ["", AGAIN],
    ["many", AGAIN],
    ["1e3", AGAIN],
  ])("whole: %s", (said, value) => expect(heard(whole, said)).toEqual(value));

  it.each([
    ["2,5", 2.5],
    ["2.5 km", 2.5],
    ["-3", -3],
    ["1,200.50", 1_200.5],
    ["1.200,50", 1_200.5],
    ["1 200,50", 1_200.5],
    ["1,200", AGAIN],
  ])("any: %s", (said, value) => expect(heard({ type: "number" }, said)).toEqual(value));

  it.each([
    ["af", "drie", 3],
    ["af", "drie-en-twintig", 23],
    ["af", "vyf en veertig", 45],
    ["af", "honderd en vyf", 105],
    ["zu", "kubili", 2],
    ["zu", "isithupha", 6],
    ["xh", "sixhenxe", 7],
    ["xh", "ntathu", 3],
    ["st", "tharo", 3],
    ["tn", "supa", 7],
    ["nso", "seswai", 8],
    ["ts", "mbirhi", 2],
    ["ss", "kutsatfu", 3],
    ["ve", "tharu", 3],
    ["nr", "kuthathu", 3],
    ["zu", "five", 5],
  ])("%s: %s", (language, said, value) => expect(heard(whole, said, language)).toEqual(value));
});

describe("yes or no", () => {
  const spec = { type: "yes_no" } as const;
  it.each([
    ["en", "Yes", true],
    ["en", "YES!!", true],
    ["en", "y", true],
    ["en", "yes I will come", true],
    ["en", "no thank you", false],
    ["en", "No, sorry", false],
    ["en", "1", true],
    ["en", "2", false],
    ["en", "👍🏾", true],
    ["en", "👎", false],
    ["en", "👍👎", AGAIN],
    ["en", "yes no", AGAIN],
    ["en", "yes but not on Saturday", AGAIN],
    ["en", "maybe", AGAIN],
    ["en", "3", AGAIN],
    ["en", "defnitely", "~true"],
    ["af", "Ja", true],
    ["af", "nee dankie", false],
    ["zu", "Yebo", true],
    ["zu", "cha", false],
    ["zu", "Qha", false],
    ["xh", "Ewe", true],
    ["xh", "hayi", false],
    ["st", "Ee", true],
    ["st", "tjhe", false],
    ["tn", "ee", true],
    ["tn", "nnyaa", false],
    ["nso", "aowa", false],
    ["ts", "ina", true],
    ["ss", "yebo", true],
    ["ve", "hai", false],
    ["nr", "iye", true],
    ["nr", "awa", false],
    ["zu", "yes", true],
  ])("%s: %s", (language, said, value) => expect(heard(spec, said, language)).toEqual(value));
});

const choices = [
  {
    id: "water",
    label: { en: "Water and sanitation", zu: "Amanzi nokuthuthwa kwendle" },
    synonyms: { en: ["water", "toilets"], zu: ["amanzi"] },
  },
  { id: "electricity", label: { en: "Electricity", zu: "Ugesi" } },
  { id: "roads", label: { en: "Roads", zu: "Imigwaqo" }, synonyms: { en: ["potholes"] } },
  { id: "boards", label: { en: "Boards", zu: "Amabhodi" } },
  { id: "library", label: { en: "Library", zu: "Umtapo wolwazi" } },
];

describe("one choice", () => {
  const spec = { type: "choice", choices } as const;
  it.each([
    ["1", "water"],
    ["5.", "library"],
    ["(3)", "roads"],
    ["no 2", "electricity"],
    ["option 2", "electricity"],
    ["B", "electricity"],
    ["two", "electricity"],
    ["the second", '~"electricity"'],
    ["Water and sanitation", "water"],
    ["ELECTRICITY", "electricity"],
    ["potholes", "roads"],
    ["amanzi", "water"],
    ["elec", '~"electricity"'],
    ["electrcity", '~"electricity"'],
    ["Libary", '~"library"'],
    ["I want the roads fixed", '~"roads"'],
    ["0", AGAIN],
    ["6", AGAIN],
    ["z", AGAIN],
    ["not the roads", AGAIN],
    ["something else", AGAIN],
    ["roads and water", `${AGAIN}: {"first":"Water and sanitation","second":"Roads"}`],
    ["roards", `${AGAIN}: {"first":"Roads","second":"Boards"}`],
    ["", AGAIN],
  ])("%s", (said, value) => expect(heard(spec, said)).toEqual(value));

  it("shows the label in the session's language", () => {
    expect(kindOf(spec).show(spec, "roads", hearing("zu"))).toBe("Imigwaqo");
  });
});

describe("several choices", () => {
  const spec = { type: "choices", choices } as const;
  it.each([
    ["1,3", ["water", "roads"]],
    ["3 1", ["water", "roads"]],
    ["1 and 3", ["water", "roads"]],
    ["1 & 3", ["water", "roads"]],
    ["1-3", ["water", "electricity", "roads"]],
    ["13", ["water", "roads"]],
    ["1,1", ["water"]],
    ["a, c", ["water", "roads"]],
    ["two and five", ["electricity", "library"]],
    ["Water and sanitation, roads", ["water", "roads"]],
    ["roads and water", ["water", "roads"]],
    ["roads\nlibrary", ["roads", "library"]],
    ["library, electrcity", '~["electricity","library"]'],
    ["all", ["water", "electricity", "roads", "boards", "library"]],
    ["1, 9", AGAIN],
    ["17", AGAIN],
    ["roads, bananas", AGAIN],
    ["roads but not water", AGAIN],
    ["roards, library", `${AGAIN}: {"first":"Roads","second":"Boards"}`],
    ["", AGAIN],
  ])("%s", (said, value) => expect(heard(spec, said)).toEqual(value));

  it.each([
    ["1", AGAIN],
    ["1,2", ["water", "electricity"]],
    ["1,2,3", AGAIN],
  ])("exactly two: %s", (said, value) => expect(heard({ ...spec, min: 2, max: 2 }, said)).toEqual(value));
});

describe("scale", () => {
  const spec = {
    type: "scale",
    from: 1,
    to: 5,
    labels: { "1": { en: "Very bad" }, "5": { en: "Very good" } },
  } as const;
  it.each([
    ["4", 4],
    ["four", 4],
    ["a 3 please", 3],
    ["Very good", 5],
    ["very godo", "~5"],
    ["0", AGAIN],
    ["6", AGAIN],
    ["4.5", AGAIN],
    ["5/5", AGAIN],
    ["good", AGAIN],
  ])("%s", (said, value) => expect(heard(spec, said)).toEqual(value));
});

describe("date", () => {
  const spec = { type: "date" } as const;
  it.each([
    ["en", "today", "2026-11-23"],
    ["en", "Tomorrow", "2026-11-24"],
    ["en", "day after tomorrow", "2026-11-25"],
    ["en", "Friday", '~"2026-11-27"'],
    ["en", "next monday", '~"2026-11-30"'],
    ["en", "on Sat", '~"2026-11-28"'],
    ["en", "2026-12-03", "2026-12-03"],
    ["en", "2026/12/03", "2026-12-03"],
    ["en", "3/12/2026", '~"2026-12-03"'],
    ["en", "23/12/26", "2026-12-23"],
    ["en", "3.12.2026", '~"2026-12-03"'],
    ["en", "12/23/2026", '~"2026-12-23"'],
    ["en", "5/5", "2027-05-05"],
    ["en", "3 December", "2026-12-03"],
    ["en", "3rd of December 2026", "2026-12-03"],
    ["en", "December 3, 2026", "2026-12-03"],
    ["en", "3dec26", "2026-12-03"],
    ["en", "Thursday 3 December", "2026-12-03"],
    ["en", "3 Decmber", '~"2026-12-03"'],
    ["en", "1 Jan", "2027-01-01"],
    ["en", "29 Feb 2028", "2028-02-29"],
    ["en", "29 Feb 2027", AGAIN],
    ["en", "31/11", AGAIN],
    ["en", "45/13", AGAIN],
    ["en", "3 or 4 December", AGAIN],
    ["en", "December", AGAIN],
    ["en", "soon", AGAIN],
    ["en", "", AGAIN],
    ["af", "more", "2026-11-24"],
    ["af", "môre", "2026-11-24"],
    ["af", "vandag", "2026-11-23"],
    ["af", "oormôre", "2026-11-25"],
    ["af", "3 Desember 2026", "2026-12-03"],
    ["af", "3de Des", "2026-12-03"],
    ["af", "volgende Vrydag", '~"2026-11-27"'],
    ["zu", "kusasa", "2026-11-24"],
    ["zu", "namhlanje", "2026-11-23"],
    ["zu", "3 Disemba", "2026-12-03"],
    ["zu", "3 kuZibandlela", '~"2026-12-03"'],
    ["zu", "ngoLwesihlanu", '~"2026-11-27"'],
    ["zu", "uMgqibelo", '~"2026-11-28"'],
    ["xh", "ngomso", "2026-11-24"],
    ["xh", "3 eyoMnga 2026", "2026-12-03"],
    ["xh", "ngoLwesihlanu", '~"2026-11-27"'],
    ["st", "hosane", "2026-11-24"],
    ["st", "3 Tshitwe 2026", "2026-12-03"],
    ["st", "Labohlano", '~"2026-11-27"'],
  ])("%s: %s", (language, said, value) => expect(heard(spec, said, language)).toEqual(value));

  it.each([
    ["1 March", "2026-03-01"],
    ["23 November", "2026-11-23"],
    ["24 November", "2025-11-24"],
    ["3/4/85", '~"1985-04-03"'],
    ["24 November 2026", AGAIN],
    ["Friday", '~"2026-11-20"'],
  ])("in the past: %s", (said, value) => expect(heard({ type: "date", max: "today" }, said)).toEqual(value));
});

describe("place", () => {
  const spec = { type: "location" } as const;
  it.each([
    ["-29.7401, 31.0702", { latitude: -29.7401, longitude: 31.0702 }],
    ["Ward 5", { label: "Ward 5" }],
    ["eMlazi", { label: "eMlazi" }],
    ["?", AGAIN],
    ["", AGAIN],
  ])("%s", (said, value) => expect(heard(spec, said)).toEqual(value));
});

describe("what is remembered between calls", () => {
  it("does not let one question's choices answer another's", () => {
    const other = [
      { id: "x", label: { en: "Roads" } },
      { id: "y", label: { en: "Parks" } },
    ];
    expect(heard({ type: "choice", choices }, "roads")).toBe("roads");
    expect(heard({ type: "choice", choices: other }, "roads")).toBe("x");
  });
});
