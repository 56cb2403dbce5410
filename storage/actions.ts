import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/**
 * True for the first transaction with this key that commits, false ever after: Slack repeats what it was not answered
 * in time, people click twice. A second one that comes meanwhile waits for the first to end.
 */
export async function once(tx: Db, key: string): Promise<boolean> {
  const added = await rows(
    tx,
    sql`insert into actions (key) values (${key}) on conflict do nothing returning key`,
  );
  return added.length > 0;
}

/** Keys older than `days` are forgotten: nobody repeats an action after so long. Returns how many. */
export async function forgetActions(db: Db, days = 7): Promise<number> {
  const gone = await rows(
    db,
    sql`delete from actions where at < now() - make_interval(days => ${days}::int) returning key`,
  );
  return gone.length;
}
