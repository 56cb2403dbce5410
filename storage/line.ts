import { closePool, type Database, type Db, openPool } from "./database.ts";
import { named, prepared } from "./prepared.ts";

/** Runs a hot statement: on a line, or inside a transaction. */
export interface Runner {
  run<T>(text: string, values: readonly unknown[]): Promise<T[]>;
}

/**
 * A connection of its own for hot statements, one after the other. Postgres keeps one plan of each and goes by indexes
 * whatever the tables' statistics say: planning a claim anew each time takes longer than the claim itself, and a plan
 * that was made while a table was empty would read all of it.
 */
export interface Line extends Runner {
  /** Gives the connection back. */
  close(): Promise<void>;
}

/** The same statements inside a transaction. */
export function runnerIn(tx: Db): Runner {
  return { run: (text, values) => prepared(tx, text, values) };
}

/** Opens a line beside the database's own connections; it connects at its first use, and again after a failure. */
export function openLine({ connection, pglite }: Database): Line {
  if (pglite)
    return {
      run: async (text, values) => (await pglite.query(text, [...values])).rows as never,
      close: async () => {},
    };
  if (!connection) throw new Error("the database has neither a server nor the embedded engine");
  const line = openPool({
    ...connection,
    max: 1,
    options: "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off",
  });
  return {
    run: async (text, values) => (await line.query(named(text, values))).rows as never,
    close: () => closePool(line),
  };
}
