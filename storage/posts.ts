import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A message of ours in Slack. */
export interface Post {
  readonly id: string;
  readonly kind: string;
  readonly ref: string | null;
  /** `C…:ts` */
  readonly providerId: string;
}

/** Our message by Slack's id of it: the head of a thread, or what holds a button. */
export async function findPost(db: Db, providerId: string): Promise<Post | undefined> {
  const [found] = await rows<Post>(
    db,
    sql`select id, kind, ref, provider_id as "providerId" from messages
        where provider_id = ${providerId} and channel = 'slack' and direction = 'out'
          and not extras ? 'replaces' order by id limit 1`,
  );
  return found;
}

/** The id of the message of this kind that was last posted about `ref`: what an edit in place replaces. */
export async function lastPost(db: Db, kind: string, ref: string): Promise<string | undefined> {
  const [found] = await rows<{ id: string }>(
    db,
    sql`select id from messages
        where ref = ${ref} and kind = ${kind} and not extras ? 'replaces' order by id desc limit 1`,
  );
  return found?.id;
}
