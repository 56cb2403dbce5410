import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { BATCH_SIZE } from "./outbox.ts";
import { type Audience, PRIORITY, type StatementKind, type StatementStatus, type Texts } from "./schema.ts";

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

export async function setVersionStatus(tx: Db, id: string, status: StatementStatus): Promise<void> {
  await tx.execute(sql`update statement_versions set status = ${status} where id = ${id}`);
}

/** Released now; what it replaces is superseded. */
export async function markReleased(tx: Db, version: StatementVersion, now: Date): Promise<void> {
  await tx.execute(sql`
    update statement_versions set status = 'released', released_at = ${now.toISOString()}::timestamptz
    where id = ${version.id}`);
  await tx.execute(sql`
    update statement_versions set status = 'superseded'
    where statement_id = ${version.statementId} and status = 'released' and version < ${version.version}`);
}

// ── Reach ───────────────────────────────────────────────────────────────────────────────────────────────

export interface Reach {
  readonly recipients: number;
  /** Of them, per channel. */
  readonly byChannel: Readonly<Record<string, number>>;
  /** Asked not to be written to; not messaged. */
  readonly optedOut: number;
  /** No address that works on these channels. */
  readonly unreachable: number;
}

/** The public of a statement. Liaisons are left out: they get the media's copy at the same moment. */
function audienceCondition(audience: Audience): SQL {
  const parts: SQL[] = [];
  if (audience.wards?.length)
    parts.push(
      sql`c.fields->>'ward' in (select jsonb_array_elements_text(${JSON.stringify(audience.wards.map(String))}::jsonb))`,
    );
  if (audience.languages?.length)
    parts.push(
      sql`c.language in (select jsonb_array_elements_text(${JSON.stringify(audience.languages)}::jsonb))`,
    );
  if (audience.groups?.length)
    parts.push(sql`exists (select 1 from group_members m join groups g on g.id = m.group_id
      where m.contact_id = c.id and g.name in (select jsonb_array_elements_text(${JSON.stringify(audience.groups)}::jsonb)))`);
  if (parts.length === 0 && !audience.everyone) return sql`false`;
  const chosen = parts.length > 0 ? sql.join(parts, sql` and `) : sql`true`;
  return sql`(${chosen}) and not exists (select 1 from liaisons l where l.contact_id = c.id and l.active)`;
}

/** The first channel of the list on which the contact has an address that works. */
const bestAddress = (channels: readonly string[]): SQL => sql`
  left join lateral (
    select a.address, a.channel from addresses a
      join jsonb_array_elements_text(${JSON.stringify(channels)}::jsonb) with ordinality as wanted (channel, rank)
        on wanted.channel = a.channel
    where a.contact_id = c.id and a.bad_since is null
    order by wanted.rank, a.preference, a.address limit 1) best on true`;

export async function countReach(db: Db, audience: Audience, channels: readonly string[]): Promise<Reach> {
  const counted = await rows<{ channel: string | null; out: boolean; n: number }>(
    db,
    sql`select best.channel, c.opted_out_at is not null as out, count(*)::int as n
        from contacts c ${bestAddress(channels)} where ${audienceCondition(audience)} group by 1, 2`,
  );
  const sum = (some: typeof counted): number => some.reduce((total, { n }) => total + n, 0);
  const reached = counted.filter(({ channel, out }) => channel !== null && !out);
  return {
    recipients: sum(reached),
    byChannel: Object.fromEntries(reached.map(({ channel, n }) => [channel, n])),
    optedOut: sum(counted.filter(({ out }) => out)),
    unreachable: sum(counted.filter(({ channel, out }) => channel === null && !out)),
  };
}

export interface PublicRelease {
  readonly versionId: string;
  readonly texts: Texts;
  readonly defaultLanguage: string;
  readonly audience: Audience;
  readonly channels: readonly string[];
  readonly expiresAt: Date;
}

/**
 * One message for each of the public, each in their language, and the batches that carry them; in one statement.
 * Returns the channels to ring for.
 */
export async function drawUpRelease(tx: Db, release: PublicRelease): Promise<readonly string[]> {
  const { versionId, texts, defaultLanguage, audience, channels, expiresAt } = release;
  const drawn = await rows<{ channel: string }>(
    tx,
    sql`
    with recipients as materialized (
      select c.id, c.language, best.address, best.channel,
        (row_number() over (partition by best.channel order by c.id) - 1) / ${BATCH_SIZE} as nth
      from contacts c ${bestAddress(channels)}
      where c.opted_out_at is null and best.address is not null and ${audienceCondition(audience)}),
    batches as materialized (
      select uuid7() as id, channel, nth from (select distinct channel, nth from recipients) each_batch),
    opened as (
      insert into outbox_batches (id, channel, priority, ref)
      select id, channel, ${PRIORITY.crisis}::smallint, ${versionId}::uuid from batches),
    queued as (
      insert into messages (id, direction, status, channel, address, contact_id, text, kind, ref, batch_id, priority,
        on_doubt, expires_at)
      select uuid7(), 'out', 'queued', r.channel, r.address, r.id,
        coalesce(${JSON.stringify(texts)}::jsonb->>r.language, ${JSON.stringify(texts)}::jsonb->>${defaultLanguage}),
        'statement', ${versionId}::uuid, b.id, ${PRIORITY.crisis}::smallint, 'resend',
        ${expiresAt.toISOString()}::timestamptz
      from recipients r join batches b on b.channel = r.channel and b.nth = r.nth)
    select distinct channel from batches`,
  );
  return drawn.map(({ channel }) => channel);
}

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
