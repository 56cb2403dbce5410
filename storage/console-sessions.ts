import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { findStaff, type StaffMember } from "./staff.ts";

/** A one-time link is good for so long. */
export const LINK_MINUTES = 15;
/** A session ends after this: a working day. */
export const SESSION_HOURS = 12;
/** Tokens are made by the caller: so many random bytes, in base64url. */
export const TOKEN_BYTES = 32;

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

function checked(token: string): string {
  if (Buffer.from(token, "base64url").length < TOKEN_BYTES) throw new Error("the token is too short");
  return hashOf(token);
}

/** Keeps a one-time link (its hash) for this person; older links of theirs end. */
export async function createConsoleLink(tx: Db, staffId: string, token: string): Promise<void> {
  await tx.execute(sql`delete from console_sessions where staff_id = ${staffId} and kind = 'link'`);
  await tx.execute(sql`
    insert into console_sessions (token_hash, kind, staff_id, expires_at)
    values (${checked(token)}, 'link', ${staffId}, now() + make_interval(mins => ${LINK_MINUTES}::int))`);
}

/**
 * Uses a link up, opens the session `sessionToken` and tells whose it is; undefined when the link is unknown, used or
 * expired, or its person left. Call it on POST only: mail scanners and chat previews follow links by GET.
 */
export async function redeemConsoleLink(
  db: Db,
  token: string,
  sessionToken: string,
): Promise<StaffMember | undefined> {
  const [opened] = await rows<{ staffId: string }>(
    db,
    sql`
      with used as (
        delete from console_sessions l using staff s
        where l.token_hash = ${hashOf(token)} and l.kind = 'link' and s.id = l.staff_id
        returning l.staff_id, l.expires_at > now() and s.active as good)
      insert into console_sessions (token_hash, kind, staff_id, expires_at)
      select ${checked(sessionToken)}, 'session', staff_id, now() + make_interval(hours => ${SESSION_HOURS}::int)
      from used where good
      returning staff_id as "staffId"`,
  );
  return opened === undefined ? undefined : findStaff(db, opened.staffId);
}

/** Whose session this is, while it lasts and the person is active. */
export async function findConsoleSession(db: Db, sessionToken: string): Promise<StaffMember | undefined> {
  const [session] = await rows<{ staffId: string }>(
    db,
    sql`select staff_id as "staffId" from console_sessions
        where token_hash = ${hashOf(sessionToken)} and kind = 'session' and expires_at > now()`,
  );
  const member = session === undefined ? undefined : await findStaff(db, session.staffId);
  return member?.active === true ? member : undefined;
}

export async function endConsoleSession(db: Db, sessionToken: string): Promise<void> {
  await db.execute(sql`delete from console_sessions where token_hash = ${hashOf(sessionToken)}`);
}

/** Ends all links and sessions of a person: when they leave or their roles change. */
export async function endConsoleSessionsOf(db: Db, staffId: string): Promise<void> {
  await db.execute(sql`delete from console_sessions where staff_id = ${staffId}`);
}

/** Housekeeping: returns how many expired ones were removed. */
export async function forgetConsoleSessions(db: Db): Promise<number> {
  const gone = await rows(
    db,
    sql`delete from console_sessions where expires_at <= now() returning token_hash`,
  );
  return gone.length;
}
