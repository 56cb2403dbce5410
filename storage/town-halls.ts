import { sql } from "drizzle-orm";
import { TIME_ZONE, type Whereabouts } from "./contacts.ts";
import { type Db, rows } from "./database.ts";
import { textArray } from "./outbox.ts";
import type { AttendeeStatus, MeetingStatus } from "./schema.ts";

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
  /** Whoever comes is asked what they need to take part. */
  readonly asksNeeds: boolean;
}

/** Whether people can still say that they come, ask and vote. */
export const isLive = ({ status }: Pick<Meeting, "status">): boolean =>
  status === "planned" || status === "open";

const LIST_LIMIT = 100;

const live = sql`m.status in ('planned', 'open')`;
const columns = sql`m.id, m.title, m.keyword, m.place, m.capacity, m.status, m.code, m.head_count as "headCount", m.asks_needs as "asksNeeds",
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
    insert into meetings (id, title, keyword, starts_at, place, capacity, code, planned_by, asks_needs)
    values (${m.id}, ${m.title}, ${m.keyword}, ${m.startsAt}::timestamptz, ${m.place}, ${m.capacity}, ${m.code},
      ${m.plannedBy}, ${m.asksNeeds})`);
}

/** Another time, another place, other seats; the caller has locked it. */
export async function updateMeeting(
  tx: Db,
  { id, startsAt, place, capacity }: Pick<Meeting, "id" | "startsAt" | "place" | "capacity">,
): Promise<void> {
  await tx.execute(sql`update meetings
    set starts_at = ${startsAt}::timestamptz, place = ${place}, capacity = ${capacity} where id = ${id}`);
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
  if (ended.length > 0)
    await tx.execute(
      sql`update meeting_attendees set needs = null where meeting_id = ${id} and needs is not null`,
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
  /** What they need to take part. */
  readonly needs: string | null;
}

export async function findAttendee(tx: Db, meeting: string, contact: string): Promise<Attendee | undefined> {
  const [found] = await rows<Attendee>(
    tx,
    sql`select a.status, a.people, a.needs, case when a.status = 'waiting' then (
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

/** Messages, not people, but for `expected`. */
export interface AttendanceCount {
  /** Who said that they come. */
  readonly said: number;
  /** Of these, who texted the code. */
  readonly saidAndCame: number;
  /** Who said that they come, with their guests. */
  readonly expected: number;
  /** Who texted the code without seats: walked in, waited, or had said that they do not come. */
  readonly walkedIn: number;
}

export async function countAttendance(db: Db, meeting: string): Promise<AttendanceCount> {
  const [found] = await rows<AttendanceCount>(
    db,
    sql`select count(*) filter (where status = 'coming')::int as said,
          count(here_at) filter (where status = 'coming')::int as "saidAndCame",
          coalesce(sum(people) filter (where status = 'coming'), 0)::int as expected,
          count(here_at) filter (where status <> 'coming')::int as "walkedIn"
        from meeting_attendees where meeting_id = ${meeting}`,
  );
  return found ?? { said: 0, saidAndCame: 0, expected: 0, walkedIn: 0 };
}

/**
 * What a person said, in place of what they said before. Who waits already keeps the place on the waiting list.
 * `prompted`: what we say about it wants an answer.
 */
export async function saveAttendee(
  tx: Db,
  meeting: string,
  contact: string,
  { status, people, prompted }: Pick<Attendee, "status" | "people"> & { readonly prompted: boolean },
): Promise<void> {
  await tx.execute(sql`
    insert into meeting_attendees as a (meeting_id, contact_id, status, people, prompted, position)
    values (${meeting}, ${contact}, ${status}, ${people}, ${prompted}, case when ${status} = 'waiting' then (
      select coalesce(max(position), 0) + 1 from meeting_attendees where meeting_id = ${meeting}) end)
    on conflict (meeting_id, contact_id) do update set status = excluded.status, people = excluded.people,
      prompted = excluded.prompted, touched_at = now(),
      position = case when excluded.status = 'waiting' then coalesce(a.position, excluded.position) end`);
}

/** The meeting was spoken of with these people, and what they said before holds. `prompted`: it wants an answer. */
export async function touchAttendees(
  tx: Db,
  meeting: string,
  contacts: readonly string[],
  prompted?: "prompted",
): Promise<void> {
  await tx.execute(sql`update meeting_attendees
    set touched_at = now(), prompted = prompted or ${prompted !== undefined}
    where meeting_id = ${meeting} and contact_id::text = any(${textArray(contacts)})`);
}

/** What a person needs to take part, in place of what they said before; also of who has not said yet that they come. */
export async function saveNeeds(tx: Db, meeting: string, contact: string, needs: string): Promise<void> {
  await tx.execute(sql`
    insert into meeting_attendees (meeting_id, contact_id, status, needs)
    values (${meeting}, ${contact}, 'asked', ${needs})
    on conflict (meeting_id, contact_id) do update set needs = excluded.needs, touched_at = now()`);
}

/** What those who come or wait, or have not said, need: in their words, the latest last. */
export async function listNeeds(db: Db, meeting: string): Promise<readonly string[]> {
  const found = await rows<{ needs: string }>(
    db,
    sql`select needs from meeting_attendees
        where meeting_id = ${meeting} and needs is not null and status <> 'declined'
        order by touched_at limit ${LIST_LIMIT}`,
  );
  return found.map(({ needs }) => needs);
}

/** The person is at the place. */
export async function markHere(tx: Db, meeting: string, contact: string): Promise<void> {
  await tx.execute(sql`
    insert into meeting_attendees as a (meeting_id, contact_id, status, here_at)
    values (${meeting}, ${contact}, 'walked_in', now())
    on conflict (meeting_id, contact_id) do update set here_at = coalesce(a.here_at, now()), touched_at = now()`);
}

/** Somebody who can be written to, where they wrote last. */
export interface Reachable extends Whereabouts {
  readonly contactId: string;
  readonly language: string | null;
  /** With their guests. */
  readonly people: number;
}

// Nobody who said STOP, and nobody whose addresses can never receive.
const reachable = sql`meeting_attendees a
  join contacts c on c.id = a.contact_id and c.opted_out_at is null
  join lateral (
    select address from addresses where contact_id = c.id and bad_since is null
    order by last_inbound_at desc nulls last, preference, address limit 1) d on true`;
const person = sql`a.contact_id as "contactId", c.language, d.address, a.people,
  c.fields->>${TIME_ZONE} as "timeZone"`;

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
  if (first)
    await saveAttendee(tx, meeting, first.contactId, {
      status: "coming",
      people: first.people,
      prompted: true,
    });
  return first;
}
