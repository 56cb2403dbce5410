import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { Runner } from "./line.ts";
import { PRIORITY, type Priority } from "./schema.ts";

/** A message that is marked `sending` and must now be handed over. */
export interface Outgoing {
  readonly id: string;
  readonly batchId: string;
  readonly address: string;
  readonly contactId: string | null;
  readonly text: string;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly priority: Priority;
  readonly ref: string | null;
  readonly kind: string;
  /** This hand-over's number: with the batch it fences late outcomes off. */
  readonly attempts: number;
  readonly onDoubt: "resend" | "hold";
  readonly expiresAt: string | null;
  readonly lastInboundAt: string | null;
  /** providerId of the message that this one edits, or whose thread it joins. */
  readonly replaces: string | null;
  readonly thread: string | null;
  readonly handedOverAt: string | null;
}

export interface Slice {
  readonly messages: readonly Outgoing[];
  /** Batches that the messages came from. */
  readonly batches: number;
  /** Messages that were settled without being sent: opted out, too late, … */
  readonly settled: number;
  /** Nothing was due: milliseconds until something is; null when nothing waits. */
  readonly nextMs: number | null;
}

/** How long messages wait whose turn has not come: as long as they have waited already, within these bounds. */
const NOT_YET = { least: "15 milliseconds", most: "400 milliseconds" } as const;
/**
 * How long a message waits for an earlier one to the same address that is tried again or in doubt, counted from the
 * last change of that one. A crisis message waits for a hand-over that is under way, and for no doubt.
 */
const ORDER_WAITS = { crisis: "10 seconds", reply: "60 seconds" } as const;
/** Messages older than this keep nobody waiting: bounds what is looked at in a busy Slack channel. */
const ORDER_LOOKS_BACK = "1 day";

const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Whether staff have paused the broadcast that a batch belongs to. Its own status decides, whenever the batch was made;
 * `outbox_batches.paused` only keeps what waits out of the index.
 */
const broadcastPaused = (ref: string): string =>
  `exists (select 1 from broadcasts w where w.id = ${ref} and w.status = 'paused')`;

/** … or whether it is none of the hours in which that broadcast may be sent, however late anybody looks at the clock. */
const broadcastWaits = (ref: string): string =>
  `exists (select 1 from broadcasts w where w.id = ${ref}
    and (w.status = 'paused' or now() < w.sends_from or now() >= w.sends_to))`;

/** Another message that is queued or under way before `m`, which must not overtake it. */
const EARLIER = `exists (select 1 from messages e
  where e.address = p.address and e.id < p.id and e.id >= uuid7_floor(now() - interval '${ORDER_LOOKS_BACK}')
    and e.priority = p.priority and e.status in ('queued', 'sending')
    and e.id <> all (array(select jsonb_array_elements_text($4::text::jsonb)::uuid)) and case
      when e.status = 'queued' and e.batch_id in (select id from due) then false
      when e.status = 'queued' and e.attempts = 0 then exists (
        select 1 from outbox_batches b where b.id = e.batch_id and not b.paused)
      when e.failure = 'unreachable' or (e.failure = 'unknown_outcome' and p.priority = ${PRIORITY.crisis}) then false
      else e.status_at > now() - case p.priority when ${PRIORITY.crisis} then interval '${ORDER_WAITS.crisis}'
        else interval '${ORDER_WAITS.reply}' end end)`;

const SLACK_ORIGINAL = `left join lateral (select o.id, o.status, o.provider_id from messages o
      where o.id = (case when coalesce(p.extras->>'replaces', p.extras->>'thread') ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$'
        then coalesce(p.extras->>'replaces', p.extras->>'thread') end)::uuid limit 1) o on true`;

/** Most messages that one claim returns. */
export const SLICE_LIMIT = 128;
/** Most of them from one batch of bulk, so that a claim over many batches stays small. */
const BULK_LIMIT = 64;
/** Batches that one claim looks into: one for bulk of 500, many for replies of one. */
export const BATCH_COUNTS = [1, 8, 64] as const;
export type BatchCount = (typeof BATCH_COUNTS)[number];

/**
 * Every look-up goes by an index whatever the planner guesses: scalar queries, LATERAL with a limit, a status that no
 * partial index can be used for. Limits are part of the text, so that one plan fits. Bulk is taken as it lies in its batch, the others in the order in
 * which they were queued (as text, or the planner walks the primary key).
 * $1 channel, $2 up to which priority, $3 messages, $4 ids that are as good as settled.
 */
const claimText = (slack: boolean, batches: BatchCount): string => `
  with due as materialized (
    select id, priority from outbox_batches
    where channel = $1 and not paused and priority <= $2::smallint and due_at <= now()
      and not ${broadcastWaits("outbox_batches.ref")}
    order by priority, due_at, id limit ${batches} for update skip locked),
  picked as materialized (
    select * from (select p.*, row_number() over (order by p.priority, p.id) as nth from due cross join lateral (
      (select * from messages m where m.batch_id = due.id and m.status = 'queued' and due.priority < ${PRIORITY.bulk}
        order by m.id::text limit ${SLICE_LIMIT})
      union all
      (select * from messages m where m.batch_id = due.id and m.status = 'queued' and due.priority = ${PRIORITY.bulk}
        limit ${BULK_LIMIT})) p) numbered
    where nth <= $3::int),
  judged as materialized (
    select p.id, p.batch_id, a.last_inbound_at, ${slack ? "o.provider_id" : "null::text"} as original, case
        when p.expires_at = to_timestamp(0) then 'cancelled'
        when p.expires_at <= now() then 'expired'
        when not p.consent_exempt and (select opted_out_at from contacts c where c.id = p.contact_id) is not null
          then 'opted_out'
        when a.bad_since is not null then 'bad_address'
        ${
          slack
            ? `when o.status in ('failed', 'cancelled', 'expired') and p.extras ? 'replaces' then 'superseded'
        when o.id is not null and o.provider_id is null and o.status in ('queued', 'sending') then 'later'`
            : ""
        }
        when p.priority < ${PRIORITY.bulk} and ${EARLIER} then 'later'
        else 'go' end as verdict
    from picked p
    left join lateral (select bad_since, last_inbound_at from addresses where address = p.address limit 1) a on true
    ${slack ? SLACK_ORIGINAL : ""}),
  taken as (
    update messages m set
      status = (case j.verdict when 'go' then 'sending' when 'expired' then 'expired' else 'cancelled' end)::message_status,
      failure = case when j.verdict <> 'go' then j.verdict end,
      detail = case j.verdict
        when 'cancelled' then 'Cancelled by staff before it was handed over.'
        when 'expired' then 'It was no longer useful by the time it could be sent.'
        when 'opted_out' then 'The person has opted out.'
        when 'bad_address' then 'The carrier said that this address cannot receive.'
        when 'superseded' then 'The Slack message that it edits was never posted.' end,
      attempts = m.attempts + (case j.verdict when 'go' then 1 else 0 end),
      handed_over_at = case j.verdict when 'go' then now() else m.handed_over_at end,
      status_at = now()
    from judged j
    where m.id = any (array(select id from judged where verdict <> 'later')) and m.id = j.id and m.status::text = 'queued'
    returning m.*, j.verdict, j.last_inbound_at, j.original),
  spent as (
    delete from outbox_batches b using due where b.id = due.id and (select count(*) from picked) < $3::int
      and not exists (select 1 from judged j where j.batch_id = due.id
        having count(*) >= ${BULK_LIMIT} or bool_or(j.verdict = 'later'))),
  waiting as (
    update outbox_batches b set
      due_at = now() + least(interval '${NOT_YET.most}', greatest(interval '${NOT_YET.least}', now() - j.since))
    from (select batch_id, min(uuid7_time(id)) as since from judged group by batch_id having bool_and(verdict = 'later')) j
    where b.id = j.batch_id)
  select (select coalesce(json_agg(json_build_object('id', id, 'batchId', batch_id, 'address', address, 'contactId', contact_id,
      'text', text, 'extras', extras, 'priority', priority, 'ref', ref, 'kind', kind, 'attempts', attempts, 'onDoubt', on_doubt,
      'expiresAt', ${iso("expires_at")}, 'lastInboundAt', ${iso("last_inbound_at")}, 'handedOverAt', ${iso("handed_over_at")},
      'replaces', case when extras ? 'replaces' then original end,
      'thread', case when extras ? 'thread' then coalesce(original, case when extras->>'thread' like '%:%'
        then extras->>'thread' end) end) order by priority, id), '[]') from taken where verdict = 'go') as messages,
    (select count(distinct batch_id)::int from picked) as batches,
    (select count(*)::int from taken where verdict <> 'go') as settled,
    case when not exists (select 1 from picked) then (
      select (extract(epoch from min(due_at) - now()) * 1000)::float8 from (
        select (select min(due_at) from outbox_batches b where b.channel = $1 and not b.paused and b.priority = p
          and b.id not in (select id from due) and not ${broadcastWaits("b.ref")}) as due_at
        from generate_series(0, $2::int) p) next) end as "nextMs"`;

const texts = new Map<string, string>();

/**
 * Marks up to `limit` due messages of a channel as `sending` and returns them: crisis, then replies, then bulk, from at
 * most `batches` batches, which are locked for this one statement. From here until it is settled, the hand-over is the
 * caller's lease on the message. What may not be sent is settled here: opted out or bad address → cancelled, too late →
 * expired; this is where consent is checked. Messages whose turn has not come stay queued: an earlier one to the same
 * address is under way, or the Slack message that they edit is not posted yet. `handedOver`: ids whose hand-over is over
 * and only not written yet; nobody waits for those.
 */
export async function claimSlice(
  line: Runner,
  channel: string,
  upTo: Priority,
  batches: BatchCount,
  limit: number,
  handedOver: readonly string[] = [],
): Promise<Slice> {
  const slack = channel === "slack";
  const key = `${slack} ${batches}`;
  const text = texts.get(key) ?? claimText(slack, batches);
  texts.set(key, text);
  const [slice] = await line.run<Slice>(text, [channel, upTo, limit, JSON.stringify(handedOver)]);
  if (!slice) throw new Error("the claim returned no row");
  return slice;
}

/** What became of one hand-over. */
export type Outcome =
  /** `segments`: of an SMS. */
  | { readonly kind: "sent"; readonly providerId: string | null; readonly segments?: number }
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
      readonly delayMs: number;
      readonly counted: boolean;
      readonly failure: string | null;
      readonly code: string | null;
      readonly detail: string | null;
    }
  | { readonly kind: "doubt"; readonly detail: string };

/** A hand-over that was claimed, with its outcome. */
export interface Settled {
  readonly message: Outgoing;
  readonly outcome: Outcome;
}

/** Longest code and detail of a carrier that are kept. */
const WORDS_LENGTH = 500;

/**
 * $1 channel, $2 the outcomes, $3 the batches of those that are tried again. A carrier that took a message is believed
 * whoever reports it; any other outcome counts only for the hand-over that it belongs to.
 */
const SETTLE = `
  with x as materialized (
    select * from jsonb_to_recordset($2::text::jsonb) as x (id uuid, old_batch uuid, attempts smallint, status message_status,
      provider text, failure text, code text, detail text, batch uuid, back smallint, segments smallint)),
  added as (
    insert into outbox_batches (id, channel, priority, ref, paused, due_at)
    select n.id, $1, n.priority, n.ref, ${broadcastPaused("n.ref")},
      now() + n.delay * interval '1 millisecond'
    from jsonb_to_recordset($3::text::jsonb) as n (id uuid, priority smallint, ref uuid, delay float8)),
  moved as (
    update messages m set
      status = case when x.status = 'sent' and (m.status in ('queued', 'sending') or m.failure = 'in_doubt') then 'sent'
        when m.status = 'sending' then x.status else m.status end,
      provider_id = coalesce(x.provider, m.provider_id), segments = coalesce(m.segments, x.segments),
      failure = case when m.status = 'sending' then x.failure when x.status = 'sent' and m.failure = 'in_doubt' then null
        else m.failure end,
      code = case when m.status = 'sending' then x.code else m.code end,
      detail = case when m.status = 'sending' then x.detail when x.status = 'sent' and m.failure = 'in_doubt' then null
        else m.detail end,
      batch_id = case when m.status = 'sending' then coalesce(x.batch, m.batch_id) else m.batch_id end,
      attempts = m.attempts - (case when m.status = 'sending' then coalesce(x.back, 0) else 0 end),
      status_at = now()
    from x
    where m.id = any (array(select id from x)) and m.id = x.id
      and (x.status = 'sent' or (m.attempts = x.attempts and m.batch_id = x.old_batch)))
  select exists (select 1 from receipts r where r.channel = $1 and r.message_id is null
    and r.provider_id = any (array(select provider from x where provider is not null))) as early`;

/**
 * Writes the outcomes of hand-overs in one statement. A receipt that came first is not overwritten, and neither is a
 * later hand-over of the same message. True: the carrier's receipts for some of them came before.
 */
export async function settleHandOvers(
  line: Runner,
  channel: string,
  settled: readonly Settled[],
  newId: () => string,
): Promise<boolean> {
  if (settled.length === 0) return false;
  const again = new Map<string, { id: string; priority: Priority; ref: string | null; delay: number }>();
  const outcomes = settled.map(({ message, outcome }) => {
    const row = { id: message.id, old_batch: message.batchId, attempts: message.attempts };
    if (outcome.kind === "sent")
      return { ...row, status: "sent", provider: outcome.providerId, segments: outcome.segments };
    const detail = outcome.detail === null ? null : words(outcome.detail);
    if (outcome.kind === "doubt") return { ...row, status: "sending", failure: "unknown_outcome", detail };
    const failed = {
      ...row,
      failure: outcome.failure,
      code: outcome.code === null ? null : words(outcome.code),
      detail,
    };
    if (outcome.kind === "final") return { ...failed, status: outcome.status };
    // Messages that come back in the same second share a batch.
    const { priority, ref } = message;
    const key = `${Math.ceil(outcome.delayMs / 1000)} ${priority} ${ref}`;
    const batch = again.get(key) ?? { id: newId(), priority, ref, delay: outcome.delayMs };
    again.set(key, { ...batch, delay: Math.max(batch.delay, outcome.delayMs) });
    return { ...failed, status: "queued", batch: batch.id, back: outcome.counted ? 0 : 1 };
  });
  const [written] = await line.run<{ early: boolean }>(SETTLE, [
    channel,
    JSON.stringify(outcomes),
    JSON.stringify([...again.values()]),
  ]);
  return written?.early ?? false;
}

/** What Postgres can keep of a carrier's words. */
function words(text: string): string {
  return text.replaceAll("\u0000", "").slice(0, WORDS_LENGTH).toWellFormed();
}

/** A hand-over whose outcome nobody knows. */
export type Doubt = Outgoing & { readonly handedOverAt: string; readonly ageMs: number };

/**
 * Hand-overs in doubt: the answer was lost `graceMs` ago, or nothing was heard of them for the lease and the grace
 * time. What is taken is left alone for another `graceMs`, so that two workers do not ask at once.
 */
export async function takeDoubts(
  db: Db,
  channel: string,
  graceMs: number,
  leaseMs: number,
  limit: number,
): Promise<Doubt[]> {
  const passed = (ms: number) => sql`status_at < now() - ${ms} * interval '1 millisecond'`;
  return rows<Doubt>(
    db,
    sql`update messages m set status_at = now(), failure = 'unknown_outcome',
        detail = 'The carrier has not said whether it took the message.'
      where m.id in (select id from messages where status = 'sending' and channel = ${channel}
          and ${passed(graceMs)} and (failure = 'unknown_outcome' or ${passed(graceMs + leaseMs)})
        order by priority, id limit ${limit} for update skip locked)
      returning m.id, m.batch_id as "batchId", m.address, m.contact_id as "contactId", m.text, m.extras, m.priority, m.ref,
        m.kind, m.attempts, m.on_doubt as "onDoubt", ${sql.raw(iso("m.expires_at"))} as "expiresAt",
        ${sql.raw(iso("m.handed_over_at"))} as "handedOverAt", null as "lastInboundAt", null as replaces,
        case when m.extras->>'thread' like '%:%' then m.extras->>'thread' end as thread,
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
  const { id, attempts, ref, priority } = doubt;
  const moved = await rows(
    tx,
    sql`update messages set status = 'queued', failure = null, detail = null, batch_id = ${batchId}, status_at = now(),
        possible_duplicates = possible_duplicates + ${counted ? 1 : 0}
      where id = ${id} and status = 'sending' and attempts = ${attempts} and batch_id = ${doubt.batchId} returning 1`,
  );
  if (moved.length === 0) return;
  await tx.execute(sql`insert into outbox_batches (id, channel, priority, ref, paused)
    select ${batchId}, ${channel}, ${priority}, ${ref}::uuid,
      ${sql.raw(broadcastPaused("given.ref"))} from (select ${ref}::uuid as ref) given`);
}
