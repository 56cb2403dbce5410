import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { type Database, type Db, rows } from "./database.ts";
import { ensurePartitions } from "./partitions.ts";

const folder = fileURLToPath(new URL("migrations", import.meta.url));
/** Any number that nobody else locks on: "SayPro" as ASCII. */
const LOCK = 0x53617950726fn;

interface Migration {
  readonly name: string;
  /** Milliseconds; drizzle-kit's order and its mark in the database. */
  readonly madeAt: number;
  readonly hash: string;
  readonly statements: readonly string[];
}

function migrations(): readonly Migration[] {
  const journal: { entries: { tag: string }[] } = JSON.parse(
    readFileSync(`${folder}/meta/_journal.json`, "utf8"),
  );
  return readMigrationFiles({ migrationsFolder: folder }).map((file, i) => ({
    name: journal.entries[i]?.tag ?? file.hash,
    madeAt: file.folderMillis,
    hash: file.hash,
    statements: file.sql,
  }));
}

async function pending(db: Db): Promise<readonly Migration[]> {
  const [table] = await rows<{ found: boolean }>(
    db,
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as found`,
  );
  if (table?.found !== true) return migrations();
  const [last] = await rows<{ at: string | null }>(
    db,
    sql`select max(created_at)::text as at from drizzle.__drizzle_migrations`,
  );
  return migrations().filter((migration) => migration.madeAt > Number(last?.at ?? 0));
}

/** Names of the migrations that the database lacks: readiness and `saypro doctor`. */
export async function pendingMigrations(database: Database): Promise<readonly string[]> {
  return (await pending(database.db)).map((migration) => migration.name);
}

/**
 * Brings the database up to schema.ts, all or nothing, makes the months of messages, and returns what was applied. Several processes may start
 * at once: the others wait. Keeps drizzle's own table, so that drizzle-kit can be used beside it; drizzle's
 * migrator itself takes no lock.
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  const applied = await apply(database.db);
  // Before the first message: a month that has rows in the default partition gets none of its own.
  await ensurePartitions(database.db);
  return applied;
}

function apply(db: Db): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    const missing = await pending(tx);
    if (missing.length === 0) return [];
    await tx.execute(sql`create schema if not exists drizzle`);
    await tx.execute(
      sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
    );
    for (const migration of missing) {
      for (const statement of migration.statements) await tx.execute(sql.raw(statement));
      await tx.execute(
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.hash}, ${migration.madeAt})`,
      );
    }
    return missing.map((migration) => migration.name);
  });
}
