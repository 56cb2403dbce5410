import { resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { SQL } from "drizzle-orm";
import { drizzle as overNodePg } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as overPglite } from "drizzle-orm/pglite";
import pg from "pg";
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
  /** How to open a connection beside the pool's; absent on PGlite. */
  readonly connection?: pg.PoolConfig;
  close(): Promise<void>;
}

/** A server that does not answer a new connection for so long is down: the carrier is asked to repeat. */
const CONNECT_WITHIN_MS = 10_000;
const KEEP_ALIVE_MS = 15_000;
const CLOSES_WITHIN_MS = 5_000;

/** Dates and times stay the text that Postgres writes, as drizzle's own queries have them. */
const AS_WRITTEN = new Set<number>([
  pg.types.builtins.TIMESTAMPTZ,
  pg.types.builtins.TIMESTAMP,
  pg.types.builtins.DATE,
  pg.types.builtins.INTERVAL,
]);
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    AS_WRITTEN.has(oid) ? (text: string) => text : pg.types.getTypeParser(oid, format)) as never,
};

/** Opens Postgres. `url`: postgres://user:password@host:port/name. */
export function openPostgres(url: string, options: { readonly max?: number } = {}): Database {
  const connection: pg.PoolConfig = {
    connectionString: url,
    application_name: "saypro",
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    // A firewall that forgets a silent connection would leave its next query waiting for many minutes.
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // Statements that do not wait for one another travel together.
    pipeline: true,
    types,
  };
  const pool = openPool({ ...connection, max: options.max ?? 10 });
  const db = overNodePg(pool, { schema }) as unknown as Db;
  db.transaction = transactionsOver(pool);
  return { engine: "postgres", db, connection, close: () => closePool(pool) };
}

/** A pool that outlives the loss of any of its connections: whoever was using it is told, nobody else. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  // Without listeners a lost connection ends the process. What was under way on it has failed already.
  pool.on("error", () => {});
  pool.on("connect", (client) => void client.on("error", () => {}));
  return pool;
}

/** Waits for what is under way, but not for ever. */
export async function closePool(pool: pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSES_WITHIN_MS);
  });
  await Promise.race([pool.end(), limit]);
  clearTimeout(timer);
}

/** drizzle's own transaction over a pool never gives a connection back on which `begin` failed. */
function transactionsOver(pool: pg.Pool): Db["transaction"] {
  const known = new WeakMap<pg.PoolClient, Db>();
  return async (work, config) => {
    const client = await pool.connect();
    const db = known.get(client) ?? (overNodePg(client, { schema }) as unknown as Db);
    known.set(client, db);
    try {
      return await db.transaction(work, config);
    } finally {
      // The pool throws a connection away that was lost meanwhile.
      client.release();
    }
  };
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
