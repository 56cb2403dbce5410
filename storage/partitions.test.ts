import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { rows } from "./database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { dropPartitionsBefore, ensurePartitions } from "./partitions.ts";

describe.each(testDatabases())("messages by month on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const insertAt = (moment: string) =>
    database.db.execute(sql`
      insert into messages (id, direction, status, channel, address, text, kind)
      values (overlay(uuid7()::text placing left(uuid7_floor(${moment}::timestamptz)::text, 13) from 1)::uuid,
              'in', 'received', 'sms', 'sms:+27820000000', 'hello', 'citizen')`);
  const tables = () =>
    rows<{ name: string; count: number }>(
      database.db,
      sql`select tableoid::regclass::text as name, count(*)::int as count from messages group by 1 order by 1`,
    );
  const partitions = async () =>
    (
      await rows<{ name: string }>(
        database.db,
        sql`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'messages'::regclass order by 1`,
      )
    ).map(({ name }) => name);
  const month = (ahead: number) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString().slice(0, 7);
  };

  test("is migrated, and migrating again from two sides does nothing", async () => {
    expect(await pendingMigrations(database)).toEqual([]);
    expect(await Promise.all([migrate(database), migrate(database)])).toEqual([[], []]);
  });

  test("makes the running month and those ahead, once", async () => {
    const { made, inDefault } = await ensurePartitions(database.db, 5);
    expect(made).toEqual([month(4), month(5)]);
    expect(inDefault).toEqual([]);
    expect((await ensurePartitions(database.db, 5)).made).toEqual([]);
    expect(await partitions()).toEqual(
      [...Array(6).keys()]
        .map((n) => `messages_${month(n).replace("-", "_")}`)
        .concat("messages_default")
        .sort(),
    );
  });

  test("a message goes to its month; without one to the default, where it stays when the month is made", async () => {
    await insertAt(`${month(1)}-15T12:00:00Z`);
    await insertAt(`${month(7)}-15T12:00:00Z`);
    await insertAt("2020-02-03T04:05:06Z");
    expect(await tables()).toEqual([
      { name: `messages_${month(1).replace("-", "_")}`, count: 1 },
      { name: "messages_default", count: 2 },
    ]);
    expect(await ensurePartitions(database.db, 8)).toEqual({
      made: [month(6), month(8)],
      inDefault: [month(7)],
    });
    expect((await tables()).find((table) => table.name === "messages_default")?.count).toBe(2);
  });

  test("bounds are exact to the millisecond", async () => {
    await insertAt(`${month(3)}-01T00:00:00.000Z`);
    const last = new Date(Date.parse(`${month(3)}-01T00:00:00.000Z`) - 1).toISOString();
    await insertAt(last);
    const names = (await tables()).map((table) => table.name);
    expect(names).toContain(`messages_${month(3).replace("-", "_")}`);
    expect(names).toContain(`messages_${month(2).replace("-", "_")}`);
  });

  test("a query by id reads only its month", async () => {
    const plan = await rows<{ "QUERY PLAN": string }>(
      database.db,
      sql.raw("explain select * from messages where id = uuid7_floor('2020-02-03T04:05:06Z')"),
    );
    const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
    expect(text).toContain("messages_default");
    expect(text).not.toMatch(/messages_20\d\d/);
  });

  test("retention drops whole months before the date and empties the default of them", async () => {
    const date = new Date(`${month(2)}-10T00:00:00Z`);
    const { dropped, deleted } = await dropPartitionsBefore(database, date);
    expect(dropped).toEqual([month(0), month(1)]);
    expect(deleted).toBe(1);
    expect((await tables()).reduce((sum, table) => sum + table.count, 0)).toBe(3);
    expect((await dropPartitionsBefore(database, date)).dropped).toEqual([]);
  });
});

describe.each(testDatabases())("what only grows on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    await database.db.execute(
      sql`insert into flow_versions (flow, version, hash, definition) values ('f', 1, 'h', '{}')`,
    );
    await database.db.execute(
      sql`insert into consent_ledger (id, contact_id, address, kind, source) values (uuid7(), uuid7(), 'sms:+1', 'opt_in', 'test')`,
    );
    await database.db.execute(
      sql`insert into audit_log (seq, at, actor, action, subject, previous_hash, hash) values (1, now(), 'a', 'b', 'c', '', 'h')`,
    );
  });
  afterAll(() => database.close());

  test.each([
    ["flow_versions", "hash = 'other'"],
    ["consent_ledger", "source = 'other'"],
    ["audit_log", "actor = 'other'"],
  ])("%s refuses update, delete and truncate", async (table, change) => {
    for (const statement of [
      `update ${table} set ${change}`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ])
      await expect(database.db.execute(sql.raw(statement))).rejects.toMatchObject({
        cause: { message: expect.stringContaining(`${table} only grows`) },
      });
    expect(await rows(database.db, sql.raw(`select 1 from ${table}`))).toHaveLength(1);
  });
});
