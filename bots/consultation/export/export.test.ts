import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { sql } from "drizzle-orm";
import readXlsx from "read-excel-file/node";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSecrets, publishFlow, type Response, readResponses, rows } from "#storage";
import { loadContent } from "#templates";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import { seedDemoTown } from "../../demo-town/index.ts";
import type { FlowResultsRow } from "./flow-results.ts";
import { type ExportFormat, exportConsultation } from "./index.ts";
import { workbook } from "./workbook.ts";

const NOW = new Date("2026-11-23T08:00:00Z");
const content = await loadContent(fileURLToPath(new URL("../../../templates", import.meta.url)));

async function listed<T>(from: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of from) list.push(one);
  return list;
}

/** A reader of CSV of its own: by RFC 4180. */
function parse(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of csv
    .replace(/^\ufeff/, "")
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

describe.each(testDatabases())("exports on %s", (_engine, open) => {
  let database: TestDatabase;
  let id: string;
  let kept: Response[];
  beforeAll(async () => {
    database = await open();
    await seedDemoTown({ database, content, clock: () => NOW });
    const [first] = await rows<{ id: string }>(database.db, sql`select id from consultations limit 1`);
    id = first?.id ?? "";
    // One skipped, one that tries a formula.
    await database.db.execute(sql`update answers set value = '{"skipped":true}'
      where (session_id, question) in (select session_id, question from answers order by 1, 2 limit 1)`);
    await database.db.execute(sql`update answers set value = '"=HYPERLINK(\\"http://x\\")"', said = '=HYPERLINK("http://x")'
      where (session_id, question) in (select session_id, question from answers
        where jsonb_typeof(value) = 'string' order by 1 desc, 2 desc limit 1)`);
    kept = await listed(readResponses(database.db, id, "last"));
  });
  afterAll(() => database.close());

  const reader = () => ({ db: database.db, secrets: openSecrets("0".repeat(64)) });
  const written = async (format: ExportFormat): Promise<readonly string[]> => {
    const files = (await exportConsultation(reader(), id, format, { language: "en", now: NOW })) ?? [];
    return Promise.all(files.map(async ({ content }) => (await listed(content)).join("")));
  };

  test("pages of any size give the same responses, each once", async () => {
    expect(kept.length).toBeGreaterThan(200);
    expect(await listed(readResponses(database.db, id, "last", 7))).toEqual(kept);
    expect(await listed(readResponses(database.db, id, "last", kept.length))).toEqual(kept);
  });

  test("the wide table has a row a response, every row as wide as the head, codes that the answers have", async () => {
    const [csv = ""] = await written("csv");
    const [head = [], ...lines] = parse(csv);
    expect(lines).toHaveLength(kept.length);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([head.length]));
    expect(new Set(head).size).toBe(head.length);
    kept.forEach((response, i) => {
      for (const { question, value } of response.answers)
        if (typeof value === "number") expect(lines[i]?.[head.indexOf(question)]).toBe(String(value));
    });
    expect(csv).toContain("'=HYPERLINK");
    expect(lines.flat().filter((cell) => cell === ".skipped")).toHaveLength(1);
  });

  test("the long table has a row an answer, JSON Lines an object a response", async () => {
    const [long = ""] = await written("long");
    const answers = kept.flatMap((response) => response.answers);
    const [head = [], ...lines] = parse(long);
    expect(lines.map((line) => line[head.indexOf("question")])).toEqual(answers.map((a) => a.question));
    expect(lines.filter((line) => line[head.indexOf("skipped")] === "true")).toHaveLength(1);
    const [jsonl = ""] = await written("jsonl");
    const objects = jsonl
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Response);
    expect(objects.map((object) => object.answers)).toEqual(kept.map((response) => response.answers));
  });

  test("the workbook has the same tables as sheets, and a text that looks like a formula is a text", async () => {
    const [file] = (await exportConsultation(reader(), id, "xlsx", { language: "en", now: NOW })) ?? [];
    const parts = await listed(file?.content ?? []);
    const sheets = await readXlsx(Buffer.concat(parts.map((part) => Buffer.from(part))));
    expect(sheets.map(({ sheet }) => sheet)).toEqual(["Responses", "Answers", "Codebook"]);
    const [responses, answers] = sheets;
    expect(responses?.data).toHaveLength(kept.length + 1);
    expect(answers?.data).toHaveLength(kept.flatMap((response) => response.answers).length + 1);
    expect(responses?.data.flat()).toContain('=HYPERLINK("http://x")');
    expect(file?.name).toBe(`${id}.xlsx`);
  });

  test("a sheet that is full goes on in another, and the workbook grows as it is read", async () => {
    async function* table() {
      yield ["n", "words"];
      for (let n = 1; n <= 2_500; n++) yield [n, n % 2 ? `<b>&"${n}"\u0007 _x0041_` : null];
    }
    const parts = await listed(workbook({ Long: table() }, 1_001));
    const sheets = await readXlsx(Buffer.concat(parts.map((part) => Buffer.from(part))));
    expect(sheets.map(({ sheet, data }) => [sheet, data.length])).toEqual([
      ["Long", 1_001],
      ["Long 2", 1_001],
      ["Long 3", 501],
    ]);
    expect(sheets[1]?.data.slice(0, 3)).toEqual([
      ["n", "words"],
      // Readers make an A of it where it is not escaped.
      [1_001, '<b>&"1001" _x0041_'],
      [1_002, null],
    ]);
    expect(sheets[2]?.data.at(-1)).toEqual([2_500, null]);
    // Read to the end it is many parts: nothing waits for the whole.
    async function* wide() {
      for (let n = 0; n < 20_000; n++) yield [`a text of some length that is never the same ${Math.sin(n)}`];
    }
    let first = 0;
    let read = 0;
    async function* watched() {
      for await (const row of wide()) {
        read++;
        yield row;
      }
    }
    for await (const part of workbook({ Wide: watched() }))
      if (first === 0 && part.length > 1_000) first = read;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(10_000);
  });

  test("no export names a person: no address, no contact, and another pseudonym each time", async () => {
    const first = (await written("long"))[0] ?? "";
    const addresses = await rows<{ address: string }>(
      database.db,
      sql`select distinct address from sessions where consultation_id = ${id}`,
    );
    expect(addresses.length).toBeGreaterThan(200);
    for (const format of ["csv", "long", "jsonl", "flowresults"] as const) {
      const text = (await written(format)).join("");
      for (const { address } of addresses) expect(text).not.toContain(address.split(":")[1]);
      for (const { contact } of kept) expect(text).not.toContain(contact);
    }
    const pseudonym = (csv: string) => parse(csv)[1]?.[2];
    expect(pseudonym((await written("long"))[0] ?? "")).not.toBe(pseudonym(first));
  });

  test("the Flow Results package holds to the specification, and its rows to its questions", async () => {
    const [description = "", data = ""] = await written("flowresults");
    const schema = JSON.parse(
      readFileSync(new URL("flow-results.schema.json", import.meta.url), "utf8"),
    ) as object;
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.addSchema(schema, "fr");
    const described = JSON.parse(description) as {
      id: string;
      resources: [{ schema: { questions: Record<string, { type_options: { choices?: object } }> } }];
    };
    const results = JSON.parse(data) as FlowResultsRow[];
    expect(ajv.validate("fr#/definitions/package", described), ajv.errorsText()).toBe(true);
    expect(ajv.validate("fr#/definitions/rows", results), ajv.errorsText()).toBe(true);
    expect(ajv.validate("fr#/definitions/package", { ...described, id: id })).toBe(false);
    const { questions } = described.resources[0].schema;
    expect(new Set(results.map(([, row]) => row)).size).toBe(results.length);
    for (const [, , , , question, response] of results) {
      const choices = questions[question]?.type_options.choices;
      expect(questions).toHaveProperty([question]);
      if (choices && response !== null)
        for (const code of [response].flat()) expect(choices).toHaveProperty([code as string]);
    }
    const again = JSON.parse((await written("flowresults"))[0] ?? "") as { id: string };
    expect(again.id).toBe(described.id);
  });

  test("the codebook has every question and choice in the words of every language", async () => {
    const flow = content.flows.get("service-satisfaction");
    if (!flow) throw new Error("the flow is gone from the templates");
    const version = await publishFlow(database.db, flow, content.flows);
    const other = v7();
    await database.db.execute(sql`insert into consultations (id, flow, flow_version, title, keywords)
      values (${other}, ${flow.id}, ${version}, 'Services', '{}')`);
    const [file] =
      (await exportConsultation(reader(), other, "codebook", { language: "en", now: NOW })) ?? [];
    const [head = [], ...lines] = parse((await listed(file?.content ?? [])).join(""));
    expect(head.slice(4)).toEqual(flow.languages.map((language) => `label:${language}`));
    const asks = Object.entries(flow.steps).flatMap(([name, step]) =>
      step.kind === "ask" ? [{ name, step }] : [],
    );
    const questions = lines.filter((line) => line[1] !== "");
    expect(questions.map(([name]) => name).sort()).toEqual(asks.map(({ name }) => name).sort());
    for (const { name, step } of asks)
      expect(questions.find((line) => line[0] === name)?.slice(4)).toEqual(
        flow.languages.map((language) => step.text[language]),
      );
    const choices = asks.flatMap(({ name, step }) =>
      step.answer.type === "choice" ? step.answer.choices.map(({ id: code }) => [name, code]) : [],
    );
    expect(choices.length).toBeGreaterThan(0);
    expect(lines.map((line) => [line[0], line[3]])).toEqual(expect.arrayContaining(choices));
  });

  test("an unknown consultation is said to be unknown", async () => {
    const unknown = "00000000-0000-7000-8000-000000000000";
    expect(await exportConsultation(reader(), unknown, "csv", { language: "en", now: NOW })).toBeUndefined();
  });
});
