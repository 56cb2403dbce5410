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

/**
 * The id of the message of this kind that was last posted to `address` about `ref`: what an edit in place replaces.
 * Only messages younger than `ref` (a UUIDv7) are looked through, by the address.
 */
export async function lastPost(
  db: Db,
  { address, kind, ref }: { readonly address: string; readonly kind: string; readonly ref: string },
): Promise<string | undefined> {
  const [found] = await rows<{ id: string }>(
    db,
    sql`select id from messages
        where address = ${address} and id >= ${ref}::uuid and ref = ${ref}::uuid and kind = ${kind}
          and not extras ? 'replaces' order by id desc limit 1`,
  );
  return found?.id;
}
