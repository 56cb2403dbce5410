import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FlowDefinition, receiptOf } from "#flows";
import { findConsultation, publishFlow, rows, type Timer, viewConsultations } from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import {
  CONSULTATION_FINISH,
  closeConsultation,
  consultationResults,
  exportConsultation,
  finishOnTime,
} from "../consultation/index.ts";
import { exportPerson, exportText } from "../contacts/index.ts";
import { commit } from "../unit.ts";
import { keepPromises } from "./privacy.ts";

const ask = (text: string, next: string, answer: object = { type: "text" }) => ({
  kind: "ask" as const,
  text: { en: text },
  answer: answer as never,
  next,
});
const flow = (id: string, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  id,
  title: { en: id },
  keywords: [id.toUpperCase()],
  languages: ["en"],
  start: "age",
  steps: {
    age: ask("Your age?", "room", { type: "number", min: 0 }),
    room: {
      kind: "quota",
      cells: [{ name: "young", when: "answers.age < 35", limit: 3 }],
      full: "sorry",
      next: "view",
    },
    view: ask("Your view?", "done"),
    done: { kind: "end", text: { en: "Filed." } },
    sorry: { kind: "end", text: { en: "Enough people of your age have answered." } },
  },
  ...more,
});

describe.each(testDatabases())("taking part on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
  });
  afterAll(() => database.close());

  const opened = async (definition: FlowDefinition) => town.openConsultation(definition);
  const results = async (id: string) => {
    const found = await consultationResults({ db: database.db, secrets: town.app.secrets }, id, "en");
    if (!found) throw new Error("no results");
    return found;
  };
  const views = async (id: string) =>
    (await results(id)).questions.find(({ question }) => question === "view")?.latest.toSorted() ?? [];
  const takePart = async (id: string, view: string, age = "50", address = `sms:${town.nextNumber()}`) => {
    for (const text of [id.toUpperCase(), age, view]) await town.write(address, text);
    return address;
  };

  // ── A second response ───────────────────────────────────────────────────────────────────────────────

  test.each([
    ["last", "later", undefined],
    ["first", "sooner", undefined],
    ["refuse", "sooner", 'already_answered/en {"title":"again-refuse"}'],
  ] as const)("a second response, %s: %s counts", async (again, counts, told) => {
    const id = await opened(flow(`again-${again}`, { again, keywords: [`AGAIN${again.toUpperCase()}`] }));
    const word = `AGAIN${again.toUpperCase()}`;
    const address = `sms:${town.nextNumber()}`;
    for (const text of [word, "50", "sooner"]) await town.write(address, text);
    await town.heard(address);
    await town.write(address, word);
    if (told === undefined) {
      for (const text of ["50", "later"]) await town.write(address, text);
      expect((await results(id)).repeated).toBe(1);
    } else expect(await town.heard(address)).toEqual([told]);
    expect(await views(id)).toEqual([counts]);
    expect(await results(id)).toMatchObject({ started: 1, completed: 1 });
  });

  test("a second response that is not finished does not stand in the way of the first", async () => {
    const id = await opened(flow("half"));
    const address = await takePart("half", "whole");
    await town.write(address, "HALF");
    expect(await views(id)).toEqual(["whole"]);
    expect(await results(id)).toMatchObject({ started: 1, completed: 1, active: 0 });
  });

  test("what the conversations cost is counted once they are handed to a carrier", async () => {
    const id = await opened(flow("costing"));
    const address = await takePart("costing", "a view");
    expect((await results(id)).sent).toEqual([]);
    await database.db.execute(
      sql`update messages set status = 'delivered' where direction = 'out' and address = ${address}`,
    );
    expect((await results(id)).sent).toEqual([{ channel: "sms", messages: 3, segments: 3 }]);
  });

  // ── Quotas ──────────────────────────────────────────────────────────────────────────────────────────

  test("a quota is never filled over its limit, by however many at once", async () => {
    const id = await opened(flow("rush"));
    const many = Array.from({ length: 12 }, () => `sms:${town.nextNumber()}`);
    for (const address of many) await town.write(address, "RUSH");
    await Promise.all(many.map((address) => town.write(address, "20")));
    const { quotas, screened } = await results(id);
    expect(quotas).toEqual([{ cell: "young", taken: 3, limit: 3 }]);
    expect(screened).toBe(9);
    const said = await Promise.all(many.map((address) => town.heard(address)));
    expect(said.filter((texts) => texts.includes("Your view?"))).toHaveLength(3);
    expect(said.filter((texts) => texts.includes("Enough people of your age have answered."))).toHaveLength(
      9,
    );
    // Those of other ages are not kept out.
    await takePart("rush", "old and heard");
    expect(await views(id)).toEqual(["old and heard"]);
  });

  test("whoever stops gives the place back; whoever corrects their age changes places", async () => {
    const id = await opened(flow("places"));
    const [a = "", b = "", c = "", d = ""] = Array.from({ length: 4 }, () => `sms:${town.nextNumber()}`);
    for (const address of [a, b, c]) for (const text of ["PLACES", "20"]) await town.write(address, text);
    await town.write(a, "STOP");
    expect((await results(id)).quotas[0]?.taken).toBe(2);
    for (const text of ["back", "60"]) await town.write(b, text);
    expect((await results(id)).quotas[0]?.taken).toBe(1);
    for (const text of ["PLACES", "20"]) await town.write(d, text);
    expect((await results(id)).quotas[0]?.taken).toBe(2);
    expect((await results(id)).screened).toBe(0);
  });

  // ── Late ────────────────────────────────────────────────────────────────────────────────────────────

  test("after the end late comments are kept and flagged where the flow takes them, and refused elsewhere", async () => {
    const id = await opened(flow("lenient", { late: true }));
    const strict = await opened(flow("strict"));
    const inTime = await takePart("lenient", "in time");
    await database.db.execute(sql`update consultations set status = 'awaiting_report', closed_at = now()`);
    const refused = `sms:${town.nextNumber()}`;
    await town.write(refused, "STRICT");
    expect(await town.heard(refused)).toEqual(['consultation_closed/en {"title":"strict"}']);
    const late = `sms:${town.nextNumber()}`;
    await town.write(late, "LENIENT");
    expect(await town.heard(late)).toEqual(['late_comment/en {"title":"lenient"}', "Your age?"]);
    for (const text of ["50", "too late?"]) await town.write(late, text);
    expect(await views(id)).toEqual(["in time", "too late?"]);
    const lines = await exported(id);
    expect(lines.map(({ late }) => late)).toEqual([false, true]);
    expect(inTime).not.toBe(late);
    await database.db.execute(sql`update consultations set status = 'closed' where id = ${id}`);
    const afterwards = `sms:${town.nextNumber()}`;
    await town.write(afterwards, "LENIENT");
    expect(await town.heard(afterwards)).toEqual(['consultation_closed/en {"title":"lenient"}']);
    expect((await findConsultation(database.db, strict))?.status).toBe("awaiting_report");
  });

  const exported = async (id: string): Promise<{ late: boolean; receipt?: string; response: string }[]> => {
    const reader = { db: database.db, secrets: town.app.secrets };
    const files = await exportConsultation(reader, id, "jsonl", { language: "en", now: new Date() });
    let text = "";
    for (const file of files ?? []) for await (const part of file.content) text += part;
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { late: boolean; response: string });
  };

  test("the number that the person is told is the number in the export", async () => {
    const numbered = flow("numbered");
    const id = await opened({
      ...numbered,
      steps: { ...numbered.steps, done: { kind: "end", text: { en: "Filed as {receipt}." } } },
    });
    const address = await takePart("numbered", "a view");
    const told = (await town.heard(address)).at(-1);
    const [line] = await exported(id);
    expect(told).toMatch(/^Filed as [0-9A-HJKMNP-TV-Z]{6}\.$/);
    expect(told).toBe(`Filed as ${receiptOf(line?.response ?? "")}.`);
  });

  const ended = async (id: string): Promise<void> => {
    await database.db.execute(
      sql`update consultations set status = 'awaiting_report', closed_at = now() where id = ${id}`,
    );
    await keepPromises(town.app);
  };

  // ── Privacy ─────────────────────────────────────────────────────────────────────────────────────────

  /** Every row of every table, as a dump has them: in the order in which they stand. */
  const dump = async (): Promise<readonly { table: string; row: string }[]> => {
    const tables = await rows<{ name: string }>(
      database.db,
      sql`select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p') and n.nspname = 'public' and not c.relispartition`,
    );
    const all: { table: string; row: string }[] = [];
    for (const { name } of tables)
      for (const { row } of await rows<{ row: string }>(
        database.db,
        sql`select t::text as row from ${sql.raw(name)} t`,
      ))
        all.push({ table: name, row });
    return all;
  };
  const allSent = () =>
    database.db.execute(sql`update messages set status = 'delivered' where direction = 'out'`);

  test("confidential: nothing that was said stands in the database, and staff still read the results", async () => {
    const id = await opened(flow("secretly", { privacy: "confidential" }));
    const address = `sms:${town.nextNumber()}`;
    await town.write(address, "SECRETLY");
    expect(await town.heard(address)).toEqual(["privacy_confidential/en", "Your age?"]);
    for (const text of ["nonsense", "57", "The mayor takes bribes"]) await town.write(address, text);
    expect(await town.heard(address)).toContain("Filed.");
    await allSent();
    await keepPromises(town.app);
    const told = await dump();
    expect(told.filter(({ row }) => /bribes|nonsense/.test(row))).toEqual([]);
    const kept = await rows<{ value: object; said: string }>(
      database.db,
      sql`select value, said from answers where consultation_id = ${id}`,
    );
    expect(kept.map(({ value, said }) => [Object.keys(value), said])).toEqual([
      [["sealed"], ""],
      [["sealed"], ""],
    ]);
    expect(await views(id)).toEqual(["The mayor takes bribes"]);
    expect((await exported(id)).length).toBe(1);
    const other = { db: database.db, secrets: { ...town.app.secrets, decrypt: () => "" } };
    await expect(consultationResults(other, id, "en")).rejects.toThrow();
  });

  test("anonymous: a full dump of the database leads nobody from a person to an answer", async () => {
    const id = await opened(flow("hidden", { privacy: "anonymous" }));
    const people = Array.from({ length: 20 }, (_, i) => ({
      address: `sms:${town.nextNumber()}`,
      view: `view of witness ${String.fromCharCode(97 + i)}`,
    }));
    for (const { address } of people) await town.write(address, "HIDDEN");
    expect(await town.heard(people[0]?.address ?? "")).toEqual(["privacy_anonymous/en", "Your age?"]);
    for (const { address } of people) await town.write(address, "50");
    const sessions = await rows<{ id: string; address: string; contact: string }>(
      database.db,
      sql`select id, address, contact_id as contact from sessions where consultation_id = ${id}`,
    );
    expect(sessions).toHaveLength(20);
    for (const { address, view } of people) await town.write(address, view);
    await allSent();
    await keepPromises(town.app);

    const told = await dump();
    const saying = told.filter(({ row }) => row.includes("view of witness"));
    // The words are there, in a row that has no person, no conversation and no time in it.
    expect(saying.map(({ table }) => table)).toEqual(["anonymous_pools"]);
    for (const { row } of saying) {
      for (const { id: session, address, contact } of sessions)
        for (const lead of [session, address, address.slice(4), contact]) expect(row).not.toContain(lead);
      expect(row).not.toMatch(/\d{4}-\d\d-\d\d|\d\d:\d\d/);
    }
    // While it runs the newest are not shown: whoever looks before and after one person finishes sees no difference.
    expect(await exported(id)).toHaveLength(10);
    expect(await results(id)).toMatchObject({ started: 20, completed: 20, withheld: 10, active: 0 });
    // No row of another table has the id under which an answer stands.
    const responses = await exported(id);
    for (const { response } of responses)
      expect(told.filter(({ row }) => row.includes(response)).map(({ table }) => table)).toEqual([
        "anonymous_pools",
      ]);
    // Nothing says in which order they came: they stand by their ids, which are random.
    expect(responses.map(({ response }) => response)).toEqual(
      responses.map(({ response }) => response).toSorted(),
    );
    for (const { response } of responses) expect(response[14]).toBe("4");
    // What the conversations were leaves no trace but that there were some.
    expect(told.filter(({ table, row }) => table === "sessions" && row.includes("hidden"))).toEqual([]);
    // Batches carry messages, and no words.
    const still = new Set(["messages", "outbox_batches"]);
    for (const { id: session } of sessions)
      for (const { table } of told.filter(({ row }) => row.includes(session))) expect(still).toContain(table);
    const words = await rows<{ text: string; extras: object }>(
      database.db,
      sql`select text, extras from messages where ref in (select jsonb_array_elements_text(${JSON.stringify(sessions.map((s) => s.id))}::jsonb)::uuid)`,
    );
    expect(words.length).toBeGreaterThan(60);
    expect(words.every(({ text, extras }) => text === "" && Object.keys(extras).length === 0)).toBe(true);

    // One response a person, although nobody knows which.
    const again = people[3]?.address ?? "";
    await town.heard(again);
    await town.write(again, "HIDDEN");
    expect(await town.heard(again)).toEqual(['already_answered/en {"title":"hidden"}']);

    await ended(id);
    expect(await exported(id)).toHaveLength(20);
    expect(await results(id)).toMatchObject({ started: 20, completed: 20, withheld: 0, active: 0 });
  });

  test("anonymous: whoever looks after every single person learns of ten at once, of quotas and the last ones at the end", async () => {
    const id = await opened(flow("watched", { privacy: "anonymous", late: true }));
    const look = async () => {
      await keepPromises(town.app);
      const { questions, quotas, screened, completed } = await results(id);
      return {
        answered: questions.find((q) => q.question === "age")?.answered ?? 0,
        quotas,
        screened,
        completed,
      };
    };
    let seen = 0;
    for (let n = 1; n <= 23; n++) {
      await takePart("watched", "v", String(n < 6 ? 20 : 30 + n));
      const { answered, quotas, screened, completed } = await look();
      expect([0, 10]).toContain(answered - seen);
      expect({ quotas, screened }).toEqual({ quotas: [], screened: 0 });
      expect(completed).toBe(n < 4 ? n : n < 6 ? 3 : n - 2);
      seen = answered;
    }
    expect(seen).toBe(10);
    const slow = `sms:${town.nextNumber()}`;
    for (const text of ["WATCHED", "77"]) await town.write(slow, text);
    await ended(id);
    // Somebody is still answering: with the last ones shown, that answer would stand out.
    expect((await look()).answered).toBe(10);
    const late = `sms:${town.nextNumber()}`;
    await town.write(late, "WATCHED");
    expect(await town.heard(late)).toEqual(['consultation_closed/en {"title":"watched"}']);
    await town.write(slow, "at last");
    expect(await look()).toEqual({
      answered: 22,
      quotas: [{ cell: "young", taken: 3, limit: 3 }],
      screened: 2,
      completed: 22,
    });
  });

  test("anonymous: whoever puts it aside for good does not keep the last answers from being shown", async () => {
    const id = await opened(flow("aside", { privacy: "anonymous" }));
    for (let n = 0; n < 5; n++) await takePart("aside", `view ${n}`);
    const slow = `sms:${town.nextNumber()}`;
    for (const text of ["ASIDE", "50"]) await town.write(slow, text);
    await town.heard(slow);
    expect((await commit(town.app, (unit) => closeConsultation(unit, undefined, id))).done).toBe(true);
    await keepPromises(town.app);
    expect(await results(id)).toMatchObject({ completed: 5, withheld: 5, active: 1 });
    const [timer] = await rows<{ kind: string; hours: number }>(
      database.db,
      sql`select kind, round(extract(epoch from due_at - now()) / 3600)::int as hours from timers where ref = ${id}`,
    );
    expect(timer).toEqual({ kind: CONSULTATION_FINISH, hours: 24 });
    await commit(town.app, (unit) => finishOnTime(unit, { ref: id } as Timer));
    expect(await town.heard(slow)).toEqual(['consultation_closed/en {"title":"aside"}']);
    await keepPromises(town.app);
    expect(await results(id)).toMatchObject({ completed: 5, withheld: 0, active: 0 });
    expect(await views(id)).toHaveLength(5);
    const listed = (await viewConsultations(database.db)).find((each) => each.id === id);
    expect(listed).toMatchObject({ started: 6, completed: 5 });
  });

  test("anonymous: whoever asks what is held of them hears that they took part, and no more", async () => {
    await opened(flow("asked", { privacy: "anonymous" }));
    const address = await takePart("asked", "my secret view");
    await allSent();
    await keepPromises(town.app);
    const keys = { db: database.db, secrets: town.app.secrets };
    const held = await exportPerson(keys, { who: address, country: "ZA", actor: "cli" }, new Date());
    if (held.kind !== "held") throw new Error(held.kind);
    expect(held.anonymously).toEqual(["asked"]);
    expect(exportText(held)).toContain("asked (anonymous): took part");
    expect(exportText(held)).not.toContain("secret");
  });

  test("anonymous: what a called flow asked stands in results and exports under its question", async () => {
    const { steps } = flow("part");
    await publishFlow(database.db, {
      ...flow("part", { privacy: "anonymous", keywords: [] }),
      steps: { age: { ...(steps.age as object), next: "done" } as never, done: steps.done as never },
    });
    const id = await opened({
      ...flow("whole", { privacy: "anonymous" }),
      start: "sub",
      steps: {
        sub: { kind: "call", flow: "part", next: "view" },
        view: steps.view as never,
        done: steps.done as never,
      },
    });
    for (let n = 0; n < 5; n++) await takePart("whole", `view ${n}`);
    await ended(id);
    const reader = { db: database.db, secrets: town.app.secrets };
    const [file] = (await exportConsultation(reader, id, "csv", { language: "en", now: new Date() })) ?? [];
    let csv = "";
    for await (const part of file?.content ?? []) csv += part;
    expect(csv.split("\r\n")[0]).toContain("sub/age");
    expect(csv).toContain(",50,");
  });

  test("anonymous: of fewer than five nothing is ever shown: each would stand for somebody", async () => {
    const id = await opened(flow("few", { privacy: "anonymous" }));
    for (let n = 0; n < 4; n++) await takePart("few", `view ${n}`);
    await ended(id);
    expect(await results(id)).toMatchObject({ completed: 4, withheld: 4, questions: [] });
    expect(await exported(id)).toEqual([]);
  });

  test("anonymous: of a conversation that was stopped nothing but the count stays", async () => {
    const id = await opened(flow("leaving", { privacy: "anonymous" }));
    const address = `sms:${town.nextNumber()}`;
    for (const text of ["LEAVING", "50", "stop"]) await town.write(address, text);
    await keepPromises(town.app);
    expect(await rows(database.db, sql`select 1 from sessions where consultation_id = ${id}`)).toEqual([]);
    expect(await rows(database.db, sql`select 1 from participations where consultation_id = ${id}`)).toEqual(
      [],
    );
    expect(await results(id)).toMatchObject({ started: 1, completed: 0, active: 0 });
  });

  test("anonymous: places in quotas stay taken", async () => {
    const id = await opened(flow("quiet", { privacy: "anonymous" }));
    for (let i = 0; i < 5; i++) await takePart("quiet", `view ${i}`, i < 3 ? "20" : "40");
    await keepPromises(town.app);
    const fourth = await takePart("quiet", "no room", "20");
    expect((await town.heard(fourth)).at(-1)).not.toBe("Filed.");
    // Before and after the conversation is dissolved: trying again would tell what others have answered.
    for (let again = 0; again < 2; again++) {
      await town.write(fourth, "QUIET");
      expect(await town.heard(fourth)).toEqual(['already_answered/en {"title":"quiet"}']);
      await keepPromises(town.app);
    }
    await ended(id);
    expect(await results(id)).toMatchObject({ completed: 5, screened: 1 });
    expect((await results(id)).quotas).toEqual([{ cell: "young", taken: 3, limit: 3 }]);
  });
});
