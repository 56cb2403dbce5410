import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { Priority } from "./schema.ts";

/** A claim on a batch. Whoever holds an older token changes nothing. */
export interface BatchLease {
  readonly id: string;
  readonly token: string;
  readonly priority: Priority;
}

/** A message that is marked `sending` and must now be handed over. */
export interface Outgoing {
  readonly id: string;
  readonly address: string;
  readonly contactId: string | null;
  readonly text: string;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly ref: string | null;
  readonly kind: string;
  /** This hand-over's number: fences late outcomes off. */
  readonly attempts: number;
  readonly onDoubt: "resend" | "hold";
  readonly expiresAt: string | null;
  readonly lastInboundAt: string | null;
  /** providerId of the message that this one edits, or whose thread it joins. */
  readonly replaces: string | null;
  readonly thread: string | null;
  readonly handedOverAt: string | null;
}

const ISO = (column: ReturnType<typeof sql>) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Leases the most urgent due batch of a channel: crisis, then replies, then bulk. `upTo` keeps to priorities up to it,
 * so that capacity can be reserved.
 */
export async function leaseBatch(
  db: Db,
  channel: string,
  upTo: Priority,
  token: string,
  leaseMs: number,
): Promise<BatchLease | undefined> {
  const [lease] = await rows<BatchLease>(
    db,
    sql`update outbox_batches set lease_token = ${token}, lease_until = now() + ${leaseMs} * interval '1 millisecond'
      where id = (select id from outbox_batches
        where channel = ${channel} and not paused and priority <= ${upTo} and due_at <= now()
          and (lease_until is null or lease_until < now())
        order by priority, due_at, id limit 1 for update skip locked)
      returning id, lease_token as token, priority`,
  );
  return lease;
}

/**
 * Marks up to `limit` messages of a leased batch as `sending` and returns them; what may not be sent is settled here:
 * opted out or bad address → cancelled, too late → expired. This is where consent is checked. Messages whose turn has
 * not come (an earlier one to the same address is on its way; a Slack message that they edit is not posted yet) stay.
 */
export async function takeSlice(db: Db, lease: BatchLease, limit: number): Promise<Outgoing[]> {
  return rows<Outgoing>(
    db,
    sql`with picked as materialized (
      select m.id, case
          when m.expires_at <= now() then 'expired'
          when c.opted_out_at is not null and not m.consent_exempt then 'opted_out'
          when a.bad_since is not null then 'bad_address'
          when m.channel = 'slack' and (o.status in ('failed', 'cancelled', 'expired')) and m.extras ? 'replaces' then 'superseded'
          when o.id is not null and o.provider_id is null and o.status in ('queued', 'sending') then 'later'
          when m.priority < 2 and exists (select 1 from messages e
            where e.address = m.address and e.id < m.id and e.batch_id <> m.batch_id and e.priority = m.priority
              and ((e.status = 'queued' and e.attempts = 0) or (e.status = 'sending' and e.attempts = 1 and e.failure is null)))
            then 'later'
          else 'go' end as verdict,
        a.last_inbound_at, o.provider_id as original
      from messages m
      left join contacts c on c.id = m.contact_id
      left join addresses a on a.address = m.address
      left join messages o on m.channel = 'slack' and o.id = (case
        when coalesce(m.extras->>'replaces', m.extras->>'thread') ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$'
        then coalesce(m.extras->>'replaces', m.extras->>'thread') end)::uuid
      where m.batch_id = ${lease.id} and m.status = 'queued' and exists (select 1 from outbox_batches b
        where b.id = ${lease.id} and b.lease_token = ${lease.token} and b.lease_until > now() and not b.paused)
      order by m.id limit ${limit}),
    taken as (
      update messages m set
        status = (case p.verdict when 'go' then 'sending' when 'expired' then 'expired' else 'cancelled' end)::message_status,
        failure = case when p.verdict in ('go') then null else p.verdict end,
        detail = case p.verdict
          when 'expired' then 'It was no longer useful by the time it could be sent.'
          when 'opted_out' then 'The person has opted out.'
          when 'bad_address' then 'The carrier said that this address cannot receive.'
          when 'superseded' then 'The Slack message that it edits was never posted.' end,
        attempts = m.attempts + (case p.verdict when 'go' then 1 else 0 end),
        handed_over_at = case p.verdict when 'go' then now() else m.handed_over_at end,
        status_at = now()
      from picked p where m.id = p.id and m.status = 'queued' and p.verdict <> 'later'
      returning m.*, p.verdict, p.last_inbound_at, p.original)
    select id, address, contact_id as "contactId", text, extras, priority, ref, kind, attempts, on_doubt as "onDoubt",
      ${ISO(sql`expires_at`)} as "expiresAt", ${ISO(sql`last_inbound_at`)} as "lastInboundAt",
      ${ISO(sql`handed_over_at`)} as "handedOverAt",
      case when extras ? 'replaces' then original end as replaces,
      case when extras ? 'thread' then coalesce(original, case when extras->>'thread' like '%:%' then extras->>'thread' end) end as thread
    from taken where verdict = 'go' order by id`,
  );
}

/** What became of one hand-over. */
export type Outcome = { readonly id: string; readonly attempts: number } & (
  | { readonly kind: "sent"; readonly providerId: string | null }
  | {
      readonly kind: "final";
      readonly status: "failed" | "undelivered" | "cancelled";
      readonly failure: string;
      readonly code: string | null;
      readonly detail: string;
    }
  /** Queued again in a batch of its own. `counted`: false gives the attempt back. */
  | {
      readonly kind: "again";
      readonly batchId: string;
      readonly delayMs: number;
      readonly counted: boolean;
      readonly failure: string;
      readonly code: string | null;
      readonly detail: string;
    }
  | { readonly kind: "doubt"; readonly detail: string }
);

/**
 * Writes the outcomes of a slice in one statement. A receipt that came first is not overwritten, and neither is a
 * hand-over with a later number.
 */
export async function settleSlice(
  tx: Db,
  channel: string,
  priority: Priority,
  outcomes: readonly Outcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  for (const outcome of new Map(
    outcomes.flatMap((o) => (o.kind === "again" ? [[o.batchId, o] as const] : [])),
  ).values()) {
    await tx.execute(sql`insert into outbox_batches (id, channel, priority, ref, paused, due_at)
      select ${outcome.batchId}, ${channel}, ${priority}, ref,
        exists (select 1 from outbox_batches p where p.ref = messages.ref and p.paused),
        now() + ${outcome.delayMs} * interval '1 millisecond'
      from messages where id = ${outcome.id}`);
  }
  const settled = outcomes.map(settledRow);
  await tx.execute(sql`update messages m set
      status = case when m.status = 'sending' then x.status::message_status else m.status end,
      provider_id = coalesce(x.provider, m.provider_id),
      failure = case when m.status = 'sending' then x.failure else m.failure end,
      code = case when m.status = 'sending' then x.code else m.code end,
      detail = case when m.status = 'sending' then x.detail else m.detail end,
      batch_id = case when m.status = 'sending' then coalesce(x.batch, m.batch_id) else m.batch_id end,
      attempts = m.attempts - (case when m.status = 'sending' then coalesce(x.back, 0) else 0 end),
      status_at = now()
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as x(id uuid, attempts smallint, status text, provider text,
      failure text, code text, detail text, batch uuid, back smallint)
    where m.id = x.id and m.attempts = x.attempts`);
}

function settledRow(outcome: Outcome): Record<string, unknown> {
  const { id, attempts, kind } = outcome;
  if (kind === "sent") return { id, attempts, status: "sent", provider: outcome.providerId };
  if (kind === "doubt")
    return { id, attempts, status: "sending", failure: "unknown_outcome", detail: outcome.detail };
  const { failure, code, detail } = outcome;
  if (kind === "final") return { id, attempts, status: outcome.status, failure, code, detail };
  return {
    id,
    attempts,
    status: "queued",
    batch: outcome.batchId,
    back: outcome.counted ? 0 : 1,
    failure,
    code,
    detail,
  };
}

/**
 * Gives a batch back: gone when nothing of it is queued, else due again. `waitMs` lets messages whose turn had not come
 * wait a moment.
 */
export async function releaseBatch(tx: Db, lease: BatchLease, waitMs: number): Promise<void> {
  await tx.execute(sql`with left_over as (
      select 1 from messages where batch_id = ${lease.id} and status = 'queued' limit 1),
    gone as (delete from outbox_batches where id = ${lease.id} and lease_token = ${lease.token}
      and not exists (select 1 from left_over))
    update outbox_batches set lease_until = null, lease_token = null, due_at = now() + ${waitMs} * interval '1 millisecond'
    where id = ${lease.id} and lease_token = ${lease.token} and exists (select 1 from left_over)`);
}

/** Milliseconds until the next batch of a channel is due; undefined when there is none. */
export async function nextBatchIn(db: Db, channel: string): Promise<number | undefined> {
  const [row] = await rows<{ ms: number | null }>(
    db,
    sql`select (extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now()) * 1000)::float8 as ms
      from outbox_batches where channel = ${channel} and not paused`,
  );
  return row?.ms === null || row === undefined ? undefined : Math.max(0, row.ms);
}

/** A hand-over whose outcome nobody knows; taken for `graceMs`, so that two workers do not ask at once. */
export type Doubt = Outgoing & { readonly handedOverAt: string; readonly ageMs: number };

/** Hand-overs in doubt: the answer was lost, or the worker's lease ended before its outcome was written. */
export async function takeDoubts(db: Db, channel: string, graceMs: number, limit: number): Promise<Doubt[]> {
  return rows<Doubt>(
    db,
    sql`update messages m set status_at = now(), failure = 'unknown_outcome',
        detail = 'The carrier has not said whether it took the message.'
      where m.id in (select id from messages where status = 'sending' and channel = ${channel}
          and status_at < now() - ${graceMs} * interval '1 millisecond'
          and (failure = 'unknown_outcome' or not exists (select 1 from outbox_batches b
            where b.id = messages.batch_id and b.lease_until > now()))
        order by id limit ${limit} for update skip locked)
      returning m.id, m.address, m.contact_id as "contactId", m.text, m.extras, m.priority, m.ref, m.kind, m.attempts,
        m.on_doubt as "onDoubt", ${ISO(sql`m.expires_at`)} as "expiresAt", ${ISO(sql`m.handed_over_at`)} as "handedOverAt",
        null as "lastInboundAt", null as replaces, case when m.extras->>'thread' like '%:%' then m.extras->>'thread' end as thread,
        (extract(epoch from now() - m.handed_over_at) * 1000)::float8 as "ageMs"`,
  );
}

/** Queues a doubtful message again. `counted`: it may be a duplicate, and reports say so. */
export async function requeueDoubt(
  tx: Db,
  channel: string,
  doubt: Doubt,
  batchId: string,
  counted: boolean,
): Promise<void> {
  await tx.execute(
    sql`insert into outbox_batches (id, channel, priority, ref) values (${batchId}, ${channel}, ${doubt.priority}, ${doubt.ref})`,
  );
  await tx.execute(sql`update messages set status = 'queued', failure = null, detail = null, batch_id = ${batchId}, status_at = now(),
      possible_duplicates = possible_duplicates + ${counted ? 1 : 0}
    where id = ${doubt.id} and status = 'sending' and attempts = ${doubt.attempts}`);
}
