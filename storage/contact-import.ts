import { sql } from "drizzle-orm";
import type { Field } from "./contacts.ts";
import { type Db, rows } from "./database.ts";

/** One person of a file. */
export interface ImportedContact {
  /** For a person who is not known yet. */
  readonly id: string;
  /** In the order in which they are tried; phone numbers only. */
  readonly addresses: readonly string[];
  readonly name?: string;
  readonly language?: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Names; those that are not there yet are made. */
  readonly groups?: readonly string[];
  /** Of the consent's entry: the same for the same row of the same file, so that it is kept once. */
  readonly consentId: string;
  /** When consent was given, ISO 8601; now when it is not known. */
  readonly consentAt?: string;
}

export interface ImportedBatch {
  readonly added: number;
  /** Were known by one of their addresses. */
  readonly merged: number;
  /** Had said STOP before and stay opted out. */
  readonly optedOut: number;
}

/**
 * Adds people, or completes those who are known by an address on SMS or WhatsApp: what the file does not say stays.
 * Writes an opt-in with its source for each, except for who said STOP: that only the person can take back. The batch
 * must not name one address twice. Waits for messages of these people that are being heard.
 */
export async function importContacts(
  tx: Db,
  batch: readonly ImportedContact[],
  source: string,
): Promise<ImportedBatch> {
  const people = JSON.stringify(
    batch.map((person) => ({ ...person, numbers: [...new Set(person.addresses.map(afterColon))] })),
  );
  // In one order for everybody, so that two imports cannot wait for each other; the same lock as lockNumber's.
  await tx.execute(sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(number, 0) as key
      from jsonb_to_recordset(${people}::jsonb) as p (numbers jsonb), jsonb_array_elements_text(p.numbers) as n (number)
      order by key) keys`);
  // Before the others, which then see groups that another import has just made.
  await tx.execute(sql`
    insert into groups (id, name)
    select uuid7(), name from (
      select distinct g.name from jsonb_to_recordset(${people}::jsonb) as p (groups jsonb),
        jsonb_array_elements_text(p.groups) as g (name)) named
    order by name on conflict (name) do nothing`);
  const [counts] = await rows<ImportedBatch>(
    tx,
    sql`
    with given as materialized (
      select p.*, coalesce(known.contact_id, p.id) as person, known.contact_id is not null as known
      from jsonb_to_recordset(${people}::jsonb) as p (id uuid, name text, language text, fields jsonb, addresses jsonb,
        numbers jsonb, groups jsonb, "consentId" uuid, "consentAt" timestamptz)
      left join lateral (
        select a.contact_id from jsonb_array_elements_text(p.numbers) with ordinality as n (number, place)
        join addresses a on a.address in ('sms:' || number, 'whatsapp:' || number)
        order by place, a.address limit 1) known on true
    ), held as (
      select id, opted_out_at from contacts where id in (select person from given where known) order by id for update
    ), added as (
      insert into contacts (id, name, language, fields)
      select id, name, language, fields from given where not known returning id
    ), said as (
      select person, max(name) as name, max(language) as language,
        (select coalesce(jsonb_object_agg(key, value), '{}') from given g, jsonb_each(g.fields) where g.person = given.person)
          as fields
      from given where known group by person
    ), changed as (
      update contacts c set name = coalesce(s.name, c.name), language = coalesce(s.language, c.language),
        fields = c.fields || s.fields
      from said s join held h on h.id = s.person where c.id = s.person
    ), reached as (
      insert into addresses (address, contact_id, channel, preference)
      select address, person, split_part(address, ':', 1), place - 1
      from given, jsonb_array_elements_text(addresses) with ordinality as a (address, place)
      on conflict (address) do nothing
    ), joined as (
      insert into group_members (group_id, contact_id)
      select distinct g.id, person from given, jsonb_array_elements_text(given.groups) as wanted (name)
        join groups g on g.name = wanted.name
      on conflict do nothing
    ), consented as (
      insert into consent_ledger (id, contact_id, address, kind, source, at)
      select "consentId", person, addresses->>0, 'opt_in', ${source}, coalesce("consentAt", now())
      from given left join held h on h.id = person where h.opted_out_at is null
      on conflict (id) do nothing
    )
    select (select count(*)::int from added) as added, (select count(*)::int from given where known) as merged,
      (select count(*)::int from given join held h on h.id = person where h.opted_out_at is not null) as "optedOut"`,
  );
  return counts ?? { added: 0, merged: 0, optedOut: 0 };
}

const afterColon = (address: string): string => address.slice(address.indexOf(":") + 1);
