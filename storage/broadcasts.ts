import { type SQL, sql } from "drizzle-orm";
import type { BegunFrom, MessageClass } from "#flows";
import { type Db, rows } from "./database.ts";
import { textArray } from "./outbox.ts";
import type { Audience, BroadcastStatus, Priority, Texts } from "./schema.ts";

export interface Broadcast {
  readonly id: string;
  readonly title: string;
  readonly status: BroadcastStatus;
  readonly audience: Audience;
  readonly texts: Texts;
  /** In order of preference. */
  readonly channels: readonly string[];
  readonly priority: Priority;
  readonly contentHash: string;
  /** Recipients counted when approval was asked for. */
  readonly expectedRecipients: number;
  /** The only one who edits and submits it. */
  readonly createdBy: string;
  readonly messageClass: MessageClass;
  readonly sensitive: boolean;
  /** Handed over between these moments only, the later excluded; null: at any time. */
  readonly sendsFrom: string | null;
  readonly sendsTo: string | null;
  /** Of ten thousand recipients, how many go first; null: none, or the rest may follow. */
  readonly canary: number | null;
  /** Why the program itself paused it. */
  readonly pausedBecause: string | null;
  /** The version of the template that it was begun from. */
  readonly template: BegunFrom | null;
  /** Times are ISO 8601 in UTC. */
  readonly sendAt: string | null;
  readonly expiresAt: string | null;
  /** Keyset position of drawing up: restartable. {@link ALL_DRAWN_UP} when it is through. */
  readonly drawnUpTo: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Stands in `drawnUpTo` once there is a message for every recipient: no id is higher. */
export const ALL_DRAWN_UP = "ffffffff-ffff-ffff-ffff-ffffffffffff";

const iso = (column: string): SQL =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
const columns = sql`id, title, status, audience, texts, channels, priority, content_hash as "contentHash",
  expected_recipients as "expectedRecipients", created_by as "createdBy", message_class as "messageClass", sensitive, canary, template,
  paused_because as "pausedBecause", ${iso("sends_from")} as "sendsFrom", ${iso("sends_to")} as "sendsTo",
  ${iso("send_at")} as "sendAt",
  ${iso("expires_at")} as "expiresAt", drawn_up_to as "drawnUpTo", ${iso("started_at")} as "startedAt",
  ${iso("finished_at")} as "finishedAt"`;

export type BroadcastContent = Pick<
  Broadcast,
  | "title"
  | "audience"
  | "texts"
  | "channels"
  | "contentHash"
  | "expectedRecipients"
  | "sendAt"
  | "expiresAt"
  | "messageClass"
  | "sensitive"
> &
  Partial<Pick<Broadcast, "template">>;

const asJson = (value: object | null | undefined): string | null => (value ? JSON.stringify(value) : null);

export async function insertBroadcast(
  tx: Db,
  broadcast: BroadcastContent & Pick<Broadcast, "id" | "priority" | "createdBy" | "status">,
): Promise<void> {
  await tx.execute(sql`
    insert into broadcasts (id, title, status, audience, texts, channels, priority, content_hash, expected_recipients,
      created_by, send_at, expires_at, message_class, sensitive, template)
    values (${broadcast.id}, ${broadcast.title}, ${broadcast.status}, ${JSON.stringify(broadcast.audience)}::jsonb,
      ${JSON.stringify(broadcast.texts)}::jsonb, ${textArray(broadcast.channels)}, ${broadcast.priority},
      ${broadcast.contentHash}, ${broadcast.expectedRecipients}, ${broadcast.createdBy},
      ${broadcast.sendAt}::timestamptz, ${broadcast.expiresAt}::timestamptz, ${broadcast.messageClass}, ${broadcast.sensitive},
      ${asJson(broadcast.template)}::jsonb)`);
}

export async function rewriteBroadcast(
  tx: Db,
  id: string,
  status: BroadcastStatus,
  content: BroadcastContent,
): Promise<void> {
  await tx.execute(sql`
    update broadcasts set status = ${status}, title = ${content.title},
      audience = ${JSON.stringify(content.audience)}::jsonb, texts = ${JSON.stringify(content.texts)}::jsonb,
      channels = ${textArray(content.channels)}, content_hash = ${content.contentHash},
      expected_recipients = ${content.expectedRecipients}, send_at = ${content.sendAt}::timestamptz,
      expires_at = ${content.expiresAt}::timestamptz, message_class = ${content.messageClass},
      sensitive = ${content.sensitive},
      template = ${asJson(content.template)}::jsonb
    where id = ${id}`);
}

export async function findBroadcast(db: Db, id: string): Promise<Broadcast | undefined> {
  const [found] = await rows<Broadcast>(db, sql`select ${columns} from broadcasts where id = ${id}`);
  return found;
}

/** Everything that changes a broadcast takes its row first. */
export async function lockBroadcast(tx: Db, id: string): Promise<Broadcast | undefined> {
  const [found] = await rows<Broadcast>(
    tx,
    sql`select ${columns} from broadcasts where id = ${id} for update`,
  );
  return found;
}

export interface BroadcastChange {
  readonly status?: BroadcastStatus;
  readonly drawnUpTo?: string;
  readonly expectedRecipients?: number;
  readonly contentHash?: string;
  readonly started?: true;
  readonly finished?: true;
  /** Null: at any time. */
  readonly hours?: { readonly from: string; readonly to: string } | null;
  /** Null: the rest may follow. */
  readonly canary?: number | null;
  readonly pausedBecause?: string | null;
}

export async function changeBroadcast(tx: Db, id: string, change: BroadcastChange): Promise<void> {
  await tx.execute(sql`
    update broadcasts set status = coalesce(${change.status ?? null}, status),
      drawn_up_to = coalesce(${change.drawnUpTo ?? null}::uuid, drawn_up_to),
      expected_recipients = coalesce(${change.expectedRecipients ?? null}::int, expected_recipients),
      content_hash = coalesce(${change.contentHash ?? null}, content_hash),
      sends_from = case when ${change.hours !== undefined}::boolean then ${change.hours?.from ?? null}::timestamptz else sends_from end,
      sends_to = case when ${change.hours !== undefined}::boolean then ${change.hours?.to ?? null}::timestamptz else sends_to end,
      canary = case when ${change.canary !== undefined}::boolean then ${change.canary ?? null}::smallint else canary end,
      paused_because = case when ${change.pausedBecause !== undefined}::boolean then ${change.pausedBecause ?? null}::text
        else paused_because end,
      started_at = case when ${change.started ?? false}::boolean then coalesce(started_at, now()) else started_at end,
      finished_at = case when ${change.finished ?? false}::boolean then coalesce(finished_at, now()) else finished_at end
    where id = ${id}`);
}

/** Whether another broadcast with this text has gone out: numbers, which change with the day, count as the same. */
export async function wasSentBefore(db: Db, id: string, language: string, text: string): Promise<boolean> {
  const wording = (column: SQL): SQL => sql`regexp_replace(${column}, '[0-9]+|\\s+', ' ', 'g')`;
  const found = await rows(
    db,
    sql`select 1 from broadcasts where started_at is not null and id <> ${id}
        and ${wording(sql`texts->>${language}::text`)} = ${wording(sql`${text}::text`)} limit 1`,
  );
  return found.length > 0;
}

/** Broadcasts of this kind that began within so many days, but for one. */
export async function recentOfClass(
  db: Db,
  messageClass: MessageClass,
  days: number,
  but: string | undefined,
): Promise<readonly string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select id from broadcasts where message_class = ${messageClass}
        and started_at > now() - make_interval(days => ${days}::int) and id is distinct from ${but ?? null}::uuid
        order by started_at desc limit 1000`,
  );
  return found.map(({ id }) => id);
}

/** Of one author's, those that are drafts; of everybody's, those that wait, run or ended in the last day. */
export function listCurrentBroadcasts(db: Db, staffId: string): Promise<readonly Broadcast[]> {
  return rows<Broadcast>(
    db,
    sql`select ${columns} from broadcasts
        where (status = 'draft' and created_by = ${staffId})
          or status in ('awaiting_approval', 'approved', 'scheduled', 'drawing_up', 'sending', 'paused')
          or finished_at > now() - interval '1 day'
        order by created_at desc limit 20`,
  );
}

/** Those that were begun, the newest first. */
export function listSentBroadcasts(db: Db, limit: number): Promise<readonly Broadcast[]> {
  return rows<Broadcast>(
    db,
    sql`select ${columns} from broadcasts where started_at is not null order by started_at desc limit ${limit}`,
  );
}

/** The newest first; those older than `before` (an id). */
export function listBroadcastsBefore(db: Db, limit: number, before?: string): Promise<readonly Broadcast[]> {
  return rows<Broadcast>(
    db,
    sql`select ${columns} from broadcasts where ${before ?? null}::uuid is null or id < ${before ?? null}::uuid
        order by id desc limit ${limit}`,
  );
}

// ── Progress ────────────────────────────────────────────────────────────────────────────────────────────

export interface BroadcastProgress {
  /** Waiting to be handed over. */
  readonly queued: number;
  /** Being handed over at this moment. */
  readonly sending: number;
  /** The carrier has them. */
  readonly sent: number;
  /** The carrier took them, and never said whether they arrived. */
  readonly noReceipt: number;
  readonly delivered: number;
  readonly failed: number;
  /** Said STOP between the drawing up and their turn. */
  readonly optedOut: number;
  /** Whether the carrier took them is unknown: staff decide. */
  readonly inDoubt: number;
  readonly cancelled: number;
  readonly expired: number;
  /** Handed over again after a doubt that nobody could settle. */
  readonly possibleDuplicates: number;
  /** Why messages failed, the most frequent first. */
  readonly failures: readonly { readonly failure: string; readonly count: number }[];
}

/** How far the messages of a broadcast have come. */
export async function broadcastProgress(db: Db, id: string): Promise<BroadcastProgress> {
  const counted = await rows<{ status: string; failure: string | null; n: number; twice: number }>(
    db,
    sql`select status::text as status, failure, count(*)::int as n, sum(possible_duplicates)::int as twice
        from messages where ref = ${id} and kind = 'broadcast' group by 1, 2`,
  );
  const sum = (fits: (row: (typeof counted)[number]) => boolean): number =>
    counted.filter(fits).reduce((total, { n }) => total + n, 0);
  const reason = ({ status, failure }: { status: string; failure: string | null }) =>
    failure === "opted_out"
      ? "opted_out"
      : failure === "in_doubt" && status === "failed"
        ? "in_doubt"
        : status;
  const failures = counted.filter((row) => ["failed", "undelivered"].includes(reason(row)));
  return {
    queued: sum((row) => row.status === "queued"),
    sending: sum((row) => reason(row) === "sending"),
    sent: sum((row) => row.status === "sent" && row.failure !== "no_receipt"),
    noReceipt: sum((row) => row.status === "sent" && row.failure === "no_receipt"),
    delivered: sum(({ status }) => status === "delivered" || status === "read"),
    failed:
      sum((row) => ["failed", "undelivered"].includes(reason(row))) +
      sum((row) => reason(row) === "cancelled" && row.failure === "bad_address"),
    optedOut: sum((row) => reason(row) === "opted_out" && row.status !== "queued"),
    inDoubt: sum((row) => reason(row) === "in_doubt"),
    cancelled: sum((row) => reason(row) === "cancelled" && row.failure !== "bad_address"),
    expired: sum((row) => row.status === "expired"),
    possibleDuplicates: counted.reduce((total, { twice }) => total + twice, 0),
    failures: [...Map.groupBy(failures, (row) => row.failure ?? "unknown")]
      .map(([failure, all]) => ({ failure, count: all.reduce((total, { n }) => total + n, 0) }))
      .sort((a, b) => b.count - a.count),
  };
}

/** What became of the first few of a broadcast. */
export interface FirstFew {
  readonly begun: number;
  readonly delivered: number;
  readonly failed: number;
  readonly optedOut: number;
  /** Nothing of it waits to be handed over or is being handed over. */
  readonly through: boolean;
}

/** Only what is held is still queued in batches of its own: everything else is of the first few. */
export async function countFirstFew(db: Db, id: string): Promise<FirstFew> {
  const [counted] = await rows<FirstFew>(
    db,
    sql`with few as materialized (
        select m.status::text as status, m.failure, m.contact_id, m.handed_over_at from messages m
        where m.ref = ${id} and m.kind = 'broadcast' and m.attempts > 0
          and m.status in ('sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'cancelled'))
      select count(*)::int as begun,
        (count(*) filter (where status in ('delivered', 'read')))::int as delivered,
        (count(*) filter (where status in ('failed', 'undelivered')
          and failure is distinct from 'opted_out'))::int as failed,
        (count(*) filter (where failure = 'opted_out' or exists (
          select 1 from contacts c where c.id = few.contact_id and c.opted_out_at > few.handed_over_at)))::int as "optedOut",
        not exists (select 1 from outbox_batches b where b.ref = ${id} and not b.held)
          and count(*) filter (where status = 'sending') = 0 as through
      from few`,
  );
  return counted ?? { begun: 0, delivered: 0, failed: 0, optedOut: 0, through: false };
}

/** The epoch for the next timer of this kind about `ref`: timers with the same one are set only once. */
export async function nextEpoch(tx: Db, kind: string, ref: string): Promise<number> {
  const [row] = await rows<{ epoch: number }>(
    tx,
    sql`select coalesce(max(epoch), -1)::int + 1 as epoch from timers where kind = ${kind} and ref = ${ref}`,
  );
  return row?.epoch ?? 0;
}
