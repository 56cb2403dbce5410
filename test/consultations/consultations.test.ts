import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFlow, type StepKind } from "#flows";
import { type CaseFile, openStageDatabase, playCase } from "../support/consultation-case.ts";

/** What is promised of a consultation beyond its questions. Each has a case that names it. */
const RULES = [
  "again: last",
  "again: first",
  "again: refuse",
  "late: kept",
  "late: refused",
  "opening date",
  "closing date",
  "statutory minimum",
  "confidential",
  "anonymous",
  "several at once",
  "language change",
  "signed language",
  "quota",
  "reminder",
  "reminder: not after STOP",
  "quiet hours",
  "contact's time zone",
  "daylight-saving change",
  "resume",
  "expiry",
] as const;

const STEPS: Readonly<Record<StepKind, true>> = {
  say: true,
  ask: true,
  branch: true,
  set: true,
  call: true,
  act: true,
  wait: true,
  quota: true,
  opinions: true,
  end: true,
};

const folder = new URL("./cases/", import.meta.url);
const files = readdirSync(folder).map((name) => ({
  name: name.replace(".json", ""),
  ...(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CaseFile),
}));

describe.each(files)("$name: $about", (file) => {
  let database: Awaited<ReturnType<typeof openStageDatabase>>;
  beforeAll(async () => {
    database = await openStageDatabase();
  });
  afterAll(() => database.close());

  it.each(file.cases)("$name", (example) => playCase(database, file, example));

  it.each(file.flows)("$id could be published", (flow) => {
    const around = { flows: new Map(file.flows.map((each) => [each.id, each])) };
    expect(checkFlow(flow, around).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

describe("every rule and every kind of step has a case, and every case one of them", () => {
  const known = [...RULES, ...Object.keys(STEPS).map((kind) => `step: ${kind}`)];
  const shown = new Set(files.flatMap(({ cases }) => cases.flatMap(({ rules }) => rules)));

  it.each(known)("%s", (rule) => {
    expect(shown).toContain(rule);
  });
  it("no case names a rule that there is not", () => {
    expect([...shown].filter((rule) => !known.includes(rule))).toEqual([]);
  });
  it("a kind of step that a case names stands in its flow", () => {
    for (const { flows, cases } of files)
      for (const kind of cases.flatMap(({ rules }) => rules).filter((rule) => rule.startsWith("step: ")))
        expect(
          flows.some(({ steps }) => Object.values(steps).some((step) => `step: ${step.kind}` === kind)),
        ).toBe(true);
  });
});
