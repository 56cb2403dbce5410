import { PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import type { Database, Db } from "./database.ts";

/** Statements of a transaction that nobody waits for before its COMMIT is sent. */
const trailing = new WeakMap<Db, Promise<unknown>[]>();

/**
 * Waits for the last statement of a transaction; in a pipelined one, lets COMMIT travel with it instead, and the
 * transaction fails when it fails. It must hold all that must not be kept without it: a statement that never left this
 * process cannot keep COMMIT back.
 */
export async function withCommit(tx: Db, statement: Promise<unknown>): Promise<void> {
  const deeds = trailing.get(tx);
  if (!deeds) return void (await statement);
  statement.catch(() => {});
  deeds.push(statement);
}

const views = new WeakMap<Database, Database>();

/**
 * The same database, whose transactions send BEGIN with their first statements and COMMIT with their last: an ordinary
 * inbound message takes two round trips instead of four. Only for work in which every wait is for a statement of the
 * transaction. The embedded engine has no trips to save.
 */
export function pipelined(database: Database): Database {
  const { client } = database;
  if (!client) return database;
  let view = views.get(database);
  if (!view) {
    const transaction = <T>(work: (tx: Db) => Promise<T>) => transact(client, database.db, work);
    view = { ...database, db: Object.assign(Object.create(database.db), { transaction }) as Db };
    views.set(database, view);
  }
  return view;
}

/** What drizzle needs to speak through a connection; its constructors ask for no more. */
type Parts = { readonly dialect: ConstructorParameters<typeof PostgresJsTransaction>[0] };

async function transact<T>(client: postgres.Sql, root: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  const connection = await client.reserve();
  const { dialect } = root as unknown as Parts;
  // A reserved connection lacks only the savepoints of the driver's own transactions.
  const session = new PostgresJsSession(connection, dialect, undefined, {});
  const tx = new PostgresJsTransaction(dialect, session as never, undefined) as unknown as Db;
  const deeds: Promise<unknown>[] = [connection.unsafe("begin").execute()];
  trailing.set(tx, deeds);
  let alive = true;
  try {
    deeds[0]?.catch(() => {});
    const result = await work(tx);
    const committed = connection.unsafe("commit").execute();
    for (const deed of await Promise.allSettled([...deeds, committed]))
      if (deed.status === "rejected") throw deed.reason;
    // Postgres answers ROLLBACK to the COMMIT of a transaction in which a statement failed.
    const { command } = await committed;
    if (command !== "COMMIT") throw new Error(`the transaction ended in ${command}`);
    return result;
  } catch (error) {
    // A connection that is lost is not given back: the pool has taken it away itself.
    await connection.unsafe("rollback").catch(() => {
      alive = false;
    });
    throw error;
  } finally {
    if (alive) connection.release();
  }
}
