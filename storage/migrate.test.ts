import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { v7, validate, version } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { openPostgres, rows } from "./database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("the migrations make what schema.ts says: drizzle-kit finds nothing to add", () => {
  const out = mkdtempSync(join(tmpdir(), "saypro-migrations-"));
  try {
    cpSync(join(root, "storage/migrations"), out, { recursive: true });
    const before = readdirSync(out);
    const kit = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/drizzle-kit/bin.cjs"),
        "generate",
        "--dialect=postgresql",
        "--schema=storage/schema.ts",
        `--out=${relative(root, out)}`,
      ],
      { cwd: root, encoding: "utf8" },
    );
    expect(kit.stdout + kit.stderr).toContain("No schema changes");
    expect(readdirSync(out)).toEqual(before);
  } finally {
    rmSync(out, { recursive: true });
  }
});

describe.each(testDatabases())("migrating on %s", (_engine, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  const tables = () =>
    rows(
      database.db,
      sql`select c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull
          from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          where c.relnamespace = 'public'::regnamespace and c.relname !~ '^messages_\\d' order by 1, 3`,
    );

  test("an empty database is filled once, though two processes begin at the same time", async () => {
    const before = await tables();
    for (const statement of [
      "drop schema public cascade",
      "drop schema drizzle cascade",
      "create schema public",
    ])
      await database.db.execute(sql.raw(statement));
    const names = await pendingMigrations(database);
    expect(names.length).toBeGreaterThan(1);
    const other = database.url === undefined ? database : openPostgres(database.url);
    try {
      const applied = await Promise.all([migrate(database), migrate(other), migrate(database)]);
      expect(applied.filter((list) => list.length > 0)).toEqual([names]);
    } finally {
      if (other !== database) await other.close();
    }
    expect(await pendingMigrations(database)).toEqual([]);
    expect(await tables()).toEqual(before);
  });

  test("uuid7() makes UUIDv7 of now, in order, among those of the program", async () => {
    const before = v7();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const made = await rows<{ id: string; at: string }>(
      database.db,
      sql`select id, (extract(epoch from uuid7_time(id)) * 1000)::bigint::text as at
          from (select uuid7() as id from generate_series(1, 1000)) as t`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    const after = v7();
    expect(new Set(made.map(({ id }) => id)).size).toBe(1000);
    for (const { id, at } of made) {
      expect(validate(id) && version(id)).toBe(7);
      expect(id > before && id < after).toBe(true);
      expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(Number(at));
    }
    // The embedded engine's clock ticks in milliseconds: ids are in order from one to the next, not within.
    const times = made.map(({ at }) => Number(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test.each(["1970-01-01T00:00:00.000Z", "2026-11-30T23:59:59.999Z", "2199-06-01T12:00:00.001Z"])(
    "uuid7_floor(%s) is the lowest id of that millisecond",
    async (moment) => {
      const [bound] = await rows<{ low: string; back: boolean }>(
        database.db,
        sql`select uuid7_floor(${moment}::timestamptz) as low,
                   uuid7_time(uuid7_floor(${moment}::timestamptz)) = ${moment}::timestamptz as back`,
      );
      const ms = Date.parse(moment);
      expect(bound).toEqual({
        low: `${ms
          .toString(16)
          .padStart(12, "0")
          .replace(/(.{8})/, "$1-")}-0000-0000-000000000000`,
        back: true,
      });
      expect(v7({ msecs: ms, seq: 0 }) > (bound?.low ?? "")).toBe(true);
      if (ms > 0) expect(v7({ msecs: ms - 1 }) < (bound?.low ?? "")).toBe(true);
    },
  );
});
