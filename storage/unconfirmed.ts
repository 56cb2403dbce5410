import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { getSetting, setSetting } from "./settings.ts";

/** Replies and pages are handed over, or given up, within this time of being written. */
const HANDED_OVER_WITHIN_MS = 4 * 3600_000;
/** The first look goes back so far. */
const FIRST_LOOK_MS = 14 * 24 * 3600_000;
const SWEPT = "receipts.swept";

/** A later word of the carrier still counts: it clears this. */
async function giveUp(tx: Db, hours: number, which: SQL): Promise<number> {
  const given = await rows(
    tx,
    sql`update messages m set failure = 'no_receipt',
        detail = 'The carrier took it, and has never said whether it arrived.'
      where ${which} and m.direction = 'out' and m.status = 'sent' and m.failure is null and m.channel <> 'slack'
        and m.handed_over_at < now() - make_interval(secs => ${hours * 3600}::float8) returning 1`,
  );
  return given.length;
}

/** Messages of a broadcast of which the carrier has not said for so many hours whether they arrived. Returns how many. */
export const giveUpReceiptsOf = (tx: Db, ref: string, hours: number): Promise<number> =>
  giveUp(tx, hours, sql`m.ref = ${ref} and m.kind = 'broadcast'`);

/**
 * The same for all other messages. Each is looked at once, when it is `hours` old and a little more: by the range of its
 * id, which holds the time at which it was written.
 */
export async function giveUpReceipts(db: Db, hours: number, now: Date): Promise<number> {
  const until = new Date(now.getTime() - hours * 3600_000 - HANDED_OVER_WITHIN_MS);
  const swept = await getSetting<string>(db, SWEPT);
  const from = swept === undefined ? new Date(until.getTime() - FIRST_LOOK_MS) : new Date(swept);
  if (from >= until) return 0;
  const given = await giveUp(
    db,
    hours,
    sql`m.id >= uuid7_floor(${from.toISOString()}::timestamptz) and m.id < uuid7_floor(${until.toISOString()}::timestamptz)`,
  );
  await setSetting(db, SWEPT, until.toISOString());
  return given;
}
