import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A person's thread in the inbox channel goes on for so long after it was begun. */
const THREAD_DAYS = 30;

/** Id of our Slack message under which staff and a person talk; undefined when a new one has to be begun. */
export async function findInboxThread(db: Db, contactId: string, now: Date): Promise<string | undefined> {
  const since = new Date(now.getTime() - THREAD_DAYS * 86_400_000).toISOString();
  const [found] = await rows<{ id: string }>(
    db,
    sql`select id from messages
        where ref = ${contactId} and kind = 'inbox' and direction = 'out' and extras->>'thread' is null
          and status not in ('failed', 'undelivered', 'cancelled', 'expired')
          and id > uuid7_floor(${since}::timestamptz)
        order by id desc limit 1`,
  );
  return found?.id;
}

/** Whether a message of this kind was put out for an address since a moment. */
export async function wasSent(db: Db, address: string, kind: string, since: Date): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from messages
        where address = ${address} and direction = 'out' and kind = ${kind}
          and id > uuid7_floor(${since.toISOString()}::timestamptz) limit 1`,
  );
  return found.length > 0;
}
