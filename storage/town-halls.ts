import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { AttendeeStatus, MeetingQuestionStatus, MeetingStatus } from "./schema.ts";

/** A town hall: people say that they come, ask before and during it, and say that they are there. */
export interface Meeting {
  readonly id: string;
  readonly title: string;
  /** What people text, upper case. */
  readonly keyword: string;
  /** ISO 8601, UTC. */
  readonly startsAt: string;
  readonly place: string;
  /** Seats. */
  readonly capacity: number;
  readonly status: MeetingStatus;
  /** Four digits, shown at the place. */
  readonly code: string;
  /** People whom staff counted. */
  readonly headCount: number | null;
}

/** Whether people can still say that they come, ask and vote. */
export const isLive = ({ status }: Pick<Meeting, "status">): boolean =>
  status === "planned" || status === "open";

const LIST_LIMIT = 10;

const live = sql`m.status in ('planned', 'open')`;
const columns = sql`m.id, m.title, m.keyword, m.place, m.capacity, m.status, m.code, m.head_count as "headCount",
  to_char(m.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startsAt"`;

export async function findMeeting(db: Db, id: string): Promise<Meeting | undefined> {
  const [found] = await rows<Meeting>(db, sql`select ${columns} from meetings m where m.id = ${id}`);
  return found;
}

/** Until the transaction ends nobody else takes or gives back seats, votes or decides here: what is counted stays so. */
export async function lockMeeting(tx: Db, id: string): Promise<Meeting | undefined> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`meeting ${id}`}, 0))`);
  return findMeeting(tx, id);
}

export type NewMeeting = Omit<Meeting, "status" | "headCount"> & { readonly plannedBy: string };

/** Plans a meeting; that its keyword is free is asked before, of findOpenWithKeyword. */
export async function insertMeeting(tx: Db, m: NewMeeting): Promise<void> {
  await tx.execute(sql`
    insert into meetings (id, title, keyword, starts_at, place, capacity, code, planned_by)
    values (${m.id}, ${m.title}, ${m.keyword}, ${m.startsAt}::timestamptz, ${m.place}, ${m.capacity}, ${m.code},
      ${m.plannedBy})`);
}

/** Codes of the meetings that are to come or under way. */
export async function codesInUse(tx: Db): Promise<ReadonlySet<string>> {
  const found = await rows<{ code: string }>(tx, sql`select code from meetings m where ${live}`);
  return new Set(found.map(({ code }) => code));
}

/** It begins; false when it was not planned any more. */
export async function markMeetingOpen(tx: Db, id: string): Promise<boolean> {
  const opened = await rows(
    tx,
    sql`update meetings set status = 'open' where id = ${id} and status = 'planned' returning 1`,
  );
  return opened.length > 0;
}

/** It is over, or will not be; false when that was so before. */
export async function markMeetingEnded(
  tx: Db,
  id: string,
  status: "held" | "cancelled",
  by: string,
  headCount: number | null = null,
): Promise<boolean> {
  const ended = await rows(
    tx,
    sql`update meetings m set status = ${status}, ended_by = ${by}, ended_at = now(), head_count = ${headCount}::int
        where id = ${id} and ${live} returning 1`,
  );
  return ended.length > 0;
}

export interface MeetingView extends Meeting {
  /** People with their guests. */
  readonly coming: number;
  readonly waiting: number;
  /** Who texted the code: messages, not people with their guests. */
  readonly here: number;
  /** Questions that nobody has decided on. */
  readonly undecided: number;
}

/** Those to come and under way, the next first. */
export function viewMeetings(db: Db): Promise<readonly MeetingView[]> {
  return rows<MeetingView>(
    db,
    sql`select ${columns},
          coalesce(sum(a.people) filter (where a.status = 'coming'), 0)::int as coming,
          coalesce(sum(a.people) filter (where a.status = 'waiting'), 0)::int as waiting,
          count(a.here_at)::int as here,
          (select count(*)::int from meeting_questions q where q.meeting_id = m.id and q.status = 'new') as undecided
        from meetings m left join meeting_attendees a on a.meeting_id = m.id
        where ${live} group by m.id order by m.starts_at, m.id limit ${LIST_LIMIT}`,
  );
}

// ── Seats ───────────────────────────────────────────────────────────────────────────────────────────────

export interface Attendee {
  readonly status: AttendeeStatus;
  /** With their guests. */
  readonly people: number;
  /** On the waiting list, from 1; null elsewhere. */
  readonly place: number | null;
}

export async function findAttendee(tx: Db, meeting: string, contact: string): Promise<Attendee | undefined> {
  const [found] = await rows<Attendee>(
    tx,
    sql`select a.status, a.people, case when a.status = 'waiting' then (
            select count(*)::int from meeting_attendees w
            where w.meeting_id = a.meeting_id and w.status = 'waiting' and w.position <= a.position) end as place
        from meeting_attendees a where a.meeting_id = ${meeting} and a.contact_id = ${contact}`,
  );
  return found;
}

/** Seats that are taken. Call with the meeting locked to rely on it. */
export async function countSeats(tx: Db, meeting: string): Promise<number> {
  const [taken] = await rows<{ n: number }>(
    tx,
    sql`select coalesce(sum(people), 0)::int as n from meeting_attendees
        where meeting_id = ${meeting} and status = 'coming'`,
  );
  return taken?.n ?? 0;
}

/** What a person said, in place of what they said before. Who waits already keeps the place on the waiting list. */
export async function saveAttendee(
  tx: Db,
  meeting: string,
  contact: string,
  { status, people }: Pick<Attendee, "status" | "people">,
): Promise<void> {
  await tx.execute(sql`
    insert into meeting_attendees as a (meeting_id, contact_id, status, people, position)
    values (${meeting}, ${contact}, ${status}, ${people}, case when ${status} = 'waiting' then (
      select coalesce(max(position), 0) + 1 from meeting_attendees where meeting_id = ${meeting}) end)
    on conflict (meeting_id, contact_id) do update set status = excluded.status, people = excluded.people,
      touched_at = now(),
      position = case when excluded.status = 'waiting' then coalesce(a.position, excluded.position) end`);
}

/** Something was said about the meeting, and what the person said before holds. */
export async function touchAttendee(tx: Db, meeting: string, contact: string): Promise<void> {
  await tx.execute(sql`update meeting_attendees set touched_at = now()
    where meeting_id = ${meeting} and contact_id = ${contact}`);
}

/** The person is at the place. */
export async function markHere(tx: Db, meeting: string, contact: string): Promise<void> {
  await tx.execute(sql`
    insert into meeting_attendees as a (meeting_id, contact_id, status, here_at)
    values (${meeting}, ${contact}, 'walked_in', now())
    on conflict (meeting_id, contact_id) do update set here_at = coalesce(a.here_at, now()), touched_at = now()`);
}

/** Somebody who can be written to. */
export interface Reachable {
  readonly contactId: string;
  readonly language: string | null;
  /** Where they wrote last. */
  readonly address: string;
  /** With their guests. */
  readonly people: number;
}

// Nobody who said STOP, and nobody whose addresses can never receive.
const reachable = sql`meeting_attendees a
  join contacts c on c.id = a.contact_id and c.opted_out_at is null
  join lateral (
    select address from addresses where contact_id = c.id and bad_since is null
    order by last_inbound_at desc nulls last, preference, address limit 1) d on true`;
const person = sql`a.contact_id as "contactId", c.language, d.address, a.people`;

/** `expected`: who comes or waits. `here`: who came. */
export function listReachable(
  db: Db,
  meeting: string,
  whom: "coming" | "expected" | "here",
): Promise<readonly Reachable[]> {
  const which = {
    coming: sql`a.status = 'coming'`,
    expected: sql`a.status in ('coming', 'waiting')`,
    here: sql`a.here_at is not null`,
  }[whom];
  return rows<Reachable>(
    db,
    sql`select ${person} from ${reachable} where a.meeting_id = ${meeting} and ${which} order by a.contact_id`,
  );
}

/** Gives the seats to the first on the waiting list for whom `free` are enough. Call with the meeting locked. */
export async function promoteFirst(tx: Db, meeting: string, free: number): Promise<Reachable | undefined> {
  const [first] = await rows<Reachable>(
    tx,
    sql`select ${person} from ${reachable}
        where a.meeting_id = ${meeting} and a.status = 'waiting' and a.people <= ${free}
        order by a.position limit 1`,
  );
  if (first) await saveAttendee(tx, meeting, first.contactId, { status: "coming", people: first.people });
  return first;
}

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────

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
