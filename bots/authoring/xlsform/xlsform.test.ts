import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import writeXlsx from "write-excel-file/node";
import { type AnswerValue, checkFlow, type FlowDefinition, start, turn } from "#flows";
import { draftLibrary } from "../library.ts";
import { importXlsForm } from "./index.ts";
import { type Meaning, toCel } from "./to-cel.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saypro-xlsform-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Sheet = readonly (readonly (string | number | null)[])[];
let files = 0;

/** A workbook as a spreadsheet program writes it. */
async function workbook(sheets: Readonly<Record<string, Sheet>>): Promise<string> {
  files += 1;
  const path = join(folder, `form-${files}.xlsx`);
  await writeXlsx(
    Object.entries(sheets).map(([sheet, rows]) => ({
      sheet,
      data: rows.map((row) => row.map((value) => (value === null ? null : { value }))),
    })) as never,
  ).toFile(path);
  return path;
}

const around = {
  id: "form",
  keywords: [],
  defaultLanguage: "en",
  languages: [
    { code: "en", name: "English" },
    { code: "zu", name: "isiZulu" },
    { code: "af", name: "Afrikaans" },
  ],
};
const imported = async (sheets: Readonly<Record<string, Sheet>>) =>
  importXlsForm(await workbook(sheets), around);
const lines = (
  findings: Awaited<ReturnType<typeof imported>>["findings"],
  severity: "error" | "note",
): string[] =>
  findings.filter((f) => f.severity === severity).map(({ sheet, row, what }) => `${sheet} ${row}: ${what}`);

/** What one person hears and what is understood, reply by reply. */
function talk(flow: FlowDefinition, replies: readonly string[], language = "en") {
  const library = draftLibrary([flow]);
  const context = { now: "2026-11-23T08:00:00Z", language, contact: { fields: {} } };
  let taken = start(library, flow.id, 1, "s", context);
  const heard: string[] = [];
  for (let n = 0; ; n++) {
    for (const effect of taken.effects) if (effect.kind === "send") heard.push(effect.text);
    const text = replies[n];
    if (text === undefined) break;
    taken = turn(library, taken.session, { kind: "said", text }, context);
  }
  return { heard, answers: taken.session.answers as Record<string, AnswerValue>, state: taken.session.state };
}

const HOUSEHOLD = {
  survey: [
    [
      "type",
      "name",
      "label::English (en)",
      "label::isiZulu (zu)",
      "relevant",
      "constraint",
      "constraint_message::English (en)",
      "required",
      "calculation",
      "default",
      "choice_filter",
      "hint::English (en)",
    ],
    [
      "note",
      "hello",
      "Hello, this is the {ward} survey.",
      "Sawubona.",
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    ],
    [
      "integer",
      "Age",
      "How old are you?",
      "Uneminyaka emingaki?",
      null,
      ". >= 18 and . <= 120",
      "Only adults may answer.",
      "yes",
      null,
      null,
      null,
      "In years",
    ],
    [
      "select_one yes_no",
      "works",
      "Do you work?",
      "Uyasebenza?",
      null,
      null,
      null,
      "yes",
      null,
      null,
      null,
      null,
    ],
    ["begin_group", "job", "Work", null, "${works} = '1'", null, null, null, null, null, null, null],
    ["select_one area", "area", "Where?", "Kuphi?", null, null, null, "yes", null, null, null, null],
    [
      "select_one town",
      "town",
      "In which town?",
      "Kuliphi idolobha?",
      null,
      null,
      null,
      "yes",
      null,
      null,
      "area=${area}",
      null,
    ],
    ["end_group", null, null, null, null, null, null, null, null, null, null, null],
    [
      "select_multiple problem or_other",
      "problems",
      "What are the problems at ${Age}?",
      "Yiziphi izinkinga?",
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    ],
    [
      "text",
      "water",
      "Tell us about the water.",
      "Sitshele ngamanzi.",
      "selected(${problems}, 'water') and not(${works} = '0')",
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    ],
    ["calculate", "older", null, null, null, null, null, null, "${Age} + 10", null, null, null],
    ["rank problem", "order", "Rank them", "Zihlele", null, null, null, "yes", null, null, null, null],
    ["range", "mark", "Give a mark", "Nikeza iphuzu", null, null, null, null, null, 3, null, null],
  ],
  choices: [
    ["list_name", "name", "label::English (en)", "label::isiZulu (zu)", "area"],
    ["yes_no", 1, "Yes", "Yebo", null],
    ["yes_no", 0, "No", "Cha", null],
    ["area", "north", "North", "Enyakatho", null],
    ["area", "south", "South", "Eningizimu", null],
    ["town", "hill", "Hillside", "Hillside", "north"],
    ["town", "port", "Port", "Port", "south"],
    ["problem", "water", "Water", "Amanzi", null],
    ["problem", "roads", "Roads", "Imigwaqo", null],
  ],
  settings: [
    ["form_title", "form_id", "default_language"],
    ["Household survey", "Household_2026", "English (en)"],
  ],
} satisfies Record<string, Sheet>;

describe("a household survey", () => {
  let flow: FlowDefinition;
  beforeAll(async () => {
    const { flow: read, findings } = await imported(HOUSEHOLD);
    expect(lines(findings, "error")).toEqual([]);
    flow = read;
  });

  it("is a flow that may be published, in both languages", () => {
    expect(flow).toMatchObject({
      id: "household-2026",
      title: { en: "Household survey" },
      languages: ["en", "zu"],
    });
    expect(checkFlow(flow).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("asks, checks, passes over and filters as the form says", () => {
    const { heard, answers, state } = talk(flow, [
      "17",
      "40",
      "yes",
      "south",
      "port",
      "water",
      "It is brown",
      "2,1",
      "skip",
    ]);
    expect(heard).toEqual([
      "Hello, this is the {ward} survey.",
      "How old are you?\nIn years",
      "Only adults may answer.",
      "Do you work?",
      "Where?",
      "In which town?",
      "What are the problems at 40?",
      "Tell us about the water.",
      "Rank them",
      "Give a mark",
    ]);
    expect(answers).toEqual({
      age: 40,
      works: "c1",
      area: "south",
      town: "port",
      problems: ["water"],
      water: "It is brown",
      order: ["roads", "water"],
      mark: 3,
    });
    expect(state).toBe("ended");
  });

  it("leaves a group out, and asks which other", () => {
    const { heard, answers } = talk(flow, ["40", "no", "water and other", "Noise", "1,2", "5"]);
    expect(heard).toContain("Please say which other.");
    expect(heard).not.toContain("Where?");
    // Not asked about the water: who does not work is left out by the form.
    expect(heard).not.toContain("Tell us about the water.");
    expect(answers).toMatchObject({
      works: "c0",
      problems: ["water", "other"],
      problems_other: "Noise",
      mark: 5,
    });
  });

  it("speaks the other language, and its own where a text is missing", () => {
    expect(talk(flow, ["17"], "zu").heard).toEqual([
      "Sawubona.",
      "Uneminyaka emingaki?",
      "Only adults may answer.",
    ]);
  });
});

describe("repeats", () => {
  const rows = (count: string | null): Sheet => [
    ["type", "name", "label", "repeat_count", "relevant", "required"],
    ["begin_repeat", "child", "Child", count, null, null],
    ["text", "name", "Name?", null, null, "yes"],
    ["integer", "age", "How old is ${name}?", null, null, "yes"],
    ["text", "school", "Which school?", null, "${age} >= 6", "yes"],
    ["end repeat", null, null, null, null, null],
    ["text", "end_word", "Anything else?", null, null, "yes"],
  ];

  it("of a fixed number keep each round's answers apart, and look at their own", async () => {
    const { flow, findings } = await imported({ survey: rows("2") });
    expect(lines(findings, "error")).toEqual([]);
    const { heard, answers } = talk(flow, ["Ann", "4", "Ben", "9", "Hill", "no"]);
    expect(heard).toEqual([
      "Name?",
      "How old is Ann?",
      "Name?",
      "How old is Ben?",
      "Which school?",
      "Anything else?",
    ]);
    expect(answers).toEqual({
      name: "Ann",
      age: 4,
      name_2: "Ben",
      age_2: 9,
      school_2: "Hill",
      end_word: "no",
    });
  });

  it("without a number ask for another one", async () => {
    const { flow, findings } = await imported({ survey: rows(null) });
    expect(lines(findings, "note")).toContain("survey 2: people are asked for another one up to 5 times");
    expect(talk(flow, ["Ann", "4", "yes", "Ben", "5", "no", "bye"])).toMatchObject({
      answers: { name: "Ann", name_2: "Ben", end_word: "bye" },
      state: "ended",
    });
  });
});

test("everything that cannot work is listed at once, by sheet and row", async () => {
  const { findings } = await imported({
    survey: [
      [
        "type",
        "name",
        "label",
        "relevant",
        "constraint",
        "appearance",
        "repeat_count",
        "default",
        "calculation",
      ],
      ["barcode", "code", "Scan", null, null, null, null, null, null],
      ["text", "a", "A", "${nobody} = 1", null, "multiline", null, null, null],
      ["text", "a", "A again", null, "regex(., '(?=x)')", null, null, null, null],
      ["select_one none", "b", "B", null, null, null, null, null, null],
      [null, "c", "C", null, null, null, null, null, null],
      ["integer", "d", null, null, ". > ", null, null, "${a}", null],
      ["deviceid", "dev", null, null, null, null, null, null, null],
      ["begin_group", "g", "G", null, null, null, null, null, null],
      ["hologram", "h", "H", null, null, null, null, null, null],
      ["begin_repeat", "r", "R", null, null, null, "many", null, null],
      ["text", "t", "T", null, null, null, null, null, null],
      ["end_repeat", null, null, null, null, null, null, null, null],
    ],
    choices: [
      ["list name", "name", "label"],
      ["list", "x", "X"],
      ["list", "x", "X"],
      [null, "y", "Y"],
    ],
    settings: [["public_key"], ["abc"]],
  });
  expect(lines(findings, "error")).toEqual([
    "choices 4: the choice belongs to no list",
    "settings 2: public_key: forms are not encrypted or sent elsewhere here",
    "survey 2: barcode cannot be asked in a chat",
    "survey 3: relevant: there is no question ${nobody}",
    'survey 4: "a" is also the name of row 3',
    expect.stringMatching(/^survey 4: constraint: regex\(\): "\(\?=x\)" is no pattern/),
    'survey 5: there is no list "none" in the choices sheet',
    "survey 6: the row has no type",
    "survey 7: constraint: it is not finished",
    'survey 7: default: "${a}" is computed',
    "survey 7: the question has no label",
    "survey 9: this group is never closed",
    'survey 10: unknown type "hologram"',
    'survey 11: repeat_count: "many" is no number from 1 to 20',
  ]);
  expect(lines(findings, "note")).toEqual(
    expect.arrayContaining([
      "survey 3: appearance has no meaning in a chat",
      "survey 8: deviceid is not asked",
    ]),
  );
});

test("headers and types as older forms write them", async () => {
  const { flow, findings } = await imported({
    survey: [
      ["command", "tag", "Caption:English", "relevance"],
      ["select one from yn", "ok", "Fine?", null],
      ["select all that apply from yn", "all", "Which?", "${ok} = 'y'"],
      ["phone number", "phone", "Your number?", null],
    ],
    choices: [
      ["list name", "value", "caption:English"],
      ["yn", "y", "Good"],
      ["yn", "n", "Bad"],
    ],
  });
  expect(lines(findings, "error")).toEqual([]);
  expect(talk(flow, ["Bad", "skip"]).heard).toEqual(["Fine?", "Your number?"]);
});

test.each([
  ["an old workbook under a new name", Buffer.from("d0cf11e0a1b11ae1", "hex"), /old Excel workbook/],
  ["a text under a workbook's name", Buffer.from("version https://git-lfs"), /no Excel workbook/],
  ["half a workbook", Buffer.from("504b0304140000", "hex"), /cannot be opened/],
])("%s is refused with the remedy", async (_what, bytes, words) => {
  const path = join(folder, "odd.xlsx");
  await writeFile(path, bytes);
  await expect(importXlsForm(path, around)).rejects.toThrow(words);
});

describe("expressions", () => {
  const names: Readonly<Record<string, Meaning>> = {
    age: { cel: "answers.age", type: "number" },
    one: { cel: "answers.one", type: "one", choices: new Map([["1", "c1"]]) },
    many: { cel: "answers.many", type: "many", choices: new Map([["a", "a"]]) },
    word: { cel: "answers.word", type: "text" },
  };
  const cel = (source: string): string => toCel(source, { name: (name) => names[name] });

  it.each([
    ["${age} >= 18", "has(answers.age) && answers.age >= 18"],
    ["${age} > '18'", "has(answers.age) && answers.age > 18"],
    ["${one} = 1", 'has(answers.one) && answers.one == "c1"'],
    ["${one} != '1'", '!(has(answers.one) && answers.one == "c1")'],
    ["${word} = ''", "!has(answers.word)"],
    ["selected(${many}, 'a')", 'has(answers.many) && "a" in answers.many'],
    ["not(selected(${one}, '1'))", '!((has(answers.one) && answers.one == "c1"))'],
    ["${age} * 2 + 1 > 10 or true()", "(((answers.age * 2.0) + 1.0) > 10) || true"],
    ["if(${age} > 5, 'old', 'young')", '(has(answers.age) && answers.age > 5) ? "old" : "young"'],
    ["string-length(${word}) < 10", "size(answers.word) < 10"],
    ["today() >= ${word}", "has(answers.word) && session.today >= answers.word"],
    ["regex(${word}, '[A-Z]{3}')", 'has(answers.word) && answers.word.fits("[A-Z]{3}")'],
    ["count-selected(${many}) div 2", "(double(size(answers.many))) / 2.0"],
  ])("%s", (source, expected) => {
    expect(cel(source)).toBe(expected);
  });

  it.each([
    ["${age", "cannot be read"],
    ["uuid()", "is not available"],
    ["(1 + 2", "a bracket is not closed"],
    ["1 2", "is not expected here"],
    ["age > 3", "stands for nothing: write ${age}"],
    ["", "it is not finished"],
  ])("%j is refused: %s", (source, words) => {
    expect(() => cel(source)).toThrow(words);
  });
});
