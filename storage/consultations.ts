import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { ConsultationStatus } from "./schema.ts";

export interface Consultation {
  readonly id: string;
  readonly flow: string;
  readonly flowVersion: number;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly status: ConsultationStatus;
  readonly closesAt: string | null;
}

const columns = sql`id, flow, flow_version as "flowVersion", title, keywords, status,
  to_char(closes_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "closesAt"`;

export async function findConsultation(db: Db, id: string): Promise<Consultation | undefined> {
  const [found] = await rows<Consultation>(db, sql`select ${columns} from consultations where id = ${id}`);
  return found;
}

/**
 * An open consultation that has one of these keywords: a keyword may lead to one place only. Whoever asks in order to
 * open another one waits for those who are just doing so.
 */
export async function findOpenWithKeyword(
  tx: Db,
  keywords: readonly string[],
): Promise<Consultation | undefined> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('consultations.open', 0))`);
  const [found] = await rows<Consultation>(
    tx,
    sql`select ${columns} from consultations where status = 'open'
      and keywords && array(select jsonb_array_elements_text(${JSON.stringify(keywords)}::jsonb)) limit 1`,
  );
  return found;
}

export interface OpenConsultation {
  readonly id: string;
  readonly flow: string;
  readonly flowVersion: number;
  readonly title: string;
  readonly keywords: readonly string[];
  readonly openedBy: string;
  readonly closesAt?: Date;
}

export async function insertOpenConsultation(tx: Db, c: OpenConsultation): Promise<void> {
  await tx.execute(sql`insert into consultations (id, flow, flow_version, title, keywords, status, opened_by, opened_at, closes_at)
    values (${c.id}, ${c.flow}, ${c.flowVersion}, ${c.title},
      array(select jsonb_array_elements_text(${JSON.stringify(c.keywords)}::jsonb)), 'open', ${c.openedBy}, now(),
      ${c.closesAt?.toISOString() ?? null})`);
}

/** Closes it; false when it was not open any more. */
export async function markConsultationClosed(tx: Db, id: string, closedBy: string | null): Promise<boolean> {
  const closed = await rows(
    tx,
    sql`update consultations set status = 'closed', closed_at = now(), closed_by = ${closedBy}
      where id = ${id} and status = 'open' returning 1`,
  );
  return closed.length > 0;
}

export interface LabelledCount {
  readonly label: string;
  readonly n: number;
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
  readonly started: number;
  /** Different people among those who started. */
  readonly people: number;
  readonly completed: number;
  readonly active: number;
  /** Median from the first message to the last of those who finished; null while nobody has. */
  readonly medianSeconds: number | null;
  readonly byLanguage: readonly LabelledCount[];
  readonly byChannel: readonly LabelledCount[];
  readonly questions: readonly QuestionTally[];
}

const LATEST = 10;
const VALUES = 30;

/** Counts of a consultation. A person who answered twice counts twice; unfinished sessions count what they answered. */
export async function tallyConsultation(db: Db, id: string): Promise<ConsultationTally> {
  const [counts] = await rows<
    Pick<ConsultationTally, "started" | "people" | "completed" | "active" | "medianSeconds">
  >(
    db,
    sql`select count(*)::int as started, count(distinct contact_id)::int as people,
        (count(*) filter (where status = 'completed'))::int as completed,
        (count(*) filter (where status = 'active'))::int as active,
        (percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at))
          filter (where status = 'completed'))::float8 as "medianSeconds"
      from sessions where consultation_id = ${id}`,
  );
  const left = await rows<{ question: string; n: number }>(
    db,
    sql`select state->>'at' as question, count(*)::int as n from sessions
      where consultation_id = ${id} and status not in ('completed', 'active') group by 1`,
  );
  const byLanguage = await rows<LabelledCount>(
    db,
    sql`select coalesce(state->>'language', '?') as label, count(*)::int as n from sessions
      where consultation_id = ${id} group by 1 order by 2 desc, 1`,
  );
  const byChannel = await rows<LabelledCount>(
    db,
    sql`select split_part(address, ':', 1) as label, count(*)::int as n from sessions
      where consultation_id = ${id} group by 1 order by 2 desc, 1`,
  );
  const answered = await rows<{ question: string; answered: number }>(
    db,
    sql`select question, count(*)::int as answered from answers
      where consultation_id = ${id} and not (jsonb_typeof(value) = 'object' and value ? 'skipped') group by 1`,
  );
  const values = await rows<{ question: string; value: string; n: number }>(
    db,
    sql`select question, value, n from (
        select question, value, count(*)::int as n, row_number() over (partition by question order by count(*) desc, value) as place
        from (select a.question, one.value::text as value from answers a,
            jsonb_array_elements(case jsonb_typeof(a.value) when 'array' then a.value else jsonb_build_array(a.value) end) as one
          where a.consultation_id = ${id} and not (jsonb_typeof(a.value) = 'object' and a.value ? 'skipped')) v
        group by question, value) counted
      where place <= ${VALUES} order by question, n desc, value`,
  );
  const latest = await rows<{ question: string; said: string }>(
    db,
    sql`select question, said from (
        select question, said, at, row_number() over (partition by question order by at desc) as place
        from answers where consultation_id = ${id} and not (jsonb_typeof(value) = 'object' and value ? 'skipped')) a
      where place <= ${LATEST} order by question, at desc`,
  );
  const reached = [...new Set([...answered, ...left].map(({ question }) => question))];
  return {
    started: counts?.started ?? 0,
    people: counts?.people ?? 0,
    completed: counts?.completed ?? 0,
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
