import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { textArray } from "./outbox.ts";

export const WEBHOOK_EVENTS = ["broadcast.finished", "message.status", "inbound"] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export interface WebhookEndpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly active: boolean;
  readonly waiting: number;
  readonly dead: number;
  /** What came of the last try. */
  readonly said: string | null;
}

/** A try that is due: the row is leased, nobody else makes it meanwhile. */
export interface DueDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly name: string;
  readonly url: string;
  readonly event: WebhookEvent;
  readonly data: unknown;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** With this one. */
  readonly attempts: number;
  /** Encrypted; the old one for as long as it still signs. */
  readonly secrets: readonly string[];
}

/** Somebody who makes a try and dies is made up for after this. */
const LEASE = "60 seconds";
/** Tries of one endpoint at once, so that a slow one holds up no other. */
const EACH = 5;
/** A new secret signs alone after this: receivers have so long to take it. */
const ROTATION = "24 hours";
const DELIVERED_DAYS = 7;
const DEAD_DAYS = 30;
/** Rows that one look deletes. */
const SLICE = 10_000;
/** Making a trigger waits for whoever writes messages, and they behind it: rather try again. */
const LOCK_TIMEOUT = "5s";

export interface NewEndpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Encrypted. */
  readonly secret: string;
}

export async function addEndpoint(tx: Db, e: NewEndpoint): Promise<void> {
  await tx.execute(sql`
    insert into webhook_endpoints (id, name, url, events, secret)
    values (${e.id}, ${e.name}, ${e.url}, ${textArray(e.events)}, ${e.secret})`);
  await listen(tx);
}

/** Messages are watched only while somebody wants to know of them. */
async function listen(tx: Db): Promise<void> {
  const [wanted] = await rows<{ inbound: boolean; status: boolean }>(
    tx,
    sql`select coalesce(bool_or('inbound' = any(events)), false) as inbound,
          coalesce(bool_or('message.status' = any(events)), false) as status
        from webhook_endpoints where active`,
  );
  const run = (statement: string): Promise<unknown> => tx.execute(sql.raw(statement));
  await run(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  for (const name of ["messages_tell_in", "messages_tell_heard", "messages_tell_status"])
    await run(`drop trigger if exists ${name} on messages`);
  // What belongs to a conversation is its own: only what stands alone is told.
  if (wanted?.inbound) {
    await run(`create trigger messages_tell_in after insert on messages for each row
      when (new.direction = 'in' and new.status = 'processed' and new.ref is null) execute function tell_of_message()`);
    await run(`create trigger messages_tell_heard after update on messages for each row
      when (new.direction = 'in' and old.status = 'received' and new.status = 'processed' and new.ref is null
        and new.address <> 'erased')
      execute function tell_of_message()`);
  }
  if (wanted?.status)
    await run(`create trigger messages_tell_status after update on messages for each row
      when (new.direction = 'out' and new.kind = 'broadcast' and new.status is distinct from old.status
        and new.status not in ('queued', 'sending'))
      execute function tell_of_message()`);
}

/** Every endpoint that is told something, or was not retired. */
export function listEndpoints(db: Db): Promise<readonly WebhookEndpoint[]> {
  return rows<WebhookEndpoint>(
    db,
    sql`select e.id, e.name, e.url, e.events, e.active,
          (select count(*)::int from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'waiting') as waiting,
          (select count(*)::int from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'dead') as dead,
          (select said from webhook_deliveries d where d.endpoint_id = e.id and said is not null order by id desc limit 1) as said
        from webhook_endpoints e where active order by e.name`,
  );
}

/** The old secret signs beside the new one for a day. Undefined: there is no such endpoint. */
export async function rotateSecret(tx: Db, name: string, secret: string): Promise<string | undefined> {
  const [rotated] = await rows<{ id: string }>(
    tx,
    sql`update webhook_endpoints set old_secret = secret, old_secret_until = now() + ${ROTATION}::interval,
          secret = ${secret} where name = ${name} and active returning id`,
  );
  return rotated?.id;
}

/** It is told nothing more; what waited is dropped. */
export async function retireEndpoint(tx: Db, name: string): Promise<string | undefined> {
  const [retired] = await rows<{ id: string }>(
    tx,
    sql`update webhook_endpoints set active = false where name = ${name} and active returning id`,
  );
  if (!retired) return undefined;
  await tx.execute(sql`delete from webhook_deliveries where endpoint_id = ${retired.id}`);
  await listen(tx);
  return retired.id;
}

/** Leases what is due, a few of each endpoint. */
export function claimDeliveries(db: Db, limit: number): Promise<readonly DueDelivery[]> {
  return rows<DueDelivery>(
    db,
    sql`
    with due as materialized (
      select d.id from webhook_endpoints e cross join lateral (
        select id, due_at from webhook_deliveries where endpoint_id = e.id and status = 'waiting' and due_at <= now()
        order by due_at, id limit ${EACH} for update skip locked) d
      where e.active limit ${limit})
    update webhook_deliveries d set attempts = d.attempts + 1, due_at = now() + ${LEASE}::interval
    from webhook_endpoints e
    where d.id = any (array(select id from due)) and e.id = d.endpoint_id and d.status = 'waiting'
    returning d.id, e.id as "endpointId", e.name, e.url, d.event, d.data, d.attempts,
      to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt",
      case when e.old_secret_until > now() then array[e.secret, e.old_secret] else array[e.secret] end as secrets`,
  );
}

export type DeliveryOutcome =
  | { readonly kind: "delivered"; readonly said: string }
  | { readonly kind: "later"; readonly said: string; readonly inSeconds: number }
  | { readonly kind: "dead"; readonly said: string };

/** What came of a try; a try that is not the last one changes nothing. */
export async function settleDelivery(
  tx: Db,
  { id, attempts }: Pick<DueDelivery, "id" | "attempts">,
  outcome: DeliveryOutcome,
): Promise<void> {
  const seconds = outcome.kind === "later" ? outcome.inSeconds : 0;
  await tx.execute(sql`
    update webhook_deliveries set said = ${outcome.said},
      status = ${outcome.kind === "later" ? "waiting" : outcome.kind},
      due_at = now() + make_interval(secs => ${seconds}::int),
      settled_at = case when ${outcome.kind === "later"}::boolean then null else now() end
    where id = ${id} and attempts = ${attempts} and status = 'waiting'`);
}

/** What was given up is tried again from the beginning. Returns how many. */
export async function retryDead(tx: Db, name: string): Promise<number> {
  const again = await rows(
    tx,
    sql`update webhook_deliveries d set status = 'waiting', attempts = 0, due_at = now(), settled_at = null
        from webhook_endpoints e where e.id = d.endpoint_id and e.name = ${name} and e.active and d.status = 'dead'
        returning 1`,
  );
  return again.length;
}

/** Deletes what was told long ago, in slices. */
export async function forgetDeliveries(db: Db): Promise<void> {
  await db.execute(sql`
    delete from webhook_deliveries where id = any (array(
      select id from webhook_deliveries
      where (status = 'delivered' and settled_at < now() - make_interval(days => ${DELIVERED_DAYS}::int))
         or (status = 'dead' and settled_at < now() - make_interval(days => ${DEAD_DAYS}::int))
      limit ${SLICE}))`);
}
