import { type SQL, sql } from "drizzle-orm";
import { ALL_DRAWN_UP } from "./broadcasts.ts";
import { type Db, rows } from "./database.ts";

/** What became of one message, for people. `sent`: the carrier has it, and has not said that it arrived. */
export const OUTCOMES = [
  "waiting",
  "sent",
  "delivered",
  "read",
  "failed",
  "opted_out",
  "in_doubt",
  "cancelled",
  "expired",
] as const;
export type MessageOutcome = (typeof OUTCOMES)[number];

/** The messages of one kind: same channel, language, ward and fate. */
export interface ReportCell {
  readonly channel: string;
  /** Null: not stated. */
  readonly language: string | null;
  readonly ward: string | null;
  readonly outcome: MessageOutcome;
  /** Why it failed; null of what did not. */
  readonly failure: string | null;
  /** The same person counts by another message; it cost something all the same. */
  readonly replaced: boolean;
  readonly messages: number;
  /** SMS segments of what was handed over. */
  readonly segments: number;
  readonly possibleDuplicates: number;
}

/** `m.status` and `m.failure` as an outcome. */
const outcome = sql.raw(`case
  when m.status in ('queued', 'sending') then 'waiting'
  when m.failure = 'opted_out' then 'opted_out'
  when m.status = 'failed' and m.failure = 'in_doubt' then 'in_doubt'
  when m.status in ('failed', 'undelivered') or (m.status = 'cancelled' and m.failure = 'bad_address') then 'failed'
  else m.status::text end`);

const ofBroadcast = (id: string): SQL =>
  sql`m.ref = ${id}::uuid and m.kind = 'broadcast' and m.direction = 'out'`;

/**
 * What one channel did not confirm went by another too: the person counts once, by the message that arrived, else by the
 * later one. To stand after `messages m`.
 */
const failedOver = sql.raw(`
  left join broadcast_failovers f on f.broadcast_id = m.ref and f.contact_id = m.contact_id
  left join messages first on first.id = f.message_id`);
const replaced = sql.raw(`(f.by_id is not null and case when first.status in ('delivered', 'read')
  then m.id = f.by_id else m.id = f.message_id end)`);

/** Every message of a broadcast, counted once. */
export function reportCells(db: Db, id: string): Promise<readonly ReportCell[]> {
  return rows<ReportCell>(
    db,
    sql`select m.channel, c.language, c.fields->>'ward' as ward, ${outcome} as outcome,
          case when ${outcome} = 'failed' then coalesce(m.failure, 'unknown') end as failure, ${replaced} as replaced,
          count(*)::int as messages,
          coalesce(sum(coalesce(m.segments, 1)) filter (where m.channel = 'sms' and m.handed_over_at is not null), 0)::int
            as segments,
          sum(m.possible_duplicates)::int as "possibleDuplicates"
        from messages m left join contacts c on c.id = m.contact_id ${failedOver}
        where ${ofBroadcast(id)} group by 1, 2, 3, 4, 5, 6`,
  );
}

/** The same by group: somebody in two counts in both. */
export function reportGroups(
  db: Db,
  id: string,
): Promise<
  readonly { readonly group: string; readonly outcome: MessageOutcome; readonly messages: number }[]
> {
  return rows(
    db,
    sql`select g.name as group, ${outcome} as outcome, count(*)::int as messages
        from messages m join group_members gm on gm.contact_id = m.contact_id join groups g on g.id = gm.group_id ${failedOver}
        where ${ofBroadcast(id)} and not ${replaced} group by 1, 2 order by 1`,
  );
}

/** Seconds within which the half, 95 % and the last of those that were delivered had arrived. */
export interface DeliveryTimes {
  readonly half: number;
  readonly most: number;
  readonly last: number;
}

export interface Deliveries {
  readonly delivered: number;
  /** From the start of the broadcast; null while nothing was delivered. */
  readonly fromStart: DeliveryTimes | null;
  /** From each message's own hand-over. */
  readonly fromHandOver: DeliveryTimes | null;
  /** How many had been delivered so many seconds after the start. */
  readonly curve: readonly { readonly seconds: number; readonly delivered: number }[];
}

const POINTS = 24;

/** When messages arrived, by the first receipt that says so; by our own clock. */
export async function reportDeliveries(db: Db, id: string): Promise<Deliveries> {
  const times = (column: string): SQL =>
    sql.raw(`case when count(*) > 0 then jsonb_build_object(
      'half', round(percentile_disc(0.5) within group (order by ${column})::numeric, 1),
      'most', round(percentile_disc(0.95) within group (order by ${column})::numeric, 1),
      'last', round(max(${column})::numeric, 1)) end`);
  const [found] = await rows<Deliveries>(
    db,
    sql`
    with arrived as materialized (
      select greatest(extract(epoch from coalesce(r.at, m.status_at) - b.started_at), 0) as since_start,
        greatest(extract(epoch from coalesce(r.at, m.status_at) - m.handed_over_at), 0) as since_hand_over
      from broadcasts b join messages m on ${ofBroadcast(id)} and m.status in ('delivered', 'read') ${failedOver}
        left join lateral (
          select min(received_at) as at from receipts r
          where r.channel = m.channel and r.provider_id = m.provider_id and r.status in ('delivered', 'read')) r on true
      where b.id = ${id}::uuid and not ${replaced}),
    spread as (select nullif(max(since_start), 0) as longest from arrived),
    points as (
      select width_bucket(since_start, 0, longest, ${POINTS}::int - 1) as point, count(*)::int as n
      from arrived, spread where longest is not null group by 1)
    select (select count(*)::int from arrived) as delivered,
      (select ${times("since_start")} from arrived) as "fromStart",
      (select ${times("since_hand_over")} from arrived where since_hand_over is not null) as "fromHandOver",
      coalesce((
        select jsonb_agg(jsonb_build_object('seconds', seconds, 'delivered', total) order by seconds) from (
          select round((p.point * longest / (${POINTS}::int - 1))::numeric, 1) as seconds,
            (sum(n) over (order by p.point))::int as total from points p, spread) curve), '[]') as curve`,
  );
  return found ?? { delivered: 0, fromStart: null, fromHandOver: null, curve: [] };
}

export interface Answered {
  /** People who said STOP so soon after it that it may have been why. */
  readonly optOuts: number;
  /** What people wrote after it, STOP left out. */
  readonly replies: number;
  readonly repliers: number;
}

/** What people did within so many hours after the broadcast was handed over to their carrier. */
export async function reportAnswers(db: Db, id: string, hours: number): Promise<Answered> {
  const [found] = await rows<Answered>(
    db,
    sql`
    with b as (select started_at, coalesce(finished_at, now()) + make_interval(hours => ${hours}::int) as until
        from broadcasts where id = ${id}::uuid and started_at is not null),
    got as materialized (
      select m.contact_id, m.handed_over_at as at, m.handed_over_at + make_interval(hours => ${hours}::int) as until
      from messages m where ${ofBroadcast(id)} and m.handed_over_at is not null),
    stops as materialized (
      select l.contact_id, l.message_id from consent_ledger l, b, got
      where l.kind = 'opt_out' and l.at between b.started_at and b.until
        and got.contact_id = l.contact_id and l.at between got.at and got.until),
    wrote as materialized (
      select i.id, i.contact_id from messages i, b, got
      where i.direction = 'in' and i.id >= uuid7_floor(b.started_at) and i.id < uuid7_floor(b.until)
        and got.contact_id = i.contact_id and i.created_at between got.at and got.until
        and i.id not in (select message_id from stops where message_id is not null))
    select (select count(distinct contact_id)::int from stops) as "optOuts",
      (select count(distinct id)::int from wrote) as replies,
      (select count(distinct contact_id)::int from wrote) as repliers`,
  );
  return found ?? { optOuts: 0, replies: 0, repliers: 0 };
}

/** What the audit log kept of it when it was approved and started. */
export async function reportFacts(
  db: Db,
  id: string,
): Promise<{ readonly expectedCost: number | null; readonly leftOut: Readonly<Record<string, number>> }> {
  const [found] = await rows<{ cost: number | null; left: Record<string, number> | null }>(
    db,
    sql`select
        (select (data->>'cost')::float8 from audit_log where subject = ${`broadcast:${id}`}
          and action = 'broadcast.submitted' order by seq desc limit 1) as cost,
        (select data->'leftOut' from audit_log where subject = ${`broadcast:${id}`}
          and action = 'broadcast.started' order by seq desc limit 1) as left`,
  );
  return { expectedCost: found?.cost ?? null, leftOut: found?.left ?? {} };
}

// ── Kept ────────────────────────────────────────────────────────────────────────────────────────────────

export interface KeptReport {
  readonly report: unknown;
  readonly tookMs: number;
  readonly settled: boolean;
  /** Seconds. */
  readonly age: number;
}

export async function findReport(db: Db, id: string): Promise<KeptReport | undefined> {
  const [found] = await rows<KeptReport>(
    db,
    sql`select report, took_ms as "tookMs", settled, extract(epoch from now() - counted_at)::float8 as age
        from broadcast_reports where broadcast_id = ${id}`,
  );
  return found;
}

export async function keepReport(
  db: Db,
  id: string,
  { report, tookMs, settled }: Omit<KeptReport, "age">,
): Promise<void> {
  await db.execute(sql`
    insert into broadcast_reports (broadcast_id, report, took_ms, settled)
    values (${id}, ${JSON.stringify(report)}::jsonb, ${Math.round(tookMs)}, ${settled})
    on conflict (broadcast_id) do update set report = excluded.report, took_ms = excluded.took_ms,
      settled = excluded.settled, counted_at = now()`);
}

/** One recipient of a broadcast. */
export interface Recipient {
  readonly message: string;
  readonly address: string;
  readonly name: string | null;
  readonly language: string | null;
  readonly ward: string | null;
  readonly channel: string;
  readonly outcome: MessageOutcome;
  readonly failure: string | null;
  readonly code: string | null;
  readonly segments: number | null;
  /** ISO 8601, UTC. */
  readonly handedOverAt: string | null;
  readonly statusAt: string;
}

const PAGE = 1_000;

/** All recipients, read page by page: memory does not grow with their number. */
export async function* readRecipients(db: Db, id: string): AsyncGenerator<Recipient> {
  const iso = (column: string): SQL =>
    sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);
  let after = "00000000-0000-0000-0000-000000000000";
  while (after < ALL_DRAWN_UP) {
    const read: readonly Recipient[] = await rows<Recipient>(
      db,
      sql`select m.id as message, m.address, c.name, c.language, c.fields->>'ward' as ward, m.channel,
            ${outcome} as outcome, m.failure, m.code, m.segments, ${iso("m.handed_over_at")} as "handedOverAt",
            ${iso("m.status_at")} as "statusAt"
          from messages m left join contacts c on c.id = m.contact_id
          where ${ofBroadcast(id)} and m.id > ${after}::uuid order by m.id limit ${PAGE}`,
    );
    yield* read;
    after = read.length < PAGE ? ALL_DRAWN_UP : (read.at(-1)?.message ?? ALL_DRAWN_UP);
  }
}
