import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { type AuditFinding, appendAudit, auditHead, verifyAudit } from "./audit.ts";
import { type Db, rows } from "./database.ts";

const ENTRIES = 12;
const entry = (n: number) => ({
  actor: `staff:${n % 3}`,
  action: "broadcast.approved",
  subject: `broadcast:${n}`,
  data: { n, big: 2 ** 52 + n, words: `„${n}“`, nested: { b: [1, 0.5, null], a: true } },
});

describe.each(testDatabases())("the audit log on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    for (let n = 1; n <= ENTRIES; n++)
      await database.db.transaction((tx) =>
        appendAudit(tx, entry(n), new Date(Date.UTC(2026, 10, 1, 8, 0, n, 123))),
      );
  });
  afterAll(() => database.close());

  /** Does `harm` with the triggers off, verifies, and undoes it. */
  async function harmed(harm: (tx: Db) => Promise<unknown>): Promise<AuditFinding> {
    let finding: AuditFinding | undefined;
    await database.db
      .transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`);
        await harm(tx);
        finding = await verifyAudit(tx);
        tx.rollback();
      })
      .catch((error: unknown) => {
        if (finding === undefined) throw error;
      });
    if (finding === undefined) throw new Error("not verified");
    return finding;
  }
  const run = (statement: string) => (tx: Db) => tx.execute(sql.raw(statement));

  test("a sound log verifies, whatever the time zone", async () => {
    const head = await auditHead(database.db);
    expect(head.seq).toBe(ENTRIES);
    expect(await verifyAudit(database.db)).toEqual({ ok: true, entries: ENTRIES, head });
    expect(await harmed(run("set local timezone = 'Africa/Johannesburg'"))).toMatchObject({ ok: true });
  });

  test("any change of any field of any entry is found, at that entry", async () => {
    const changes = fc.oneof(
      fc.constantFrom("actor", "action", "subject", "hash", "previous_hash").chain((column) =>
        fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }).map((extra) => ({
          column,
          value: `${column} || '${extra.replaceAll("'", "''")}'`,
        })),
      ),
      fc.constantFrom("actor", "action", "subject", "hash", "previous_hash").map((column) => ({
        column,
        value: `overlay(${column} placing '~' from 3 for 1)`,
      })),
      fc.integer({ min: 1, max: 10 ** 12 }).map((us) => ({
        column: "at",
        value: `at + interval '${us} microseconds'`,
      })),
      fc
        .constantFrom(
          "data - 'n'",
          "data || '{\"more\": null}'",
          "jsonb_set(data, '{n}', to_jsonb((data->>'n') || ''))",
          "jsonb_set(data, '{big}', to_jsonb((data->>'big')::numeric + 0.0001))",
          "jsonb_set(data, '{big}', ((data->>'big') || '.0')::jsonb)",
          "jsonb_set(data, '{nested,b}', '[0.5, 1, null]')",
          "jsonb_set(data, '{nested,a}', '\"true\"')",
          "'[]'",
        )
        .map((value) => ({ column: "data", value })),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: ENTRIES }), changes, async (seq, { column, value }) => {
        const finding = await harmed(run(`update audit_log set ${column} = ${value} where seq = ${seq}`));
        expect(finding).toMatchObject({ ok: false, seq, fault: expect.stringContaining(`entry ${seq} `) });
      }),
      { numRuns: 150 },
    );
  });

  test("any entry removed is found and named, the last ones too", async () => {
    for (let seq = 1; seq <= ENTRIES; seq++)
      expect(await harmed(run(`delete from audit_log where seq = ${seq}`))).toMatchObject({
        ok: false,
        seq,
        fault: expect.stringMatching(new RegExp(`^entry ${seq} is missing`)),
      });
    expect(await harmed(run(`delete from audit_log where seq > 4`))).toMatchObject({
      seq: 5,
      fault: "entry 5 is missing (and all up to 12): the end of the log was cut off",
    });
    expect(await harmed(run("delete from audit_log"))).toMatchObject({ ok: false, seq: 1 });
  });

  test("entries that swap places or numbers are found", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: ENTRIES }),
        fc.integer({ min: 1, max: ENTRIES }),
        async (a, b) => {
          fc.pre(a !== b);
          const finding = await harmed(async (tx) => {
            await tx.execute(sql`update audit_log set seq = -1 where seq = ${a}`);
            await tx.execute(sql`update audit_log set seq = ${a} where seq = ${b}`);
            await tx.execute(sql`update audit_log set seq = ${b} where seq = -1`);
          });
          expect(finding).toMatchObject({ ok: false, seq: Math.min(a, b) });
        },
      ),
      { numRuns: 30 },
    );
    expect(await harmed(run("update audit_log set seq = -5 where seq = 3"))).toMatchObject({
      ok: false,
      seq: -5,
    });
    expect(await harmed(run("update audit_log set seq = 9000000000000000001 where seq = 12"))).toMatchObject({
      ok: false,
      seq: 12,
    });
  });

  test("an entry forged with a fitting hash is found by the next one, or by the recorded end", async () => {
    for (const seq of [5, ENTRIES]) {
      const finding = await harmed(async (tx) => {
        await tx.execute(
          sql`create temp table kept on commit drop as select * from audit_log where seq > ${seq}`,
        );
        const head = await auditHead(tx);
        const [previous] = await rows<{ hash: string }>(
          tx,
          sql`select hash from audit_log where seq = ${seq - 1}`,
        );
        await tx.execute(sql`delete from audit_log where seq >= ${seq}`);
        await tx.execute(
          sql`update settings set value = ${JSON.stringify({ seq: seq - 1, hash: previous?.hash })}::jsonb where key = 'audit.head'`,
        );
        await appendAudit(tx, { ...entry(seq), actor: "staff:forged" });
        await tx.execute(sql`insert into audit_log select * from kept`);
        await tx.execute(sql`drop table kept`);
        await tx.execute(
          sql`update settings set value = ${JSON.stringify(head)}::jsonb where key = 'audit.head'`,
        );
      });
      expect(finding).toMatchObject({ ok: false, seq: Math.min(seq + 1, ENTRIES) });
    }
  });

  test("a chain made anew to its end is found by a head that was noted elsewhere", async () => {
    const noted = await auditHead(database.db);
    let seen: AuditFinding[] = [];
    await harmed(async (tx) => {
      await tx.execute(sql`delete from audit_log`);
      await tx.execute(sql`update settings set value = '{"seq": 0, "hash": ""}' where key = 'audit.head'`);
      for (let n = 1; n <= ENTRIES; n++) await appendAudit(tx, { ...entry(n), actor: "staff:forged" });
      seen = [await verifyAudit(tx), await verifyAudit(tx, [noted])];
    });
    expect(seen).toMatchObject([{ ok: true }, { ok: false, seq: ENTRIES }]);
  });

  test("appends at the same time leave no gap and no fork; one rolled back leaves nothing", async () => {
    const before = await auditHead(database.db);
    await Promise.all(
      [...Array(40)].map((_, n) =>
        database.db
          .transaction(async (tx) => {
            await appendAudit(tx, [entry(n), entry(n)]);
            if (n % 4 === 0) tx.rollback();
          })
          .catch(() => {}),
      ),
    );
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true, entries: before.seq + 60 });
  });

  test("what JSON or Postgres cannot hold does not break the chain", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.object({ withDate: true }), async (text, data) => {
        await database.db.transaction((tx) =>
          appendAudit(tx, {
            actor: `${text}\0\ud800`,
            action: "odd",
            subject: "x",
            data: { data, at: new Date(0), tiny: 1e-9, huge: 1.5e300 },
          }),
        );
      }),
      { numRuns: 60, examples: [["\uFEFFbegins with a byte order mark", { key: "\uFEFF" }]] },
    );
    expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
  });

  test("a log longer than one page is read to its end", async () => {
    await database.db.transaction((tx) =>
      appendAudit(
        tx,
        [...Array(2_500).keys()].map((n) => entry(n)),
      ),
    );
    const finding = await verifyAudit(database.db);
    expect(finding).toMatchObject({ ok: true });
    const { seq } = await auditHead(database.db);
    expect(finding).toMatchObject({ entries: seq });
    expect(await harmed(run(`update audit_log set actor = 'x' where seq = ${seq - 3}`))).toMatchObject({
      ok: false,
      seq: seq - 3,
    });
  });
});
