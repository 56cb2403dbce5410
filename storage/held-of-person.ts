import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

export interface PersonMessage {
  readonly at: string;
  readonly direction: "in" | "out";
  readonly address: string;
  readonly kind: string;
  readonly status: string;
  readonly text: string;
}

/** Every message from and to a person's addresses, oldest first, a page at a time. */
export async function* readMessagesOf(db: Db, contactId: string, page = 500): AsyncGenerator<PersonMessage> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const found: (PersonMessage & { readonly id: string })[] = await rows(
      db,
      sql`select m.id, m.direction, m.address, m.kind, m.status, m.text,
            to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
          from messages m
          where m.address in (select address from addresses where contact_id = ${contactId}) and m.id > ${after}
          order by m.id limit ${page}`,
    );
    for (const { id: _id, ...message } of found) yield message;
    const last = found.at(-1);
    if (!last || found.length < page) return;
    after = last.id;
  }
}

export interface PersonMeeting {
  readonly meeting: string;
  readonly startsAt: string;
  readonly status: string;
  readonly people: number;
  readonly attended: boolean;
  /** What they said that they need to take part; null once it is over. */
  readonly needs: string | null;
}

export interface PersonQuestion {
  readonly meeting: string;
  readonly askedAt: string;
  readonly text: string;
  readonly answer: string | null;
}

/** What meetings have of a person: where they come or came, and what they asked. */
export async function readMeetingsOf(
  db: Db,
  contactId: string,
): Promise<{ readonly meetings: readonly PersonMeeting[]; readonly questions: readonly PersonQuestion[] }> {
  const meetings = await rows<PersonMeeting>(
    db,
    sql`select m.title as meeting, to_char(m.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startsAt",
          a.status, a.people, a.here_at is not null as attended, a.needs
        from meeting_attendees a join meetings m on m.id = a.meeting_id
        where a.contact_id = ${contactId} order by m.starts_at`,
  );
  const questions = await rows<PersonQuestion>(
    db,
    sql`select m.title as meeting, q.text, q.answer,
          to_char(q.asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "askedAt"
        from meeting_questions q join meetings m on m.id = q.meeting_id
        where q.contact_id = ${contactId} order by q.asked_at`,
  );
  return { meetings, questions };
}
