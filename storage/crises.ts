import { type SQL, sql } from "drizzle-orm";
import type { CrisisState, Protocol } from "#flows";
import { type Db, rows } from "./database.ts";
import type { Audience, CrisisStatus } from "./schema.ts";

export type CrisisMode = "live" | "drill";

export interface Crisis {
  readonly id: string;
  readonly number: number;
  readonly protocol: string;
  /** The protocol as it was at the declaration. */
  readonly definition: Protocol;
  readonly title: string;
  readonly severity: number;
  readonly mode: CrisisMode;
  readonly status: CrisisStatus;
  readonly audience: Audience;
  readonly state: CrisisState;
  readonly summaryMessageId: string | null;
  readonly declaredBy: string | null;
  readonly declaredAt: string;
  /** Where it is, in words, as it was declared; null when only wards were named. */
  readonly place: string | null;
}

export interface NewCrisis {
  readonly id: string;
  readonly definition: Protocol;
  /** Of the definition: shows later that a protocol was edited since. */
  readonly protocolHash: string;
  readonly title: string;
  readonly mode: CrisisMode;
  readonly audience: Audience;
  readonly state: CrisisState;
  readonly summaryMessageId: string;
  readonly declaredBy: string;
  readonly declaredAt: Date;
}

export interface TimelineEntry {
  readonly at: Date;
  /** `staff:<id>`, `contact:<id>`, `system`. */
  readonly actor: string;
  readonly kind: string;
  /** One sentence for people. */
  readonly words: string;
  readonly data?: object;
}

export type PageStatus = "open" | "acknowledged" | "declined" | "closed";

export interface Page {
  readonly id: string;
  readonly crisisId: string;
  readonly staffId: string;
  readonly code: string;
  readonly status: PageStatus;
  readonly round: number;
  readonly tier: number;
}

const iso = (column: SQL): SQL => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const crisisColumns = sql`c.id, c.number::int as number, c.protocol, c.definition, c.title, c.severity, c.mode, c.status,
  c.audience, c.state, c.summary_message_id as "summaryMessageId", c.declared_by as "declaredBy",
  ${iso(sql`c.declared_at`)} as "declaredAt",
  (select t.data->>'place' from crisis_timeline t where t.crisis_id = c.id and t.kind = 'declared' order by t.seq limit 1)
    as place`;
const pageColumns = sql`p.id, p.crisis_id as "crisisId", p.staff_id as "staffId", p.code, p.status, p.round, p.tier`;

/** Returns the short number that people call it by. */
export async function insertCrisis(tx: Db, crisis: NewCrisis): Promise<number> {
  const [row] = await rows<{ number: number }>(
    tx,
    sql`insert into crises (id, protocol, protocol_hash, definition, title, severity, mode, audience, state, epoch,
          summary_message_id, declared_by, declared_at)
        values (${crisis.id}, ${crisis.definition.id}, ${crisis.protocolHash},
          ${JSON.stringify(crisis.definition)}::jsonb, ${crisis.title}, ${crisis.state.severity}, ${crisis.mode},
          ${JSON.stringify(crisis.audience)}::jsonb, ${JSON.stringify(crisis.state)}::jsonb, ${crisis.state.epoch},
          ${crisis.summaryMessageId}, ${crisis.declaredBy}, ${crisis.declaredAt.toISOString()}::timestamptz)
        returning number::int as number`,
  );
  if (row === undefined) throw new Error("the crisis was not stored");
  return row.number;
}

export async function findCrisis(db: Db, id: string): Promise<Crisis | undefined> {
  const [crisis] = await rows<Crisis>(db, sql`select ${crisisColumns} from crises c where c.id = ${id}`);
  return crisis;
}

/** Everything that changes a crisis takes its row first: one turn at a time. */
export async function lockCrisis(tx: Db, id: string): Promise<Crisis | undefined> {
  const locked = await rows(tx, sql`select 1 from crises where id = ${id} for update`);
  return locked.length > 0 ? findCrisis(tx, id) : undefined;
}

/** `active` and `all_clear`, newest first. */
export function listRunningCrises(db: Db): Promise<Crisis[]> {
  return rows(
    db,
    sql`select ${crisisColumns} from crises c where c.status in ('active', 'all_clear')
        order by c.declared_at desc limit 50`,
  );
}

export interface CrisisChange {
  readonly state: CrisisState;
  readonly status: CrisisStatus;
  readonly now: Date;
}

/** Fails loudly when the stored epoch is not the one before: somebody wrote without the lock. */
export async function saveCrisis(tx: Db, id: string, { state, status, now }: CrisisChange): Promise<void> {
  const saved = await rows(
    tx,
    sql`update crises set state = ${JSON.stringify(state)}::jsonb, epoch = ${state.epoch}, severity = ${state.severity},
          status = ${status}, acknowledged_at = coalesce(acknowledged_at, ${state.acknowledgedAt ?? null}::timestamptz),
          ended_at = case when ${status === "closed" || status === "cancelled"}::boolean
            then coalesce(ended_at, ${now.toISOString()}::timestamptz) else ended_at end
        where id = ${id} and epoch = ${state.epoch - 1} returning 1`,
  );
  if (saved.length === 0) throw new Error(`crisis ${id} changed meanwhile`);
}

// ── Timeline ────────────────────────────────────────────────────────────────────────────────────────────

/** The caller holds the crisis's row, so the numbers have no gap. */
export async function addToTimeline(
  tx: Db,
  crisisId: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const given = entries.map((entry, n) => ({ ...entry, n: n + 1, data: entry.data ?? {} }));
  await tx.execute(sql`
    insert into crisis_timeline (crisis_id, seq, at, actor, kind, words, data)
    select ${crisisId}, n + (select coalesce(max(seq), 0) from crisis_timeline where crisis_id = ${crisisId}),
      at, actor, kind, words, data
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
      as e (n int, at timestamptz, actor text, kind text, words text, data jsonb)`);
}

export interface PastEntry {
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly words: string;
}

/** The latest entries, oldest of them first. */
export async function latestOfTimeline(db: Db, crisisId: string, limit: number): Promise<PastEntry[]> {
  const found = await rows<PastEntry>(
    db,
    sql`select ${iso(sql`at`)} as at, actor, kind, words from crisis_timeline
        where crisis_id = ${crisisId} order by seq desc limit ${limit}`,
  );
  return found.toReversed();
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────

/** A code that was used so recently is not given out again: a slow answer must not reach another crisis. */
const CODE_REST_DAYS = 14;

/**
 * Opens one page with the proposed code. Undefined when the code is or was lately in use: propose another. The
 * same person twice in one round and tier is a mistake of the caller.
 */
export async function openPage(tx: Db, page: Omit<Page, "status">, now: Date): Promise<Page | undefined> {
  const [opened] = await rows<Page>(
    tx,
    sql`insert into pages as p (id, crisis_id, staff_id, tier, round, code, at)
        select ${page.id}::uuid, ${page.crisisId}::uuid, ${page.staffId}::uuid, ${page.tier}::int, ${page.round}::int,
          ${page.code}::text, ${now.toISOString()}::timestamptz
        where not exists (select 1 from pages used where used.code = ${page.code}
          and (used.status = 'open' or used.at > ${now.toISOString()}::timestamptz - make_interval(days => ${CODE_REST_DAYS}::int)))
        on conflict (code) where status = 'open' do nothing
        returning ${pageColumns}`,
  );
  return opened;
}

/** The latest page with this code: an open one, or else what became of it. */
export async function findPageByCode(db: Db, code: string): Promise<Page | undefined> {
  const [page] = await rows<Page>(
    db,
    sql`select ${pageColumns} from pages p where p.code = ${code} order by (p.status = 'open') desc, p.at desc limit 1`,
  );
  return page;
}

/** Whether this person was ever paged for this crisis. */
export async function wasPaged(db: Db, crisisId: string, staffId: string): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from pages where crisis_id = ${crisisId} and staff_id = ${staffId} limit 1`,
  );
  return found.length > 0;
}

export async function settlePages(
  tx: Db,
  crisisId: string,
  status: Exclude<PageStatus, "open">,
  now: Date,
  staffId?: string,
): Promise<void> {
  await tx.execute(sql`
    update pages set status = ${status}, settled_at = ${now.toISOString()}::timestamptz
    where crisis_id = ${crisisId} and status = 'open'
      ${staffId === undefined ? sql`` : sql`and staff_id = ${staffId}`}`);
}

export interface PagedPerson {
  readonly name: string;
  readonly status: PageStatus;
  readonly at: string;
}

/** Whom a crisis called, the latest page of each. */
export function listPaged(db: Db, crisisId: string): Promise<PagedPerson[]> {
  return rows(
    db,
    sql`select name, status, ${iso(sql`at`)} as at from (
          select distinct on (p.staff_id) s.name, p.status, p.at from pages p join staff s on s.id = p.staff_id
          where p.crisis_id = ${crisisId} order by p.staff_id, (p.status = 'acknowledged') desc, p.at desc) latest
        order by latest.at, name limit 50`,
  );
}

/** Of a person's page every message failed. */
export interface UnreachedPage {
  readonly crisisId: string;
  readonly staffId: string;
}

/** Those paged by crises that have no owner yet, and whom no message of their page reached. Once per tier and round. */
export function listUnreached(db: Db): Promise<UnreachedPage[]> {
  return rows(
    db,
    sql`select p.crisis_id as "crisisId", p.staff_id as "staffId"
        from pages p join crises c on c.id = p.crisis_id join staff s on s.id = p.staff_id
        where p.status = 'open' and c.status = 'active' and c.state->>'phase' = 'paging'
          and (c.state->>'round')::int = p.round and (c.state->>'tier')::int = p.tier
          and not c.state->'declined' ? p.staff_id::text
          and (select count(*) > 0 and bool_and(m.status in ('failed', 'undelivered', 'cancelled', 'expired'))
            from messages m where m.ref = p.crisis_id and m.kind = 'page' and m.direction = 'out'
              and m.created_at >= p.at - interval '1 minute'
              and m.address in ('sms:' || s.phone, 'slack:' || s.slack_user_id))
        order by p.id limit 200`,
  );
}

export function listOpenPages(db: Db, crisisId: string): Promise<Page[]> {
  return rows(
    db,
    sql`select ${pageColumns} from pages p where p.crisis_id = ${crisisId} and p.status = 'open' order by p.id`,
  );
}

/** Calls in Slack channels, to nobody by name, that still have their buttons. */
export function listOpenCalls(
  db: Db,
  crisisId: string,
): Promise<{ readonly id: string; readonly address: string }[]> {
  return rows(
    db,
    sql`select m.id, m.address from messages m
        where m.ref = ${crisisId} and m.kind = 'page' and m.channel = 'slack' and m.direction = 'out'
          and m.status <> 'cancelled' and not exists (select 1 from pages p where p.id = m.id)
          and not exists (select 1 from messages r where r.ref = m.ref and r.status <> 'cancelled'
            and r.extras->>'replaces' = m.id::text)
        order by m.id`,
  );
}

/** Pages that are not handed over yet need not be: nobody is asked any more. Returns the messages' ids. */
export async function cancelQueuedPages(tx: Db, crisisId: string): Promise<readonly string[]> {
  const cancelled = await rows<{ id: string }>(
    tx,
    sql`update messages set status = 'cancelled', failure = 'superseded', status_at = now(),
          detail = 'Somebody answered before this page was handed over.'
        where ref = ${crisisId} and kind = 'page' and status = 'queued' returning id`,
  );
  return cancelled.map(({ id }) => id);
}
