import { resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { SQL } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as overPglite } from "drizzle-orm/pglite";
import { drizzle as overPostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema.ts";
import { takeTurns } from "./take-turns.ts";

/** A connection or a transaction. Inside a transaction use only the `tx` you were given: PGlite is one session,
 * and a query on the root awaited inside a transaction never returns. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

export type Engine = "pglite" | "postgres";

export interface Database {
  readonly engine: Engine;
  readonly db: Db;
  /** The embedded engine itself, for the queue's adapter; absent on Postgres. */
  readonly pglite?: PGlite;
  /** The postgres.js pool, for LISTEN and for hot statements; absent on PGlite. */
  readonly client?: postgres.Sql;
  close(): Promise<void>;
}

/** Opens Postgres. `url`: postgres://user:password@host:port/name. */
export function openPostgres(url: string, options: { readonly max?: number } = {}): Database {
  const client = postgres(url, {
    max: options.max ?? 10,
    onnotice: () => {},
    connection: { application_name: "saypro" },
  });
  const db = overPostgres(client, { schema }) as unknown as Db;
  return { engine: "postgres", db, client, close: () => client.end({ timeout: 5 }) };
}

/** Opens the embedded engine in `folder`, or in memory. The caller holds the folder's lock (storage/lock.ts). */
export async function openPglite(folder?: string, snapshot?: Blob): Promise<Database> {
  const pglite = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: resolve(folder) }),
    ...(snapshot === undefined ? {} : { loadDataDir: snapshot }),
  });
  takeTurns(pglite);
  const db = overPglite(pglite, { schema }) as unknown as Db;
  return { engine: "pglite", db, pglite, close: () => pglite.close() };
}

/** Runs one statement and returns its rows, the same on both engines. */
export async function rows<T>(db: Db, query: SQL): Promise<T[]> {
  const result = (await db.execute(query)) as unknown as T[] | { rows: T[] };
  return Array.isArray(result) ? [...result] : result.rows;
}
