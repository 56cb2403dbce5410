import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { MeetingQuestionStatus } from "./schema.ts";
import type { Reachable } from "./town-halls.ts";

/** What a person asked of a meeting. */
export interface MeetingQuestion {
  readonly id: string;
  readonly meetingId: string;
  readonly contactId: string;
  readonly text: string;
  readonly language: string;
  readonly status: MeetingQuestionStatus;
  /** Under which it stands, or stood, on the list. */
  readonly number: number | null;
  readonly mergedInto: string | null;
  readonly answer: string | null;
  /** People who want it asked. */
  readonly votes: number;
}

const QUESTION_LIMIT = 200;

const questionColumns = sql`q.id, q.meeting_id as "meetingId", q.contact_id as "contactId", q.text, q.language, q.status,
  q.number, q.merged_into as "mergedInto", q.answer,
  (select count(*)::int from meeting_votes v where v.question_id = q.id) as votes`;

/** Keeps a question; whoever asks wants it asked, and so is its first vote. */
export async function addQuestion(
  tx: Db,
  q: Pick<MeetingQuestion, "id" | "meetingId" | "contactId" | "text" | "language">,
): Promise<void> {
  await tx.execute(sql`
    insert into meeting_questions (id, meeting_id, contact_id, text, language)
    values (${q.id}, ${q.meetingId}, ${q.contactId}, ${q.text}, ${q.language})`);
  await addVote(tx, q.id, q.contactId);
}

export async function countQuestionsOf(tx: Db, meeting: string, contact: string): Promise<number> {
  const [asked] = await rows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from meeting_questions
        where meeting_id = ${meeting} and contact_id = ${contact}`,
  );
  return asked?.n ?? 0;
}

export async function findQuestion(db: Db, id: string): Promise<MeetingQuestion | undefined> {
  const [found] = await rows<MeetingQuestion>(
    db,
    sql`select ${questionColumns} from meeting_questions q where q.id = ${id}`,
  );
  return found;
}

/** The one that stands on the list under this number. */
export async function findListed(
  db: Db,
  meeting: string,
  number: number,
): Promise<MeetingQuestion | undefined> {
  const [found] = await rows<MeetingQuestion>(
    db,
    sql`select ${questionColumns} from meeting_questions q
        where q.meeting_id = ${meeting} and q.number = ${number} and q.status = 'listed'`,
  );
  return found;
}

/** Of one status, those with most votes first. */
export function listQuestions(
  db: Db,
  meeting: string,
  status: "listed" | "new",
): Promise<readonly MeetingQuestion[]> {
  return rows<MeetingQuestion>(
    db,
    sql`select ${questionColumns} from meeting_questions q
        where q.meeting_id = ${meeting} and q.status = ${status}
        order by votes desc, q.number, q.id limit ${QUESTION_LIMIT}`,
  );
}

/** Puts it on the list. Call with the meeting locked: its number is the next. */
export async function listQuestion(tx: Db, { id, meetingId }: MeetingQuestion, by: string): Promise<void> {
  await tx.execute(sql`
    update meeting_questions set status = 'listed', decided_by = ${by}, decided_at = now(),
      number = (select coalesce(max(number), 0) + 1 from meeting_questions where meeting_id = ${meetingId})
    where id = ${id}`);
}

export async function answerQuestion(tx: Db, id: string, answer: string, by: string): Promise<void> {
  await tx.execute(sql`update meeting_questions
    set status = 'answered', answer = ${answer}, decided_by = ${by}, decided_at = now() where id = ${id}`);
}

export async function setQuestionAside(tx: Db, id: string, by: string): Promise<void> {
  await tx.execute(sql`update meeting_questions
    set status = 'set_aside', decided_by = ${by}, decided_at = now() where id = ${id}`);
}

/** Two that ask the same become one: who wanted either wants the other, once. */
export async function mergeQuestion(tx: Db, id: string, into: string, by: string): Promise<void> {
  await tx.execute(sql`
    insert into meeting_votes (question_id, contact_id)
    select ${into}, contact_id from meeting_votes where question_id = ${id} on conflict do nothing`);
  // What was merged into this one before goes along: its askers are answered with all others.
  await tx.execute(sql`update meeting_questions set merged_into = ${into} where merged_into = ${id}`);
  await tx.execute(sql`update meeting_questions
    set status = 'merged', merged_into = ${into}, decided_by = ${by}, decided_at = now() where id = ${id}`);
}

/** Those who asked it, in whichever words, once each. */
export function listAskers(db: Db, question: string): Promise<readonly Omit<Reachable, "people">[]> {
  return rows<Omit<Reachable, "people">>(
    db,
    sql`select distinct on (c.id) c.id as "contactId", coalesce(c.language, q.language) as language, d.address
        from meeting_questions q join contacts c on c.id = q.contact_id and c.opted_out_at is null
        join lateral (
          select address from addresses where contact_id = c.id and bad_since is null
          order by last_inbound_at desc nulls last, preference, address limit 1) d on true
        where q.id = ${question} or q.merged_into = ${question} order by c.id, q.id`,
  );
}

/** False when the person has voted for it already. */
export async function addVote(tx: Db, question: string, contact: string): Promise<boolean> {
  const voted = await rows(
    tx,
    sql`insert into meeting_votes (question_id, contact_id) values (${question}, ${contact})
        on conflict do nothing returning 1`,
  );
  return voted.length > 0;
}
