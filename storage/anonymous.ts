import { sql } from "drizzle-orm";
import type { AnswerValue } from "#flows";
import { type Db, rows } from "./database.ts";
import type { Response } from "./responses.ts";
import type { KeptSession } from "./sessions.ts";

/** Responses that stand in the pool before they become rows: so many finishers cannot be told apart by their order. */
const POOL = 100;
/**
 * Responses that are shown together while a consultation runs: what one look shows and the one before did not is never
 * one person's. As many again stay back, so that the last look of all shows no fewer either.
 */
const LOT = 10;
/** Fewer responses than these would each stand for somebody who is known to have taken part: they are never shown. */
const FEWEST = { answers: 5, votes: 2 } as const;
/** Responses that are in memory at once. */
const PAGE = 500;

/** Whether this person has taken part in an anonymous consultation already. */
export async function hasTakenPart(db: Db, consultation: string, contact: string): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from participations where consultation_id = ${consultation} and contact_id = ${contact}`,
  );
  return found.length > 0;
}

/** Titles of the anonymous consultations in which the person took part: all that is known of it. */
export async function listParticipations(db: Db, contact: string): Promise<readonly string[]> {
  const found = await rows<{ title: string }>(
    db,
    sql`select c.title from participations p join consultations c on c.id = p.consultation_id
        where p.contact_id = ${contact} order by c.title`,
  );
  return found.map(({ title }) => title);
}

/**
 * Ends an anonymous conversation: nothing that stays leads from the person to the answers. The session, its answers and
 * its timers go; that the person took part stays, without a time; the answers stay under `responseId`, which must be
 * random (UUIDv4), in no order, and are shown with those of others. Of a conversation that was not finished only a count
 * stays. Its messages are emptied of their words by {@link emptyUnsaid}.
 */
export async function dissolveSession(
  tx: Db,
  session: KeptSession,
  answers: Readonly<Record<string, AnswerValue>>,
  responseId: string,
): Promise<void> {
  const { id, contactId, consultationId, status } = session;
  await tx.execute(sql`delete from timers where kind = 'session' and ref = ${id}`);
  await tx.execute(sql`insert into unsaid (session_id) values (${id}) on conflict do nothing`);
  if (consultationId !== null) {
    // The row's lock also keeps those who finish at the same moment apart.
    await tx.execute(sql`update consultations c set dissolved = (
            select coalesce(jsonb_object_agg(key, n), '{}') from (
              select key, sum(n)::int as n from (
                select key, value::int as n from jsonb_each_text(c.dissolved)
                union all select ${status}::text, 1
                union all select unnest(quotas), 1 from sessions where id = ${id} and ${status}::text = 'completed') each_one
              group by key) summed)
          where id = ${consultationId}`);
    // Whoever found no room in a quota does not try again: with each try they would learn what others have answered.
    if (status === "completed" || status === "screened")
      await tx.execute(sql`insert into participations (consultation_id, contact_id)
        values (${consultationId}, ${contactId}) on conflict do nothing`);
    if (status === "completed") {
      const response = JSON.stringify([{ id: responseId, answers, shown: false }]);
      await tx.execute(sql`
        insert into anonymous_pools as p (consultation_id, responses) values (${consultationId}, ${response}::jsonb)
        on conflict (consultation_id) do update set responses = (
          select jsonb_agg(r order by r->>'id') from jsonb_array_elements(p.responses || excluded.responses) r)`);
      await showLot(tx, consultationId);
      await drainPool(tx, consultationId, POOL);
    }
  }
  await tx.execute(sql`delete from sessions where id = ${id}`);
}

/** Of a secret ballot nothing is shown before it is over. */
async function showLot(tx: Db, consultation: string): Promise<void> {
  await tx.execute(sql`
    update anonymous_pools p set responses = (
      select jsonb_agg(r || jsonb_build_object('shown', (r->>'shown')::boolean or place <= ${LOT}::int) order by r->>'id')
      from (select r, row_number() over (partition by r->>'shown' order by r->>'id') as place
            from jsonb_array_elements(p.responses) r) each_one)
    where consultation_id = ${consultation} and 2 * ${LOT}::int <= (
        select count(*) from jsonb_array_elements(p.responses) r where not (r->>'shown')::boolean)
      and not exists (
        select 1 from consultations c join flow_versions f on f.flow = c.flow and f.version = c.flow_version
        where c.id = p.consultation_id and f.definition->'voters' is not null)`);
}

/** Makes rows of what was shown, once it is that much. */
async function drainPool(tx: Db, consultation: string, atLeast: number): Promise<void> {
  await tx.execute(sql`
    with pooled as (
      select r, (r->>'shown')::boolean as shown from anonymous_pools, jsonb_array_elements(responses) r
      where consultation_id = ${consultation}
    ), drained as (
      select r from pooled where shown and ${atLeast}::int <= (select count(*) from pooled where shown)
    ), kept as (
      update anonymous_pools set responses = coalesce(
          (select jsonb_agg(r order by r->>'id') from pooled where not shown), '[]')
      where consultation_id = ${consultation} and exists (select 1 from drained))
    insert into anonymous_responses (id, consultation_id, answers)
    select (r->>'id')::uuid, ${consultation}::uuid, r->'answers' from drained order by r->>'id'`);
}

/**
 * Anonymous consultations that are over, with nobody under way any more, of which something is not shown yet. Those in
 * which too few took part are not among them.
 */
export async function listUnshown(db: Db, limit: number): Promise<readonly string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select c.id from consultations c join anonymous_pools p on p.consultation_id = c.id
        where c.status in ('awaiting_report', 'closed') and p.responses <> '[]' and not exists (
          select 1 from sessions s
          where s.consultation_id = c.id and (s.status = 'active' or s.promised is not null))
          and coalesce((c.dissolved->>'completed')::int, 0) >= case when exists (
            select 1 from flow_versions f where f.flow = c.flow and f.version = c.flow_version
              and f.definition->'voters' is not null) then ${FEWEST.votes}::int else ${FEWEST.answers}::int end
        limit ${limit}`,
  );
  return found.map(({ id }) => id);
}

/**
 * Shows everything: for a consultation that is over. All rows are written anew in the order of their random ids, the
 * pool's among them.
 */
export async function showAllResponses(tx: Db, consultation: string): Promise<void> {
  await tx.execute(sql`
    update anonymous_pools set responses = coalesce((
      select jsonb_agg(r || '{"shown": true}') from jsonb_array_elements(responses) r), '[]')
    where consultation_id = ${consultation}`);
  await drainPool(tx, consultation, 1);
  await tx.execute(sql`
    with taken as (delete from anonymous_responses where consultation_id = ${consultation} returning *)
    insert into anonymous_responses select * from taken order by id`);
}

/** The responses of an anonymous consultation that are shown so far, in the order of their random ids. */
export async function* readAnonymousResponses(
  db: Db,
  consultation: string,
  page = PAGE,
): AsyncGenerator<Response> {
  let after: string | null = null;
  for (;;) {
    const read: AnonymousRow[] = await rows<AnonymousRow>(
      db,
      sql`select id, answers from (
          select id, answers from anonymous_responses where consultation_id = ${consultation}
          union all
          select (r->>'id')::uuid, r->'answers'
          from anonymous_pools, jsonb_array_elements(responses) r
          where consultation_id = ${consultation} and (r->>'shown')::boolean) every
        where ${after}::uuid is null or id > ${after}::uuid order by id limit ${page}`,
    );
    for (const { id, answers } of read)
      yield {
        session: id,
        contact: null,
        channel: null,
        language: null,
        status: "completed",
        counted: true,
        late: false,
        startedAt: null,
        endedAt: null,
        at: null,
        answers: Object.entries(answers).map(([question, value]) => ({
          question,
          value,
          said: typeof value === "string" ? value : "",
          language: "",
          at: "",
        })),
      };
    const last = read.at(-1);
    if (!last || read.length < page) return;
    after = last.id;
  }
}

interface AnonymousRow {
  readonly id: string;
  readonly answers: Readonly<Record<string, AnswerValue>>;
}

/** What became of the conversations that left no row, by status, and the places that they took in quotas. */
export async function dissolvedCounts(
  db: Db,
  consultation: string,
): Promise<Readonly<Record<string, number>>> {
  const [found] = await rows<{ dissolved: Record<string, number> }>(
    db,
    sql`select dissolved from consultations where id = ${consultation}`,
  );
  return found?.dissolved ?? {};
}

// ── Words that are not kept ─────────────────────────────────────────────────────────────────────────────

/** The messages of this conversation are to be emptied of their words. */
export async function markUnsaid(tx: Db, sessionId: string): Promise<void> {
  await tx.execute(sql`insert into unsaid (session_id) values (${sessionId}) on conflict do nothing`);
}

/**
 * Empties the messages of conversations that promised it, once they need not be sent any more. What still waits to be
 * sent keeps its words until it is sent: the next call takes it.
 */
export async function emptyUnsaid(db: Db, limit: number): Promise<void> {
  await db.execute(sql`
    with due as (select session_id from unsaid limit ${limit}),
    emptied as (
      update messages m set text = '', extras = '{}' from due
      where m.ref = due.session_id and m.status not in ('queued', 'sending')
        and (m.text <> '' or m.extras <> '{}'))
    delete from unsaid u using due where u.session_id = due.session_id and not exists (
      select from messages m where m.ref = u.session_id and m.status in ('queued', 'sending'))`);
}
