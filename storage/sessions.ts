import { sql } from "drizzle-orm";
import type { Outcome, Privacy, Session } from "#flows";
import { type Db, rows } from "./database.ts";

/** Conversations that one person may have open; beginning one more ends the oldest. */
export const MAX_ACTIVE_SESSIONS = 5;

export interface KeptSession {
  readonly id: string;
  readonly contactId: string;
  /** Where the conversation takes place: the address that the person used last for it. */
  readonly address: string;
  readonly consultationId: string | null;
  readonly status: "active" | Outcome;
  /** Goes up with each turn: who saves must have read the one before. */
  readonly turn: number;
  readonly state: KeptState;
}

/** The engine's own. Of conversations that promised privacy the answers are empty, and stand in `sealed`. */
export type KeptState = Session & {
  readonly privacy?: Exclude<Privacy, "identified">;
  /** Encrypted. */
  readonly sealed?: string;
};

/** Somebody else moved the session on in the meantime: read it again and take the turn anew. */
export class SessionMoved extends Error {}

const columns = sql.raw(
  'id, contact_id as "contactId", address, consultation_id as "consultationId", status, turn, state',
);

export async function findSession(db: Db, id: string): Promise<KeptSession | undefined> {
  const [found] = await rows<KeptSession>(db, sql`select ${columns} from sessions where id = ${id}`);
  return found;
}

/** The conversations that wait for the person, the latest first. */
export function activeSessions(db: Db, contactId: string): Promise<readonly KeptSession[]> {
  return rows<KeptSession>(
    db,
    sql`select ${columns} from sessions where contact_id = ${contactId} and status = 'active'
        order by updated_at desc, id desc limit ${MAX_ACTIVE_SESSIONS}`,
  );
}

/** What became of the engine's session, in the words of the table. */
export const statusOf = (state: Session): KeptSession["status"] =>
  state.state === "waiting" ? "active" : (state.outcome ?? "failed");

/**
 * Saves the session as it is after a turn: `turn` 1 adds it, every later one requires that the row stands at the turn
 * before. Throws {@link SessionMoved} when it does not.
 */
export async function saveSession(tx: Db, session: KeptSession): Promise<void> {
  const ended = session.status !== "active";
  const { state } = session;
  const saved =
    session.turn === 1
      ? await rows(
          tx,
          sql`insert into sessions (id, contact_id, address, consultation_id, flow, flow_version, state, status, turn, ended_at, promised)
              values (${session.id}, ${session.contactId}, ${session.address}, ${session.consultationId}, ${state.flow},
                      ${state.version}, ${JSON.stringify(state)}::jsonb, ${session.status}, 1, case when ${ended}::boolean then now() end, ${state.privacy ?? null})
              returning 1`,
        )
      : await rows(
          tx,
          sql`update sessions set state = ${JSON.stringify(state)}::jsonb, status = ${session.status}, turn = ${session.turn},
                     address = ${session.address}, updated_at = now(), ended_at = case when ${ended}::boolean then now() end
              where id = ${session.id} and turn = ${session.turn - 1} and status = 'active' returning 1`,
        );
  if (saved.length === 0) throw new SessionMoved(`session ${session.id} is past turn ${session.turn - 1}`);
}

/** Conversations of a consultation that are under way. */
export async function countActive(db: Db, consultation: string): Promise<number> {
  const [found] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n from sessions where consultation_id = ${consultation} and status = 'active'`,
  );
  return found?.n ?? 0;
}

/** Whether the person has finished this consultation before. */
export async function hasFinished(db: Db, consultation: string, contact: string): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from sessions where consultation_id = ${consultation} and contact_id = ${contact}
        and status in ('completed', 'screened') limit 1`,
  );
  return found.length > 0;
}

/** Conversations that have ended and whose promise of privacy is still to be kept. */
export function listPromised(db: Db, limit: number): Promise<readonly KeptSession[]> {
  return rows<KeptSession>(
    db,
    sql`select ${columns} from sessions where promised is not null and status <> 'active' order by id limit ${limit}`,
  );
}

/** Its promise is kept; false when somebody else has done so. */
export async function markPromiseKept(tx: Db, id: string): Promise<boolean> {
  const kept = await rows(
    tx,
    sql`update sessions set promised = null where id = ${id} and promised is not null and status <> 'active' returning 1`,
  );
  return kept.length > 0;
}

/** Ends the conversations of a person who said STOP. Returns how many. */
export async function stopSessions(tx: Db, contactId: string): Promise<number> {
  const stopped = await rows(
    tx,
    sql`update sessions set status = 'stopped', turn = turn + 1, ended_at = now(), updated_at = now()
        where contact_id = ${contactId} and status = 'active' returning 1`,
  );
  return stopped.length;
}

/** Makes room for one more conversation: all but the latest few are stopped. */
export async function stopOldest(tx: Db, contactId: string): Promise<void> {
  await tx.execute(sql`
    update sessions set status = 'stopped', turn = turn + 1, ended_at = now()
    where status = 'active' and id in (
      select id from sessions where contact_id = ${contactId} and status = 'active'
      order by updated_at desc, id desc offset ${MAX_ACTIVE_SESSIONS - 1})`);
}

/** Somebody whose conversation ended before they had finished. */
export interface Unfinished {
  readonly session: string;
  readonly contact: string;
  readonly address: string;
  readonly language: string;
}

/** Ends the conversations of a consultation that are under way: its time is over. */
export function expireSessions(tx: Db, consultation: string): Promise<readonly Unfinished[]> {
  return rows<Unfinished>(
    tx,
    sql`update sessions set status = 'expired', turn = turn + 1, ended_at = now(), updated_at = now()
        where consultation_id = ${consultation} and status = 'active'
        returning id as session, contact_id as contact, address, state->>'language' as language`,
  );
}

/** What the bot said last in a conversation. */
export interface LastSaid {
  readonly text: string;
  readonly choices?: readonly { readonly id: string; readonly title: string }[];
  readonly media?: readonly { readonly url: string; readonly contentType: string }[];
}

/** The open question as the person saw it, to be said again; undefined when nothing was said yet. */
export async function lastSaid(db: Db, sessionId: string): Promise<LastSaid | undefined> {
  const [found] = await rows<{
    text: string;
    choices: LastSaid["choices"] | null;
    media: LastSaid["media"] | null;
  }>(
    db,
    sql`select text, extras->'choices' as choices, extras->'media' as media from messages
        where ref = ${sessionId} and direction = 'out' and kind = 'reply' order by id desc limit 1`,
  );
  return (
    found && {
      text: found.text,
      ...(found.choices ? { choices: found.choices } : {}),
      ...(found.media ? { media: found.media } : {}),
    }
  );
}

/** Makes this the conversation that the person's next words go to. */
export async function bringForward(tx: Db, id: string): Promise<void> {
  await tx.execute(sql`update sessions set updated_at = now() where id = ${id} and status = 'active'`);
}
