import { type SQL, sql } from "drizzle-orm";
import type { Again } from "#flows";
import { type Db, rows } from "./database.ts";
import type { ConsultationStatus } from "./schema.ts";

export interface Consultation {
  readonly id: string;
  readonly flow: string;
  readonly flowVersion: number;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly status: ConsultationStatus;
  /** ISO 8601, UTC, as all times here. When it opens, while it is scheduled. */
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly closedAt: string | null;
  readonly reportedAt: string | null;
  /** Why those who took part were not told what came of it. */
  readonly reportWaived: string | null;
}

const iso = (column: string) =>
  sql`to_char(${sql.raw(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const columns = sql`id, flow, flow_version as "flowVersion", title, keywords, status,
  ${iso("opened_at")} as "openedAt", ${iso("closes_at")} as "closesAt", ${iso("closed_at")} as "closedAt",
  ${iso("reported_at")} as "reportedAt", report_waived as "reportWaived"`;

export async function findConsultation(db: Db, id: string): Promise<Consultation | undefined> {
  const [found] = await rows<Consultation>(db, sql`select ${columns} from consultations where id = ${id}`);
  return found;
}

/** What people reach by a keyword. */
export interface KeywordHolder {
  readonly title: string;
  /** In words for staff. */
  readonly status: string;
  readonly keywords: readonly string[];
}

/**
 * An open or scheduled consultation, or a meeting to come, that has one of these keywords: a keyword may lead to one
 * place only. Whoever asks in order to open another one waits for those who are just doing so.
 */
export async function findOpenWithKeyword(
  tx: Db,
  keywords: readonly string[],
): Promise<KeywordHolder | undefined> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('consultations.open', 0))`);
  const [found] = await rows<KeywordHolder>(
    tx,
    sql`select title, status, keywords from (
          select title, status, keywords from consultations where status in ('open', 'scheduled')
          union all
          select title, status, array[keyword] from meetings where status in ('planned', 'open')) holders
        where keywords && array(select jsonb_array_elements_text(${JSON.stringify(keywords)}::jsonb)) limit 1`,
  );
  return found;
}

export interface NewConsultation {
  readonly id: string;
  readonly flow: string;
  readonly flowVersion: number;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly openedBy: string;
  /** Later than now: nobody can join before. */
  readonly opensAt?: Date;
  readonly closesAt?: Date;
}

export async function insertConsultation(tx: Db, c: NewConsultation): Promise<void> {
  const opensAt = c.opensAt?.toISOString() ?? null;
  await tx.execute(sql`insert into consultations (id, flow, flow_version, title, keywords, status, opened_by, opened_at, closes_at)
    values (${c.id}, ${c.flow}, ${c.flowVersion}, ${c.title},
      array(select jsonb_array_elements_text(${JSON.stringify(c.keywords)}::jsonb)), ${opensAt === null ? "open" : "scheduled"}, ${c.openedBy},
      coalesce(${opensAt}::timestamptz, now()),
      ${c.closesAt?.toISOString() ?? null})`);
}

/** From now on people can join; false when it was not scheduled any more. */
export async function markConsultationOpen(tx: Db, id: string): Promise<boolean> {
  const opened = await rows(
    tx,
    sql`update consultations set status = 'open' where id = ${id} and status = 'scheduled' returning 1`,
  );
  return opened.length > 0;
}

/** From now on nobody can join; false when that was so before. What is left is to tell people what came of it. */
export async function markConsultationEnded(tx: Db, id: string, endedBy: string | null): Promise<boolean> {
  const ended = await rows(
    tx,
    sql`update consultations set status = 'awaiting_report', closed_at = now(), closed_by = ${endedBy}
      where id = ${id} and status in ('open', 'scheduled') returning 1`,
  );
  return ended.length > 0;
}

/** People were told what came of it, or `waived` says why not; false when it does not wait for that. */
export async function markConsultationReported(
  tx: Db,
  id: string,
  by: string | null,
  waived?: string,
): Promise<boolean> {
  const closed = await rows(
    tx,
    sql`update consultations set status = 'closed', reported_at = now(), reported_by = ${by},
        report_waived = ${waived ?? null}
      where id = ${id} and status = 'awaiting_report' returning 1`,
  );
  return closed.length > 0;
}

/** What a consultation's conversations cost: messages that were handed to a carrier, by channel. */
export interface SentCount {
  readonly channel: string;
  readonly messages: number;
  /** Of SMS. */
  readonly segments: number;
}

export function countSent(db: Db, consultation: string): Promise<readonly SentCount[]> {
  return rows<SentCount>(
    db,
    sql`select m.channel, count(*)::int as messages, coalesce(sum(m.segments), 0)::int as segments
        from sessions s join messages m on m.ref = s.id and m.direction = 'out'
        where s.consultation_id = ${consultation} and m.status in ('sent', 'delivered', 'read', 'undelivered')
        group by 1 order by 1`,
  );
}

/**
 * How many people were sent a broadcast that names one of the consultation's keywords while it was open, or before it
 * opened: whoever else heard of it, from a poster or a neighbour, nobody can count.
 */
export async function countReached(db: Db, consultation: string): Promise<number> {
  const [found] = await rows<{ n: number }>(
    db,
    sql`select count(distinct m.contact_id)::int as n
        from consultations c
          join broadcasts b on b.started_at > c.created_at - interval '30 days'
            and b.started_at < coalesce(c.closed_at, now()) and not b.audience ? 'participants'
            and exists (select from unnest(c.keywords) k where b.texts::text ~* ('\\m' || k || '\\M'))
          join messages m on m.ref = b.id and m.kind = 'broadcast' and m.status in ('sent', 'delivered', 'read')
        where c.id = ${consultation}`,
  );
  return found?.n ?? 0;
}

export interface LabelledCount {
  readonly label: string;
  readonly n: number;
}

/** Groups and wards that are listed. */
const GROUPS = 50;

/** Those who began, by the groups that they are in: somebody in two counts in both. */
export function countByGroup(db: Db, consultation: string): Promise<readonly LabelledCount[]> {
  return rows<LabelledCount>(
    db,
    sql`select g.name as label, count(distinct s.contact_id)::int as n
        from sessions s join group_members m on m.contact_id = s.contact_id join groups g on g.id = m.group_id
        where s.consultation_id = ${consultation} group by 1 order by 2 desc, 1 limit ${GROUPS}`,
  );
}

/** Those who began and whose ward is known, by it. */
export function countByWard(db: Db, consultation: string): Promise<readonly LabelledCount[]> {
  return rows<LabelledCount>(
    db,
    sql`select c.fields->>'ward' as label, count(*)::int as n from contacts c
        where c.fields ? 'ward' and c.id in (select contact_id from sessions where consultation_id = ${consultation})
        group by 1 order by 2 desc, 1 limit ${GROUPS}`,
  );
}

export interface QuestionTally {
  readonly question: string;
  readonly answered: number;
  /** By value as JSON text; `choices` count once for each that was chosen. Skips are not answers. */
  readonly values: readonly { readonly value: string; readonly n: number }[];
  /** What was written last, newest first. */
  readonly latest: readonly string[];
  /** Conversations that ended here without being finished. */
  readonly left: number;
}

export interface ConsultationTally {
  /** People. */
  readonly started: number;
  /** Responses beside those that count: second ones of the same person. */
  readonly repeated: number;
  readonly completed: number;
  /** There was no room left for them in a quota. */
  readonly screened: number;
  readonly active: number;
  /** Median from the first message to the last of those who finished; null while nobody has. */
  readonly medianSeconds: number | null;
  readonly byLanguage: readonly LabelledCount[];
  readonly byChannel: readonly LabelledCount[];
  readonly questions: readonly QuestionTally[];
}

const LATEST = 10;
const VALUES = 30;

/**
 * The one session of each person that counts: a finished one before any other; among several the first or the last.
 * To stand in a `with`.
 */
export const countedSessions = (consultation: string, again: Again): SQL => sql`counted as (
  select distinct on (contact_id) * from sessions where consultation_id = ${consultation}
  order by contact_id, status = 'completed' desc, ${again === "last" ? sql`id desc` : sql`id`})`;

/** Counts of a consultation, people's one response each; unfinished ones count what they answered. */
export async function tallyConsultation(db: Db, id: string, again: Again): Promise<ConsultationTally> {
  const counted = countedSessions(id, again);
  const of = sql`from answers a join counted s on s.id = a.session_id
      where not (jsonb_typeof(a.value) = 'object' and a.value ? 'skipped') and s.status <> 'screened'`;
  const [counts] = await rows<
    Pick<ConsultationTally, "started" | "repeated" | "completed" | "screened" | "active" | "medianSeconds">
  >(
    db,
    sql`with ${counted} select count(*)::int as started,
        (select count(*)::int from sessions where consultation_id = ${id}) - count(*)::int as repeated,
        (count(*) filter (where status = 'screened'))::int as screened,
        (count(*) filter (where status = 'completed'))::int as completed,
        (count(*) filter (where status = 'active'))::int as active,
        (percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at))
          filter (where status = 'completed'))::float8 as "medianSeconds"
      from counted`,
  );
  const left = await rows<{ question: string; n: number }>(
    db,
    sql`with ${counted} select state->>'at' as question, count(*)::int as n from counted
      where status not in ('completed', 'screened', 'active') group by 1`,
  );
  const byLanguage = await rows<LabelledCount>(
    db,
    sql`with ${counted} select coalesce(state->>'language', '?') as label, count(*)::int as n from counted group by 1 order by 2 desc, 1`,
  );
  const byChannel = await rows<LabelledCount>(
    db,
    sql`with ${counted} select split_part(address, ':', 1) as label, count(*)::int as n from counted group by 1 order by 2 desc, 1`,
  );
  const answered = await rows<{ question: string; answered: number }>(
    db,
    sql`with ${counted} select a.question, count(*)::int as answered ${of} group by 1`,
  );
  const values = await rows<{ question: string; value: string; n: number }>(
    db,
    sql`with ${counted} select question, value, n from (
        select question, value, count(*)::int as n, row_number() over (partition by question order by count(*) desc, value) as place
        from (select a.question, one.value::text as value from (select a.question, a.value ${of}) a,
            jsonb_array_elements(case jsonb_typeof(a.value) when 'array' then a.value else jsonb_build_array(a.value) end) as one) v
        group by question, value) counted
      where place <= ${VALUES} order by question, n desc, value`,
  );
  const latest = await rows<{ question: string; said: string }>(
    db,
    sql`with ${counted} select question, said from (
        select a.question, a.said, a.at, row_number() over (partition by a.question order by a.at desc) as place ${of}) a
      where place <= ${LATEST} order by question, at desc`,
  );
  const reached = [...new Set([...answered, ...left].map(({ question }) => question))];
  return {
    started: counts?.started ?? 0,
    repeated: counts?.repeated ?? 0,
    completed: counts?.completed ?? 0,
    screened: counts?.screened ?? 0,
    active: counts?.active ?? 0,
    medianSeconds: counts?.medianSeconds ?? null,
    byLanguage,
    byChannel,
    questions: reached.map((question) => ({
      question,
      answered: answered.find((a) => a.question === question)?.answered ?? 0,
      left: left.find((l) => l.question === question)?.n ?? 0,
      values: values
        .filter((v) => v.question === question)
        .map(({ value, n: count }) => ({ value, n: count })),
      latest: latest.filter((l) => l.question === question).map(({ said }) => said),
    })),
  };
}
