import { sql } from "drizzle-orm";
import { type Contact, numberOf, sameNumber } from "./contacts.ts";
import { type Db, rows } from "./database.ts";
import { prepared } from "./prepared.ts";
import type { AttendeeStatus, MeetingStatus } from "./schema.ts";
import { type KeptSession, MAX_ACTIVE_SESSIONS } from "./sessions.ts";
import type { StaffMember } from "./staff.ts";

/** A citizen's message as it is kept. Its id says when it came. */
export interface ReceivedMessage {
  /** UUIDv7. */
  readonly id: string;
  readonly channel: string;
  /** The carrier's: takes effect once per channel. */
  readonly providerId: string;
  /** `sms:+27821234567` */
  readonly address: string;
  readonly text: string;
  /** Everything else that came with it. */
  readonly extras: InboundExtras;
}

export interface InboundExtras {
  /** Ours. */
  readonly to?: string;
  /** Id of the choice that was tapped. */
  readonly choice?: string;
  readonly media?: readonly { readonly url: string; readonly contentType: string }[];
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly label?: string };
  /** ISO 8601, as the carrier says. */
  readonly sentAt?: string;
}

/** A consultation that one of the message's words belongs to. */
export interface NamedConsultation {
  readonly id: string;
  readonly title: string;
  readonly flow: string;
  readonly flowVersion: number;
  readonly keywords: readonly string[];
  readonly open: boolean;
}

/** A meeting that one of the message's words belongs to, or that the person has to do with. */
export interface NamedMeeting {
  readonly id: string;
  readonly title: string;
  readonly keyword: string;
  readonly status: MeetingStatus;
  /** What the person said of it; null when they have nothing to do with it, or it began half a day ago. */
  readonly part: AttendeeStatus | null;
  /** We asked whether they come, and no conversation has asked them something since. */
  readonly waits: boolean;
  /** The message ends with the code that is shown at the place, where it goes on now. */
  readonly coded: boolean;
}

/** All that has to be known to decide what a message means. */
export interface Situation {
  readonly contact?: Contact;
  /** Staff took the person over, and have not written for a day: what is meant for the bot goes to the bot again. */
  readonly staffSilent: boolean;
  /** Nobody's number, and its owner was erased: as who said STOP, until they opt in. */
  readonly erased?: true;
  /** The very address, not only its number. */
  readonly addressKnown: boolean;
  /** Conversations that wait for the person, the latest first. */
  readonly sessions: readonly KeptSession[];
  /** Open ones first, then the one that closed last. */
  readonly consultations: readonly NamedConsultation[];
  /** Those to come and under way first, the one that was spoken of last before the others. */
  readonly meetings: readonly NamedMeeting[];
  /** Staff by the number of the sender, with the pages that wait for an answer. */
  readonly staff?: StaffMember;
  readonly openPages: number;
  /** The sender is a media liaison. */
  readonly liaisonId?: string;
  /** Earlier messages of the same address that failed and will be tried again. */
  readonly earlier: readonly string[];
}

/** Staff who have not written for so long have forgotten the person, or are done. */
const STAFF_SILENT = "interval '1 day'";
// One row, whatever is known. $1 to $3: the address, and its number's on SMS and WhatsApp; $4: the number;
// $5, $6: what may be the keyword of a consultation or meeting.
const SITUATION = `
  select exists (select from fresh) as fresh, w.address as "knownAddress",
    c.id, c.name, c.language, c.fields, c.opted_out_at is not null as "optedOut",
    c.handed_over_at is not null as "handedOver",
    coalesce(c.handed_over_at < now() - ${STAFF_SILENT}, false) as "staffSilent",
    (select json_agg(s) from (
      select id, contact_id as "contactId", address, consultation_id as "consultationId", status, turn, state
      from sessions where contact_id = c.id and status = 'active' order by updated_at desc, id desc
      limit ${MAX_ACTIVE_SESSIONS}) s) as sessions,
    (select json_agg(k) from (
      select id, title, flow, flow_version as "flowVersion", keywords,
        status = 'open' and coalesce(closes_at > now(), true) as open
      from consultations where status <> 'scheduled' and keywords && array[$5, $6]::text[]
      order by open desc, closed_at desc nulls first limit 5) k) as consultations,
    (select json_agg(k) from (
      select m.id, m.title, m.keyword, m.status,
        case when m.starts_at > now() - interval '12 hours' then a.status end as part,
        coalesce(a.prompted, false) and not exists (
          select from sessions s where s.contact_id = c.id and s.status = 'active' and s.updated_at > a.touched_at
        ) as waits,
        m.status = 'open' and right($6, 5) = ' ' || m.code as coded
      from meetings m left join meeting_attendees a on a.meeting_id = m.id and a.contact_id = c.id
      where m.keyword in ($5, $6) or (m.status in ('planned', 'open') and
        (a.contact_id is not null or right($6, 5) = ' ' || m.code))
      order by m.status in ('planned', 'open') desc, a.touched_at desc nulls last, m.starts_at desc
      limit 10) k) as meetings,
    (select to_json(m) from (
      select id, name, slack_user_id as "slackUserId", phone, language, roles, handle, duties, active,
        (select count(*)::int from pages p where p.staff_id = staff.id and p.status = 'open') as "openPages"
      from staff where phone = $4 and active) m) as staff,
    (select id from liaisons where contact_id = c.id and active) as "liaisonId",
    (select json_agg(f.message_id) from (
      select i.message_id from inbound_failures i join messages m on m.id = i.message_id
      where i.set_aside_at is null and m.address = $1 order by i.message_id limit 10) f) as earlier
  from (select 1) one
  left join lateral (
    select address, contact_id from addresses where address in ($1, $2, $3) order by address = $1 desc limit 1
  ) w on true
  left join contacts c on c.id = w.contact_id`;

/** A carrier id that is there already has had its effect. It is taken in the statement that keeps the message. */
const OF_NEW = `with fresh as (
    select where not exists (select from inbound_keys where channel = $7 and provider_id = $8))${SITUATION}`;
const OF_KEPT = `with fresh as (select from messages where id = $7::uuid and status = 'received')${SITUATION}`;

const LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))::text";

interface SituationRow {
  readonly fresh: boolean;
  readonly knownAddress: string | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly language: string | null;
  readonly fields: Contact["fields"] | null;
  readonly optedOut: boolean;
  readonly handedOver: boolean;
  readonly staffSilent: boolean;
  readonly sessions: readonly KeptSession[] | null;
  readonly consultations: readonly NamedConsultation[] | null;
  readonly meetings: readonly NamedMeeting[] | null;
  readonly staff: (StaffMember & { readonly openPages: number }) | null;
  readonly liaisonId: string | null;
  readonly earlier: readonly string[] | null;
}

/**
 * Reads what is known about a message and its sender, in one round trip; undefined when the carrier has brought it
 * before. `words`: what may be a consultation's keyword. With `lock`, everything else of the sender's number waits
 * until the transaction ends; without, what is then written has to check that nothing changed.
 */
export async function readSituation(
  db: Db,
  message: ReceivedMessage,
  words: readonly [string, string],
  kept: "new" | "received",
  lock?: "lock",
): Promise<Situation | undefined> {
  const { address } = message;
  const number = numberOf(address) ?? null;
  const who = [address, ...sameNumber(address), number, ...words];
  // Not awaited, so that both travel together. A statement of its own: what follows reads what the holder before
  // committed.
  const locked = lock && prepared(db, LOCK, [number ?? address]);
  const read =
    kept === "new"
      ? prepared<SituationRow>(db, OF_NEW, [...who, message.channel, message.providerId])
      : prepared<SituationRow>(db, OF_KEPT, [...who, message.id]);
  const [[row]] = await Promise.all([read, locked]);
  if (!row?.fresh) return undefined;
  const { id, name, language, fields, optedOut, handedOver, staff, liaisonId } = row;
  return {
    ...(id === null ? {} : { contact: { id, name, language, fields: fields ?? {}, optedOut, handedOver } }),
    staffSilent: row.staffSilent,
    addressKnown: row.knownAddress === address,
    sessions: row.sessions ?? [],
    consultations: row.consultations ?? [],
    meetings: row.meetings ?? [],
    ...(staff === null ? {} : { staff }),
    openPages: staff?.openPages ?? 0,
    ...(liaisonId === null ? {} : { liaisonId }),
    earlier: row.earlier ?? [],
  };
}

/** Keywords of every open consultation: asked when a word looks like a slip of one. */
export function openConsultations(db: Db): Promise<readonly NamedConsultation[]> {
  return rows<NamedConsultation>(
    db,
    sql`select id, title, flow, flow_version as "flowVersion", keywords, true as open from consultations
        where status = 'open' and coalesce(closes_at > now(), true) limit 200`,
  );
}

// ── Keeping ─────────────────────────────────────────────────────────────────────────────────────────────

const KEEP = `
  with seen as (update addresses set last_inbound_at = now(), bad_since = null, bad_reason = null where address = $4),
  keyed as (
    insert into inbound_keys (channel, provider_id, message_id) values ($2, $3, $1::uuid)
    on conflict (channel, provider_id) do update set message_id = excluded.message_id
    where inbound_keys.message_id = excluded.message_id returning 1)
  insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, provider_id)
  select $1::uuid, 'in', 'processed', $2, $4, $5::uuid, $6, $7::jsonb, 'citizen', $3 from keyed
  on conflict (id) do update set status = 'processed', contact_id = excluded.contact_id, status_at = now()
  returning 1`;

/**
 * Keeps a message whose effects are in the same transaction, and takes its carrier id; one that was kept as received
 * becomes processed. Throws {@link AlreadyKept} when the id was taken by another message.
 */
export async function keepProcessed(
  tx: Db,
  message: ReceivedMessage,
  of: { readonly contactId?: string },
): Promise<void> {
  const kept = await prepared(tx, KEEP, [
    message.id,
    message.channel,
    message.providerId,
    message.address,
    of.contactId ?? null,
    message.text,
    JSON.stringify(message.extras),
  ]);
  if (kept.length === 0) throw new AlreadyKept(`${message.channel} ${message.providerId} is kept already`);
}

/** The carrier's id was taken while the message was processed: nothing of it may be kept a second time. */
export class AlreadyKept extends Error {}

/**
 * Keeps a message whose processing failed, to be tried again. False when another delivery of it was kept in the
 * meantime.
 */
export async function keepReceived(
  tx: Db,
  message: ReceivedMessage,
  failure: { readonly error: string; readonly retryAt: Date },
): Promise<boolean> {
  const kept = await rows(
    tx,
    sql`
      with fresh as (
        insert into inbound_keys (channel, provider_id, message_id)
        values (${message.channel}, ${message.providerId}, ${message.id}) on conflict do nothing returning message_id
      ), kept as (
        insert into messages (id, direction, status, channel, address, contact_id, text, extras, kind, provider_id)
        select message_id, 'in', 'received', ${message.channel}, ${message.address},
          (select contact_id from addresses where address = ${message.address}), ${message.text},
          ${JSON.stringify(message.extras)}::jsonb, 'citizen', ${message.providerId}
        from fresh
      )
      insert into inbound_failures (message_id, attempts, error, retry_at)
      select message_id, 1, ${failure.error}, ${failure.retryAt.toISOString()}::timestamptz from fresh returning 1`,
  );
  return kept.length > 0;
}

// ── Trying again ────────────────────────────────────────────────────────────────────────────────────────

export interface FailedMessage extends ReceivedMessage {
  readonly contactId: string | null;
  readonly attempts: number;
}

/** A message that is kept as received and not set aside. */
export async function findReceived(db: Db, id: string): Promise<FailedMessage | undefined> {
  const [found] = await rows<FailedMessage>(
    db,
    sql`select m.id, m.channel, m.provider_id as "providerId", m.address, m.text, m.extras,
               m.contact_id as "contactId", f.attempts
        from inbound_failures f join messages m on m.id = f.message_id
        where f.message_id = ${id} and f.set_aside_at is null and m.status = 'received'`,
  );
  return found;
}

/** Ids of the messages that are due to be tried again, in the order in which they came. */
export async function dueReceived(db: Db, limit: number): Promise<readonly string[]> {
  const due = await rows<{ id: string }>(
    db,
    sql`select message_id as id from inbound_failures where set_aside_at is null and retry_at <= now()
        order by message_id limit ${limit}`,
  );
  return due.map((failure) => failure.id);
}

/** Notes that it failed once more. `setAside`: it is not tried again, staff have to look. */
export async function failAgain(
  tx: Db,
  id: string,
  failure: { readonly error: string; readonly retryAt: Date; readonly setAside: boolean },
): Promise<void> {
  await tx.execute(sql`
    update inbound_failures set attempts = attempts + 1, error = ${failure.error},
      retry_at = ${failure.retryAt.toISOString()}::timestamptz,
      set_aside_at = case when ${failure.setAside}::boolean then now() end
    where message_id = ${id} and set_aside_at is null`);
}

/** It was processed after all. */
export async function forgetFailure(tx: Db, id: string): Promise<void> {
  await tx.execute(sql`delete from inbound_failures where message_id = ${id}`);
}
