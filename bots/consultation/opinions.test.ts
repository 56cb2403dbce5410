import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition } from "#flows";
import { rows } from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { gatherReport } from "./report/gather.ts";
import { opinionLines } from "./report/opinions.ts";

const FLOW: FlowDefinition = {
  id: "views",
  title: { en: "Views" },
  keywords: ["VIEWS"],
  languages: ["en"],
  start: "views",
  steps: {
    views: {
      kind: "opinions",
      statements: { s1: { en: "Pipes first." }, s2: { en: "Roads first." }, s3: { en: "Parks first." } },
      offer: { en: "And you?" },
      next: "end",
    },
    end: { kind: "end", text: { en: "Thank you." } },
  },
};

describe.each(testDatabases())("opinions on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let id: string;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    id = await town.openConsultation(FLOW);
  });
  afterAll(() => database.close());

  /** Votes on what comes by what it says; `own` is offered at the end. */
  const takePart = async (opinion: (statement: string) => string, own = "skip") => {
    const address = `sms:${town.nextNumber()}`;
    await town.write(address, "VIEWS");
    const asked: string[] = [];
    for (let i = 0; i < 8; i++) {
      const last = (await town.heard(address)).at(-1) ?? "";
      if (last === "Thank you.") break;
      if (last !== "And you?") asked.push(last);
      await town.write(address, last === "And you?" ? own : opinion(last));
    }
    return asked;
  };
  const report = async (published = false) => {
    const reader = { db: database.db, secrets: town.app.secrets };
    const options = { language: "en", spoken: ["en"], instruments: new Map(), published };
    const found = await gatherReport(reader, id, options);
    const [opinions] = found?.opinions ?? [];
    if (!opinions) throw new Error("no opinions");
    return opinions;
  };

  test("what a citizen offers is put to others once staff approved it, and to nobody before", async () => {
    expect(await takePart(() => "agree", "More trees along the streets")).toHaveLength(3);
    expect(await takePart(() => "disagree")).toHaveLength(3);
    const [offered] = await rows<{ id: string; text: string; status: string }>(
      database.db,
      sql`select id, text, status from offered_statements`,
    );
    expect(offered).toMatchObject({ text: "More trees along the streets", status: "pending" });
    const posts = (await town.said("slack:#inbox")).filter(({ kind }) => kind === "statement_offer");
    expect(posts).toHaveLength(1);
    await database.db.execute(sql`update offered_statements set status = 'approved'`);
    const asked = await takePart(() => "agree");
    expect(asked.toSorted()).toEqual([
      "More trees along the streets",
      "Parks first.",
      "Pipes first.",
      "Roads first.",
    ]);
  });

  test("the report counts every vote, says what is shared and why there are no groups", async () => {
    for (let i = 0; i < 12; i++)
      await takePart((statement) => (statement.startsWith("Pipes") ? "agree" : i % 2 ? "agree" : "disagree"));
    const { analysis, texts } = await report();
    expect(analysis.voters).toBe(15);
    expect(texts.s1).toBe("Pipes first.");
    expect(analysis.statements.find(({ statement }) => statement === "s1")?.agree.count).toBe(14);
    const words = opinionLines(await report(), 0).join("\n");
    expect(words).toContain('"Pipes first.": 93 % agree');
    expect(words).toContain("No stable opinion groups: 13 people voted on enough statements");
    const published = opinionLines(await report(true), 14).join("\n");
    expect(published).not.toContain("More trees");
  });
});
