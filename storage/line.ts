import type postgres from "postgres";
import type { Database, Db } from "./database.ts";
import { prepared } from "./prepared.ts";

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
  close(): void;
}

/** The same statements inside a transaction. */
export function runnerIn(tx: Db): Runner {
  return { run: (text, values) => prepared(tx, text, values) };
}

/** The settings of such a connection; they last as long as it does. */
const SETTINGS = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";
const BACK = "reset plan_cache_mode; reset enable_seqscan";

/** Connects at the first use, and again after a failure. */
export function openLine(database: Database): Line {
  const { client, pglite } = database;
  if (pglite)
    return {
      run: async (text, values) => (await pglite.query(text, [...values])).rows as never,
      close: () => {},
    };
  if (!client) throw new Error("the database has neither a pool nor the embedded engine");
  let line: postgres.ReservedSql | undefined;
  let closed = false;
  const end = (): void => {
    const last = line;
    line = undefined;
    // A connection that is lost is not given back: the pool has taken it away itself.
    last?.unsafe(BACK).then(
      () => last.release(),
      () => {},
    );
  };
  return {
    run: async (text, values) => {
      if (closed) throw new Error("the line is closed");
      if (!line) {
        line = await client.reserve();
        await line.unsafe(SETTINGS);
      }
      try {
        return [...(await line.unsafe(text, values as never[], { prepare: true }))] as never;
      } catch (error) {
        end();
        throw error;
      }
    },
    close: () => {
      closed = true;
      end();
    },
  };
}
