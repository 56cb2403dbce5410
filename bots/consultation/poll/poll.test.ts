import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FlowDefinition, quorumOf } from "#flows";
import { joinGroup, keepElectoralRoll, rows } from "#storage";
import { type CitizenApp, DEPLOYMENT, openCitizenApp } from "../../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import { keepPromises } from "../../citizen/index.ts";
import { commit } from "../../unit.ts";
import { closeConsultation } from "../index.ts";
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
  const openPoll = async (...of: Parameters<typeof poll>) => {
    const id = await town.openConsultation(poll(...of));
    await keepElectoralRoll(database.db, id, "ward committee");
    return id;
  };
  const close = (id: string) => commit(town.app, (unit) => closeConsultation(unit, undefined, id));
  const reader = () => ({ db: database.db, secrets: town.app.secrets });
  const vote = async (address: string, keyword: string, ...words: string[]) => {
    await town.heard(address);
    for (const text of [keyword, ...words]) await town.write(address, text);
    return town.heard(address);
  };

  test("only who was a member when it opened may vote, once; the minutes say who voted how", async () => {
    const id = await openPoll("open");
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
    // Who leaves the group, or is taken out of it, was a voter when it opened: the quorum stays.
    await database.db.execute(sql`delete from group_members where contact_id = (
      select contact_id from addresses where address = ${members[2] ?? ""})`);
    const minutes = (await minutesOf(reader(), id, DEPLOYMENT)) ?? "";
    expect(minutes).toContain("3 could vote, 2 did; 2 are needed. The poll decides.");
    expect(minutes).toContain("A tie between **Yes** and **No**");
    expect(minutes).toContain("| Ann | Yes |");
    expect(minutes).toContain("| Cele | – |");
    await join(members[2] ?? "");
  });

  test.each(["anonymous", "confidential"] as const)(
    "of a %s ballot nothing but the turnout is known before it has ended, and nobody's vote after",
    async (privacy) => {
      const id = await openPoll(privacy, { privacy, voters: { group: "ward committee", quorum: 2 } });
      const looks: (string | undefined)[] = [];
      for (const member of members.slice(0, 2)) {
        await vote(member, privacy.toUpperCase(), "yes");
        await keepPromises(town.app);
        looks.push(await minutesOf(reader(), id, DEPLOYMENT));
        const { questions, turnout, withheld } = (await consultationResults(reader(), id, "en")) ?? {};
        expect(questions).toEqual([]);
        expect(turnout?.voted).toBe(withheld);
      }
      expect(looks[0]).toContain("Votes are shown once the poll has ended.");
      expect(looks[0]).toContain("4 could vote, 1 did");
      expect(looks[1]).toContain("4 could vote, 2 did; 2 are needed");
      // Begun and not finished before the deadline: no vote.
      const [, , slow = ""] = members;
      await vote(slow, privacy.toUpperCase());
      await close(id);
      expect(await town.heard(slow)).toEqual([`consultation_closed/en {"title":"${privacy}"}`]);
      await town.write(slow, "no");
      await keepPromises(town.app);
      const minutes = (await minutesOf(reader(), id, DEPLOYMENT)) ?? "";
      expect(minutes).toContain("by secret ballot");
      expect(minutes).toContain("Most votes: **Yes**.");
      expect(minutes).toContain("| Yes | 2 |");
      expect(minutes).not.toContain("Ann");
    },
  );

  test("what everybody may take part in has no minutes", async () => {
    const { voters: _voters, ...everybody } = poll("all");
    const id = await town.openConsultation(everybody);
    expect(await minutesOf(reader(), id, DEPLOYMENT)).toBeUndefined();
  });
});
