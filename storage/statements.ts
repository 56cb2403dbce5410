import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import type { Audience, StatementKind, StatementStatus, Texts } from "./schema.ts";

export interface StatementVersion {
  readonly id: string;
  readonly statementId: string;
  readonly crisisId: string | null;
  readonly title: string;
  readonly version: number;
  readonly kind: StatementKind;
  readonly texts: Texts;
  /** The public; an empty one is the media alone. */
  readonly audience: Audience;
  readonly contentHash: string;
  readonly status: StatementStatus;
  readonly embargoUntil: string | null;
  readonly createdBy: string;
  readonly replaces: string | null;
  readonly releasedAt: string | null;
}

export interface NewVersion {
  readonly id: string;
  readonly statementId: string;
  readonly kind: StatementKind;
  readonly texts: Texts;
  readonly audience: Audience;
  readonly contentHash: string;
  readonly embargoUntil?: Date;
  readonly createdBy: string;
  readonly replaces?: string;
}

const iso = (column: SQL): SQL => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const versions = sql`
  select v.id, v.statement_id as "statementId", s.crisis_id as "crisisId", s.title, v.version, v.kind, v.texts,
    v.audience, v.content_hash as "contentHash", v.status, ${iso(sql`v.embargo_until`)} as "embargoUntil",
    v.created_by as "createdBy", v.replaces, ${iso(sql`v.released_at`)} as "releasedAt"
  from statement_versions v join statements s on s.id = v.statement_id`;

export async function insertStatement(
  tx: Db,
  statement: { readonly id: string; readonly crisisId?: string; readonly title: string },
): Promise<void> {
  await tx.execute(sql`insert into statements (id, crisis_id, title)
    values (${statement.id}, ${statement.crisisId ?? null}, ${statement.title})`);
}

/** Adds the next version. The statement's row keeps two writers from taking the same number. */
export async function insertVersion(tx: Db, version: NewVersion): Promise<StatementVersion> {
  await tx.execute(sql`select 1 from statements where id = ${version.statementId} for update`);
  await tx.execute(sql`
    insert into statement_versions (id, statement_id, version, kind, texts, audience, content_hash, embargo_until,
      created_by, replaces)
    values (${version.id}, ${version.statementId},
      (select coalesce(max(version), 0) + 1 from statement_versions where statement_id = ${version.statementId}),
      ${version.kind}, ${JSON.stringify(version.texts)}::jsonb, ${JSON.stringify(version.audience)}::jsonb,
      ${version.contentHash}, ${version.embargoUntil?.toISOString() ?? null}::timestamptz, ${version.createdBy},
      ${version.replaces ?? null}::uuid)`);
  const stored = await findVersion(tx, version.id);
  if (stored === undefined) throw new Error("the statement's version was not stored");
  return stored;
}

export async function findVersion(db: Db, id: string): Promise<StatementVersion | undefined> {
  const [found] = await rows<StatementVersion>(db, sql`${versions} where v.id = ${id}`);
  return found;
}

/** Everything that changes a version takes its row first. */
export async function lockVersion(tx: Db, id: string): Promise<StatementVersion | undefined> {
  const locked = await rows(tx, sql`select 1 from statement_versions where id = ${id} for update`);
  return locked.length > 0 ? findVersion(tx, id) : undefined;
}

/** Of one statement, the oldest first. */
export function listVersions(db: Db, statementId: string): Promise<StatementVersion[]> {
  return rows(db, sql`${versions} where v.statement_id = ${statementId} order by v.version limit 200`);
}

export function listVersionsOfCrisis(db: Db, crisisId: string): Promise<StatementVersion[]> {
  return rows(
    db,
    sql`${versions} where s.crisis_id = ${crisisId} order by s.created_at, s.id, v.version limit 200`,
  );
}

/** Waiting for a decision or for their time, the oldest first. */
export function listPendingVersions(db: Db): Promise<StatementVersion[]> {
  return rows(
    db,
    sql`${versions} where v.status in ('awaiting_approval', 'approved') order by v.created_at limit 50`,
  );
}

/** New words: the version is a draft again, whatever it was. */
export async function rewriteVersion(
  tx: Db,
  id: string,
  change: Pick<NewVersion, "texts" | "audience" | "contentHash" | "createdBy"> & {
    readonly embargoUntil: Date | null;
  },
): Promise<void> {
  await tx.execute(sql`
    update statement_versions set texts = ${JSON.stringify(change.texts)}::jsonb,
      audience = ${JSON.stringify(change.audience)}::jsonb, content_hash = ${change.contentHash},
      embargo_until = ${change.embargoUntil?.toISOString() ?? null}::timestamptz, created_by = ${change.createdBy},
      status = 'draft'
    where id = ${id}`);
}

/** `contentHash`: of the content as it is put to approval. */
export async function setVersionStatus(
  tx: Db,
  id: string,
  status: StatementStatus,
  contentHash?: string,
): Promise<void> {
  await tx.execute(sql`update statement_versions
    set status = ${status}, content_hash = coalesce(${contentHash ?? null}, content_hash) where id = ${id}`);
}

/** Released now; every earlier version, released or still waiting, is superseded. */
export async function markReleased(tx: Db, version: StatementVersion, now: Date): Promise<void> {
  await tx.execute(sql`
    update statement_versions set status = 'released', released_at = ${now.toISOString()}::timestamptz
    where id = ${version.id}`);
  await tx.execute(sql`
    update statement_versions set status = 'superseded'
    where statement_id = ${version.statementId} and status <> 'superseded' and version < ${version.version}`);
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────

/** How far the messages of a version have come, to public and media alike. */
export async function releaseProgress(db: Db, versionId: string): Promise<Readonly<Record<string, number>>> {
  const counted = await rows<{ status: string; n: number }>(
    db,
    sql`select status::text as status, count(*)::int as n from messages
        where ref = ${versionId} and kind = 'statement' group by status`,
  );
  return Object.fromEntries(counted.map(({ status, n }) => [status, n]));
}

// ── Liaisons ────────────────────────────────────────────────────────────────────────────────────────────

/** The statement that was sent to this contact last. */
export async function lastSentTo(db: Db, contactId: string): Promise<StatementVersion | undefined> {
  const [found] = await rows<StatementVersion>(
    db,
    sql`${versions} where v.id = (select m.ref from messages m where m.contact_id = ${contactId}
          and m.kind = 'statement' and m.direction = 'out' order by m.id desc limit 1)`,
  );
  return found;
}

/** False when it was acknowledged before. */
export async function acknowledgeVersion(tx: Db, versionId: string, liaisonId: string): Promise<boolean> {
  const added = await rows(
    tx,
    sql`insert into statement_acknowledgements (version_id, liaison_id) values (${versionId}, ${liaisonId})
        on conflict do nothing returning 1`,
  );
  return added.length > 0;
}

export function listAcknowledgements(
  db: Db,
  versionId: string,
): Promise<{ readonly outlet: string; readonly at: string }[]> {
  return rows(
    db,
    sql`select l.outlet, ${iso(sql`a.at`)} as at from statement_acknowledgements a
        join liaisons l on l.id = a.liaison_id where a.version_id = ${versionId} order by a.at`,
  );
}

/** Whether a message of ours with this id exists: what edits it can come after. */
export async function wasQueued(db: Db, messageId: string): Promise<boolean> {
  return (await rows(db, sql`select 1 from messages where id = ${messageId}`)).length > 0;
}
