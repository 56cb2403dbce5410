import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FlowDefinition, quorumOf } from "#flows";
import { joinGroup, rows } from "#storage";
import { type CitizenApp, DEPLOYMENT, openCitizenApp } from "../../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import { keepPromises } from "../../citizen/index.ts";
import { consultationResults } from "../results.ts";
import { minutesOf } from "./minutes.ts";

test.each([
  ["majority", 8, 5],
  ["majority", 9, 5],
  ["majority", 0, 1],
  [3, 20, 3],
] as const)("quorum %s of %i is %i", (quorum, eligible, wanted) => {
  expect(quorumOf({ group: "g", quorum }, eligible)).toBe(wanted);
});

const poll = (id: string, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  id,
  title: { en: `Motion ${id}` },
  keywords: [id.toUpperCase()],
  languages: ["en"],
  voters: { group: "ward committee", quorum: "majority" },
  again: "refuse",
  start: "motion",
  steps: {
    motion: {
      kind: "ask",
      text: { en: "Do you support the motion?" },
      answer: { type: "yes_no" },
      next: "end",
    },
    end: { kind: "end", text: { en: "Counted." } },
  },
  ...more,
});

describe.each(testDatabases())("a committee's poll on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  const members: string[] = [];
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    for (const name of ["Ann", "Ben", "Cele"]) {
      const address = `sms:${town.nextNumber()}`;
      await town.write(address, "hello");
      await database.db.execute(
        sql`update contacts set name = ${name} where id = (select contact_id from addresses where address = ${address})`,
      );
      await join(address);
      members.push(address);
    }
  });
  afterAll(() => database.close());

  const join = async (address: string) => {
    const [row] = await rows<{ id: string }>(
      database.db,
      sql`select contact_id as id from addresses where address = ${address}`,
    );
    await joinGroup(database.db, row?.id ?? "", "ward committee", v7);
  };
  const reader = () => ({ db: database.db, secrets: town.app.secrets });
  const vote = async (address: string, keyword: string, ...words: string[]) => {
    await town.heard(address);
    for (const text of [keyword, ...words]) await town.write(address, text);
    return town.heard(address);
  };

  test("only who was a member when it opened may vote, once; the minutes say who voted how", async () => {
    const id = await town.openConsultation(poll("open"));
    const stranger = `sms:${town.nextNumber()}`;
    expect(await vote(stranger, "OPEN")).toEqual(['voters_only/en {"title":"open"}']);
    await join(stranger);
    expect(await vote(stranger, "OPEN")).toEqual(['voters_only/en {"title":"open"}']);
    const [ann = "", ben = ""] = members;
    expect(await vote(ann, "OPEN", "yes")).toContain("Counted.");
    expect(await minutesOf(reader(), id, DEPLOYMENT)).toContain("Too few voted: the poll decides nothing.");
    await vote(ben, "OPEN", "no");
    expect(await vote(ann, "OPEN")).toEqual(['already_answered/en {"title":"open"}']);
    expect((await consultationResults(reader(), id, "en"))?.turnout).toEqual({
      eligible: 3,
      voted: 2,
      quorum: 2,
      met: true,
    });
    const minutes = (await minutesOf(reader(), id, DEPLOYMENT)) ?? "";
    expect(minutes).toContain("3 could vote, 2 did; 2 are needed. The poll decides.");
    expect(minutes).toContain("A tie between **Yes** and **No**");
    expect(minutes).toContain("| Ann | Yes |");
    expect(minutes).toContain("| Cele | – |");
  });

  test("of a secret ballot the minutes have the counts, and nobody's vote", async () => {
    const id = await town.openConsultation(poll("secret", { privacy: "anonymous" }));
    for (const member of members) await vote(member, "SECRET", "yes");
    await keepPromises(town.app);
    const minutes = (await minutesOf(reader(), id, DEPLOYMENT)) ?? "";
    expect(minutes).toContain("by secret ballot");
    expect(minutes).toContain("Most votes: **Yes**.");
    expect(minutes).not.toContain("Ann");
  });

  test("what everybody may take part in has no minutes", async () => {
    const { voters: _voters, ...everybody } = poll("all");
    const id = await town.openConsultation(everybody);
    expect(await minutesOf(reader(), id, DEPLOYMENT)).toBeUndefined();
  });
});
