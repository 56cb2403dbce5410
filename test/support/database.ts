import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { describe, test } from "vitest";
import { type Database, type Engine, openPglite, openPostgres } from "../../storage/database.ts";
import { migrate } from "../../storage/migrate.ts";

export interface TestDatabase extends Database {
  /** Of this very database, for a second connection or the queue; absent on PGlite. */
  readonly url?: string;
}
export type OpenTestDatabase = () => Promise<TestDatabase>;

const migrationsFolder = fileURLToPath(new URL("../../storage/migrations", import.meta.url));
/** Changes with every migration and every month: what is cached under it is the migrated, empty database. */
const state = (() => {
  const hash = createHash("sha256").update(new Date().toISOString().slice(0, 7));
  for (const file of readdirSync(migrationsFolder).filter((name) => name.endsWith(".sql")))
    hash.update(readFileSync(`${migrationsFolder}/${file}`));
  return hash.digest("hex").slice(0, 12);
})();

/** A migrated PGlite in memory, from a snapshot in the temporary folder: about 0.3 s instead of 2. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = `${tmpdir()}/saypro-test-${process.getuid?.() ?? 0}`;
  const file = `${folder}/pglite-${state}.tar`;
  try {
    return await openPglite(undefined, new Blob([readFileSync(file)]));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  const database = await openPglite();
  await migrate(database);
  const snapshot = await database.pglite?.dumpDataDir("none");
  if (snapshot !== undefined) {
    mkdirSync(folder, { recursive: true });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, new Uint8Array(await snapshot.arrayBuffer()));
    renameSync(draft, file);
  }
  return database;
}

/** Leftovers of test runs that were killed are dropped after this time. */
const ABANDONED_MINUTES = 60;

/** A migrated Postgres database of its own, cloned from a template, dropped by `close()`. */
async function openTestPostgres(adminUrl: string): Promise<TestDatabase> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  const minute = Math.floor(Date.now() / 60_000);
  const name = `saypro_test_${minute}_${randomBytes(4).toString("hex")}`;
  const template = `saypro_template_${state}`;
  const urlOf = (database: string) => Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href;
  try {
    await admin`select pg_advisory_lock(20261123)`;
    const databases = await admin<{ datname: string }[]>`select datname from pg_database`;
    for (const { datname } of databases) {
      const made = /^saypro_test_(\d+)_[0-9a-f]{8}$/.exec(datname)?.[1];
      if (made !== undefined && minute - Number(made) > ABANDONED_MINUTES)
        await admin.unsafe(`drop database if exists ${datname} with (force)`);
    }
    if (!databases.some(({ datname }) => datname === template)) {
      const draft = `${template}_draft`;
      await admin.unsafe(`drop database if exists ${draft} with (force)`);
      await admin.unsafe(`create database ${draft}`);
      const database = openPostgres(urlOf(draft), { max: 1 });
      await migrate(database).finally(() => database.close());
      await admin.unsafe(`alter database ${draft} rename to ${template}`);
    }
    await admin.unsafe(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  const database = openPostgres(urlOf(name));
  return {
    ...database,
    url: urlOf(name),
    async close() {
      await database.close();
      const last = postgres(adminUrl, { max: 1, onnotice: () => {} });
      await last.unsafe(`drop database if exists ${name} with (force)`);
      await last.end();
    },
  };
}

/**
 * For `describe.each(testDatabases())("on %s", (_engine, open) => …)`: the same suite on the embedded engine and,
 * when TEST_DATABASE_URL names a server on which databases may be created, on Postgres. Without it the report
 * shows a skipped suite.
 */
export function testDatabases(): [Engine, OpenTestDatabase][] {
  const url = process.env.TEST_DATABASE_URL;
  if (url) {
    return [
      ["pglite", openTestDatabase],
      ["postgres", () => openTestPostgres(url)],
    ];
  }
  describe.skip("on postgres: TEST_DATABASE_URL is not set", () => {
    test("the same suite", () => {});
  });
  return [["pglite", openTestDatabase]];
}
