import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

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
export async function addLink(tx: Db, token: string, staffId: string): Promise<void> {
  await tx.execute(sql`delete from console_sessions where staff_id = ${staffId} and kind = 'link'`);
  await tx.execute(sql`
    insert into console_sessions (token_hash, kind, staff_id, expires_at)
    values (${checked(token)}, 'link', ${staffId}, now() + make_interval(mins => ${LINK_MINUTES}::int))`);
}

/**
 * Uses a link up and opens the session `sessionToken`; undefined when the link is unknown, used or expired, or its
 * person left. Call it on POST only: mail scanners and chat previews follow links by GET.
 */
export async function redeemLink(
  tx: Db,
  token: string,
  sessionToken: string,
): Promise<{ readonly staffId: string; readonly expiresAt: string } | undefined> {
  const [opened] = await rows<{ staffId: string; expiresAt: string }>(
    tx,
    sql`
      with used as (
        delete from console_sessions l using staff s
        where l.token_hash = ${hashOf(token)} and l.kind = 'link' and s.id = l.staff_id
        returning l.staff_id, l.expires_at > now() and s.active as good)
      insert into console_sessions (token_hash, kind, staff_id, expires_at)
      select ${checked(sessionToken)}, 'session', staff_id, now() + make_interval(hours => ${SESSION_HOURS}::int)
      from used where good
      returning staff_id as "staffId", to_json(expires_at)#>>'{}' as "expiresAt"`,
  );
  return opened;
}

/** Whose session this is, while it lasts and the person is active. */
export async function staffOfSession(db: Db, sessionToken: string): Promise<string | undefined> {
  const [session] = await rows<{ staffId: string }>(
    db,
    sql`select c.staff_id as "staffId" from console_sessions c join staff s on s.id = c.staff_id
        where c.token_hash = ${hashOf(sessionToken)} and c.kind = 'session' and c.expires_at > now() and s.active`,
  );
  return session?.staffId;
}

export async function endSession(db: Db, sessionToken: string): Promise<void> {
  await db.execute(sql`delete from console_sessions where token_hash = ${hashOf(sessionToken)}`);
}

/** Ends all links and sessions of a person: when they leave or their roles change. */
export async function endSessionsOf(db: Db, staffId: string): Promise<void> {
  await db.execute(sql`delete from console_sessions where staff_id = ${staffId}`);
}

/** Housekeeping: returns how many expired ones were removed. */
export async function forgetExpiredSessions(db: Db): Promise<number> {
  return (await rows(db, sql`delete from console_sessions where expires_at <= now() returning token_hash`))
    .length;
}
