import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { BATCH_SIZE } from "./outbox.ts";

/** Messages of one thing that are held: the carrier could not say whether it took them. */
export interface Held {
  readonly channel: string;
  /** broadcast, reply, staff_reply … */
  readonly kind: string;
  /** What they belong to. */
  readonly ref: string | null;
  /** Of a broadcast. */
  readonly title: string | null;
  readonly messages: number;
  /** ISO 8601, UTC: when the last of them was handed over. */
  readonly handedOverAt: string | null;
}

export type HeldOf = Pick<Held, "channel" | "kind" | "ref">;

const HELD = sql.raw("m.status = 'failed' and m.failure = 'in_doubt'");

/** What is held, the newest first. */
export function listHeld(db: Db, limit: number): Promise<readonly Held[]> {
  return rows<Held>(
    db,
    sql`select m.channel, m.kind, m.ref, max(b.title) as title, count(*)::int as messages,
          to_char(max(m.handed_over_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "handedOverAt"
        from messages m left join broadcasts b on b.id = m.ref and m.kind = 'broadcast'
        where ${HELD} group by 1, 2, 3 order by max(m.handed_over_at) desc nulls last limit ${limit}`,
  );
}

const belongs = ({ channel, kind, ref }: HeldOf) =>
  sql`${HELD} and m.channel = ${channel} and m.kind = ${kind} and m.ref is not distinct from ${ref}::uuid`;

/** Staff know that they arrived: they count as sent. Returns how many. */
export async function settleHeldAsSent(tx: Db, of: HeldOf): Promise<number> {
  const settled = await rows(
    tx,
    sql`update messages m set status = 'sent', failure = null, detail = null, status_at = now()
        where ${belongs(of)} returning 1`,
  );
  return settled.length;
}

/**
 * Staff know that they did not: they are queued again, each counted as a possible duplicate. Whoever said STOP since, and
 * what has expired, is looked at when they are claimed. Returns how many.
 */
export async function sendHeldAgain(tx: Db, of: HeldOf, newId: () => string): Promise<number> {
  const held = await rows<{ id: string; priority: number }>(
    tx,
    sql`select m.id, m.priority from messages m where ${belongs(of)} order by m.id for update`,
  );
  for (let from = 0; from < held.length; from += BATCH_SIZE) {
    const part = held.slice(from, from + BATCH_SIZE);
    const batch = newId();
    await tx.execute(sql`insert into outbox_batches (id, channel, priority, ref)
      values (${batch}, ${of.channel}, ${part[0]?.priority ?? 2}::smallint, ${of.ref}::uuid)`);
    await tx.execute(sql`
      update messages set status = 'queued', failure = null, detail = null, batch_id = ${batch}, status_at = now(),
        possible_duplicates = possible_duplicates + 1
      where id in (select jsonb_array_elements_text(${JSON.stringify(part.map(({ id }) => id))}::jsonb)::uuid)`);
  }
  return held.length;
}
