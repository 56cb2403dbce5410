import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";
import { textArray } from "./outbox.ts";

/** What is done to one person's data; nothing of it can be taken back. */
export interface Erasure {
  readonly contactId: string;
  /** Keyed hashes of the person's addresses, by address: what stays in place of them. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Keyed hashes of the person's numbers: they are known again when a list brings them. */
  readonly numbers: readonly string[];
  /**
   * Finished conversations of consultations that are over: they stay in the results, by nobody, with the answers to
   * `closed` questions only.
   */
  readonly detached: readonly { readonly session: string; readonly closed: readonly string[] }[];
}

export interface Erased {
  readonly addresses: number;
  /** Emptied of words and number; that something was sent or came, and what became of it, stays. */
  readonly messages: number;
  /** Of them, those that waited to be sent and were cancelled. */
  readonly cancelled: number;
  /** Conversations that went with everything said in them. */
  readonly conversations: number;
  /** Conversations that stay in the results, by nobody. */
  readonly detached: number;
  readonly groups: number;
  /** Entries of the consent ledger: they stay, under a keyed hash. */
  readonly consents: number;
  /** A row without name and number stays, for what cannot go: detached answers, questions that were published. */
  readonly nameless: boolean;
}

/**
 * Erases a person. Only inside a transaction that holds the lock of each of their numbers; a second time finds nothing
 * and changes nothing.
 */
export async function eraseContact(tx: Db, erasure: Erasure): Promise<Erased> {
  const { contactId: id, hashes, numbers, detached } = erasure;
  const addresses = textArray(Object.keys(hashes));
  const stay = textArray(detached.map(({ session }) => session));
  const count = async (query: ReturnType<typeof sql>): Promise<number> => {
    const [found] = await rows<{ n: number }>(tx, query);
    return found?.n ?? 0;
  };
  await tx.execute(sql`
    insert into erased_numbers (hash) select unnest(${textArray(numbers)}) on conflict (hash) do nothing`);
  const consents = await count(sql`
    with hashed as (
      update consent_ledger l set address = 'erased:' || coalesce(h.value, ${numbers[0] ?? id})
      from (select l.id, h.value from consent_ledger l
        left join jsonb_each_text(${JSON.stringify(hashes)}::jsonb) h on h.key = l.address
        where l.contact_id = ${id} and l.address not like 'erased:%') h
      where l.id = h.id returning 1)
    select count(*)::int as n from hashed`);

  for (const { session, closed } of detached)
    await tx.execute(sql`
      delete from answers where session_id = ${session} and question <> all(${textArray(closed)})`);
  await tx.execute(sql`update answers set said = '' where session_id::text = any(${stay})`);
  await tx.execute(sql`
    update sessions set address = 'erased', promised = null,
      state = state - 'sealed' || '{"answers": {}, "variables": {}, "trail": []}'
    where id::text = any(${stay})`);
  const conversations = await count(sql`
    with gone as (
      delete from sessions where contact_id = ${id} and id::text <> all(${stay}) returning id
    ), timeless as (delete from timers where kind = 'session' and ref in (select id from gone))
    select count(*)::int as n from gone`);

  const { messages, cancelled } = await emptyMessages(tx, id, addresses);
  const groups = await count(sql`
    with gone as (delete from group_members where contact_id = ${id} returning 1)
    select count(*)::int as n from gone`);
  await tx.execute(sql`delete from meeting_votes where contact_id = ${id}`);
  await tx.execute(sql`
    delete from meeting_questions where contact_id = ${id} and status not in ('listed', 'answered')`);
  await tx.execute(sql`
    delete from meeting_attendees where contact_id = ${id}
      and meeting_id in (select id from meetings where status in ('planned', 'open'))`);
  await tx.execute(sql`update meeting_attendees set needs = null where contact_id = ${id}`);
  await tx.execute(sql`
    delete from liaisons l where contact_id = ${id}
      and not exists (select from enquiries where liaison_id = l.id)
      and not exists (select from statement_acknowledgements where liaison_id = l.id)`);
  await tx.execute(
    sql`update liaisons set active = false, outlet = 'erased', beat = null where contact_id = ${id}`,
  );
  await tx.execute(sql`
    update enquiries set address = 'erased' where liaison_id in (select id from liaisons where contact_id = ${id})`);

  await tx.execute(sql`
    delete from webhook_deliveries where data->>'to' = any(${addresses}) or data->>'from' = any(${addresses})`);
  const gone = await count(sql`
    with gone as (delete from addresses where contact_id = ${id} returning 1)
    select count(*)::int as n from gone`);
  await tx.execute(sql`
    update contacts set name = null, language = null, fields = '{}', handed_over_at = null,
      opted_out_at = coalesce(opted_out_at, now())
    where id = ${id}`);
  const deleted = await rows(
    tx,
    sql`delete from contacts c where id = ${id}
          and not exists (select from sessions where contact_id = c.id)
          and not exists (select from meeting_questions where contact_id = c.id)
          and not exists (select from meeting_attendees where contact_id = c.id)
          and not exists (select from liaisons where contact_id = c.id)
        returning 1`,
  );
  return {
    addresses: gone,
    messages,
    cancelled,
    conversations,
    detached: detached.length,
    groups,
    consents,
    nameless: deleted.length === 0,
  };
}

/** Of both directions, and what staff saw of them in Slack. Carriers' ids stay: without them a repetition would be new. */
async function emptyMessages(tx: Db, id: string, addresses: ReturnType<typeof textArray>) {
  const emptied = await rows<{ messages: number; cancelled: number }>(
    tx,
    sql`
    with theirs as (
      select m.id, m.status, m.address from messages m where m.address = any(${addresses}) and m.address <> 'erased'
      union all
      select m.id, m.status, m.address from messages m where m.ref = ${id} and m.kind in ('inbox', 'staff_reply')
        and m.address <> all(${addresses})
    ), emptied as (
      update messages m set text = '', extras = '{}',
        address = case when m.direction = 'in' or m.channel <> 'slack' then 'erased' else m.address end,
        contact_id = null,
        status = case m.status when 'queued' then 'cancelled' when 'received' then 'processed' else m.status end,
        failure = case when m.status = 'queued' then 'cancelled' else m.failure end,
        detail = case when m.status = 'queued' then 'The person was erased.' else m.detail end,
        status_at = now()
      from theirs t where m.id = t.id returning t.status, m.id
    ), unheard as (
      delete from inbound_failures where message_id in (select id from emptied))
    select count(*)::int as messages, (count(*) filter (where status = 'queued'))::int as cancelled from emptied`,
  );
  return emptied[0] ?? { messages: 0, cancelled: 0 };
}

/** Conversations of a person with what they took part in. */
export interface TakenPart {
  readonly session: string;
  readonly consultation: string | null;
  readonly title: string | null;
  readonly status: string;
  /** Nobody can take part any more. */
  readonly over: boolean;
  /** Null where it is identified. */
  readonly privacy: string | null;
  readonly startedAt: string;
}

export function listTakenPart(db: Db, contactId: string): Promise<readonly TakenPart[]> {
  return rows<TakenPart>(
    db,
    sql`select s.id as session, c.id as consultation, c.title, s.status, s.state->>'privacy' as privacy,
          coalesce(c.status in ('awaiting_report', 'closed'), false) as over,
          to_char(s.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt"
        from sessions s left join consultations c on c.id = s.consultation_id
        where s.contact_id = ${contactId} order by s.started_at, s.id`,
  );
}

/** Which of these hashes belong to people who were erased, with the day. */
export async function findErased(db: Db, hashes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (hashes.length === 0) return new Map();
  const found = await rows<{ hash: string; day: string }>(
    db,
    sql`select hash, to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day from erased_numbers
        where hash in (select jsonb_array_elements_text(${JSON.stringify(hashes)}::jsonb))`,
  );
  return new Map(found.map(({ hash, day }) => [hash, day]));
}

/** The person came back by their own words. */
export async function forgetErased(tx: Db, hash: string): Promise<void> {
  await tx.execute(sql`delete from erased_numbers where hash = ${hash}`);
}
