import postgres from "postgres";
import type { Database, Db } from "./database.ts";
import { prepared } from "./prepared.ts";

const CLOSES_WITHIN_S = 5;

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
export function openLine({ client, pglite }: Database): Line {
  if (pglite)
    return {
      run: async (text, values) => (await pglite.query(text, [...values])).rows as never,
      close: async () => {},
    };
  if (!client) throw new Error("the database has neither a pool nor the embedded engine");
  const { host, port, database, user, pass, ssl, connection } = client.options;
  const beside = {
    ...{ host, port, database, user, pass, ssl },
    max: 1,
    onnotice: () => {},
    connection: { ...connection, plan_cache_mode: "force_generic_plan", enable_seqscan: "off" },
  };
  // Parsed options are options again, which the types do not know.
  const line = postgres(beside as unknown as postgres.Options<Record<string, never>>);
  return {
    run: async (text, values) =>
      [...(await line.unsafe(text, values as never[], { prepare: true }))] as never,
    close: () => line.end({ timeout: CLOSES_WITHIN_S }),
  };
}
