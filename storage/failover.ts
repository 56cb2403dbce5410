import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** What is not confirmed on one channel in time, or fails there, is sent on another. */
export interface FailoverRule {
  readonly from: string;
  readonly to: string;
  readonly afterMinutes: number;
}

/** Messages that fail over in one transaction: one batch. */
const AT_ONCE = 500;

/**
 * A message that the rule is about: it failed, or it was handed over so long ago and nobody knows of its arrival. Who opted
 * out gets nothing more, and what is held in doubt is decided by staff. `m` is the message, `$` its person's other address.
 */
const late = ({ from, afterMinutes }: FailoverRule) => sql`m.kind = 'broadcast' and m.channel = ${from}
  and ((m.status = 'sent' and m.handed_over_at < now() - make_interval(secs => ${afterMinutes * 60}::float8))
    or (m.status in ('failed', 'undelivered') and m.failure is distinct from 'opted_out'
      and m.failure is distinct from 'in_doubt')
    or (m.status = 'cancelled' and m.failure = 'bad_address'))`;

const other = ({ to }: FailoverRule) => sql`lateral (select a.address from addresses a
  where a.contact_id = m.contact_id and a.channel = ${to} and a.bad_since is null
  order by a.preference, a.address limit 1) a`;

const notYet = sql`not exists (
  select 1 from broadcast_failovers f where f.broadcast_id = m.ref and f.contact_id = m.contact_id)`;

/**
 * Queues the same text on the other channel for those whose message is late, each person once whatever happens: their row
 * in broadcast_failovers is the key. Returns how many, at most 500: call it again while it returns so many.
 */
export async function failOver(tx: Db, broadcastId: string, rule: FailoverRule): Promise<number> {
  const [moved] = await rows<{ n: number }>(
    tx,
    sql`with late as materialized (
        select m.*, a.address as other, uuid7() as by_id from messages m cross join ${other(rule)}
        where m.ref = ${broadcastId} and ${late(rule)} and ${notYet} limit ${AT_ONCE}),
      taken as (
        insert into broadcast_failovers (broadcast_id, contact_id, message_id, by_id)
        select ref, contact_id, id, by_id from late on conflict do nothing returning by_id),
      batch as (
        insert into outbox_batches (id, channel, priority, ref)
        select uuid7(), ${rule.to}, (select min(priority) from late), ${broadcastId}::uuid
        where exists (select 1 from taken) returning id),
      queued as (
        insert into messages (id, direction, status, channel, address, contact_id, text, kind, ref, batch_id, priority,
          on_doubt, expires_at)
        select l.by_id, 'out', 'queued', ${rule.to}, l.other, l.contact_id, l.text, l.kind, l.ref, b.id, l.priority,
          l.on_doubt, l.expires_at
        from late l join taken t on t.by_id = l.by_id cross join batch b returning 1)
      select count(*)::int as n from queued`,
  );
  return moved?.n ?? 0;
}

/** Takes those back that are still queued although the first message has arrived meanwhile. Returns how many. */
export async function takeBackFailovers(tx: Db, broadcastId: string): Promise<number> {
  const back = await rows(
    tx,
    sql`update messages n set status = 'cancelled', failure = 'superseded', status_at = now(),
        detail = 'The first message has arrived after all.'
      from broadcast_failovers f join messages m on m.id = f.message_id
      where f.broadcast_id = ${broadcastId} and m.status in ('delivered', 'read')
        and n.id = f.by_id and n.status = 'queued' returning 1`,
  );
  return back.length;
}

/** Whether something may still have to fail over: it is under way, or not confirmed and not late yet. */
export async function mayFailOver(db: Db, broadcastId: string, rule: FailoverRule): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from messages m cross join ${other(rule)}
        where m.ref = ${broadcastId} and m.kind = 'broadcast' and m.channel = ${rule.from} and ${notYet}
          and (m.status in ('queued', 'sending', 'sent') or ${late(rule)}) limit 1`,
  );
  return found.length > 0;
}

export interface FailedOver {
  readonly people: number;
  /** Both messages were taken by a carrier, and the first arrived: these people may have it twice. */
  readonly twice: number;
}

export async function countFailedOver(db: Db, broadcastId: string): Promise<FailedOver> {
  const [counted] = await rows<FailedOver>(
    db,
    sql`select count(*)::int as people, (count(*) filter (where m.status in ('delivered', 'read')
          and n.status in ('sending', 'sent', 'delivered', 'read')))::int as twice
        from broadcast_failovers f join messages m on m.id = f.message_id join messages n on n.id = f.by_id
        where f.broadcast_id = ${broadcastId}`,
  );
  return counted ?? { people: 0, twice: 0 };
}
