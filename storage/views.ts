import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** Read models for the API and the console: small, bounded lists. Times are ISO 8601 in UTC. */

const LIST_LIMIT = 100;
const TIMELINE_LIMIT = 500;

const iso = (column: SQL): SQL => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export interface OverviewView {
  readonly contacts: number;
  readonly optedOut: number;
  readonly openConsultations: number;
  readonly activeSessions: number;
  readonly runningBroadcasts: number;
  readonly activeCrises: number;
  readonly waitingMessages: number;
  readonly inDoubt: number;
  readonly setAside: number;
}

export async function viewOverview(db: Db): Promise<OverviewView> {
  const [row] = await rows<OverviewView>(
    db,
    sql`select
      (select count(*)::int from contacts) as contacts,
      (select count(*)::int from contacts where opted_out_at is not null) as "optedOut",
      (select count(*)::int from consultations where status = 'open') as "openConsultations",
      (select count(*)::int from sessions where status = 'active') as "activeSessions",
      (select count(*)::int from broadcasts where status in ('drawing_up', 'sending', 'paused')) as "runningBroadcasts",
      (select count(*)::int from crises where status = 'active') as "activeCrises",
      (select count(*)::int from messages where status in ('queued', 'sending')) as "waitingMessages",
      (select count(*)::int from messages where status = 'failed' and failure = 'in_doubt') as "inDoubt",
      (select count(*)::int from inbound_failures where set_aside_at is not null) as "setAside"`,
  );
  if (!row) throw new Error("the overview has no row");
  return row;
}

export interface ConsultationView {
  readonly id: string;
  readonly title: string;
  readonly flow: string;
  readonly status: string;
  readonly keywords: readonly string[];
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly closedAt: string | null;
  readonly started: number;
  readonly completed: number;
}

export function viewConsultations(db: Db): Promise<ConsultationView[]> {
  return rows(
    db,
    sql`select c.id, c.title, c.flow, c.status, c.keywords, ${iso(sql`c.opened_at`)} as "openedAt",
        ${iso(sql`c.closes_at`)} as "closesAt", ${iso(sql`c.closed_at`)} as "closedAt",
        -- Of anonymous conversations that have ended only their number is left.
        count(s.id)::int + coalesce((select sum(value::int)::int from jsonb_each_text(c.dissolved)
          where key not like '%:%'), 0) as started,
        (count(s.id) filter (where s.status = 'completed'))::int + coalesce((c.dissolved->>'completed')::int, 0)
          as completed
      from consultations c left join sessions s on s.consultation_id = c.id
      group by c.id order by c.created_at desc limit ${LIST_LIMIT}`,
  );
}

export interface BroadcastView {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expectedRecipients: number;
  readonly channels: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly possibleDuplicates: number;
}

export function viewBroadcasts(db: Db, id?: string): Promise<BroadcastView[]> {
  return rows(
    db,
    sql`select b.id, b.title, b.status, s.name as "createdBy", ${iso(sql`b.created_at`)} as "createdAt",
        b.expected_recipients as "expectedRecipients", b.channels, b.texts,
        coalesce((select jsonb_object_agg(status, n) from
          (select status, count(*)::int as n from messages where ref = b.id and kind = 'broadcast' group by status) t), '{}') as counts,
        coalesce((select sum(possible_duplicates)::int from messages where ref = b.id and kind = 'broadcast'), 0) as "possibleDuplicates"
      from broadcasts b join staff s on s.id = b.created_by
      ${id ? sql`where b.id = ${id}` : sql``}
      order by b.created_at desc limit ${id ? 1 : 20}`,
  );
}

export interface CrisisView {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly protocol: string;
  readonly severity: number;
  readonly mode: string;
  readonly status: string;
  readonly declaredAt: string;
  readonly acknowledgedAt: string | null;
  readonly endedAt: string | null;
}

export function viewCrises(db: Db): Promise<CrisisView[]> {
  return rows(
    db,
    sql`select id, number::int as number, title, protocol, severity, mode, status, ${iso(sql`declared_at`)} as "declaredAt",
        ${iso(sql`acknowledged_at`)} as "acknowledgedAt", ${iso(sql`ended_at`)} as "endedAt"
      from crises order by declared_at desc limit ${LIST_LIMIT}`,
  );
}

export interface TimelineView {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly words: string;
}

export function viewTimeline(db: Db, crisisId: string): Promise<TimelineView[]> {
  return rows(
    db,
    sql`select seq, ${iso(sql`at`)} as at, actor, kind, words from crisis_timeline
      where crisis_id = ${crisisId} order by seq limit ${TIMELINE_LIMIT}`,
  );
}

export interface AuditView {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
}

/** Newest first; `before` pages on by sequence number. */
export function viewAudit(db: Db, before?: number): Promise<AuditView[]> {
  return rows(
    db,
    sql`select a.seq::int as seq, ${iso(sql`a.at`)} as at, coalesce(s.name, a.actor) as actor, a.action, a.subject
      from audit_log a left join staff s on a.actor = 'staff:' || s.id::text
      ${before === undefined ? sql`` : sql`where a.seq < ${before}`} order by a.seq desc limit ${LIST_LIMIT}`,
  );
}
