import { sql } from "drizzle-orm";
import { getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Db, rows } from "./database.ts";
import { prepared } from "./prepared.ts";

/** Fields of one contact, and characters of one value. */
export const MAX_FIELDS = 50;

export type Field = string | number | boolean;

export interface Contact {
  readonly id: string;
  readonly name: string | null;
  /** BCP 47; null until stated. */
  readonly language: string | null;
  readonly fields: Readonly<Record<string, Field>>;
  readonly optedOut: boolean;
  /** Staff took the person over from the bot. */
  readonly handedOver: boolean;
}

export interface ContactAddress {
  readonly address: string;
  readonly channel: string;
  readonly preference: number;
  /** The carrier said that it can never receive. */
  readonly bad: boolean;
}

// ── Numbers and addresses ───────────────────────────────────────────────────────────────────────────────

const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * A phone number as people write it in E.164, or undefined when it cannot be one. South African numbers have nine
 * digits after the country's code: the library lets mobile numbers pass that are one short.
 */
export function toE164(written: string, country: "ZA"): string | undefined {
  const parsed = parsePhoneNumberFromString(written, country);
  if (!parsed?.isValid()) return undefined;
  return parsed.country === "ZA" && parsed.nationalNumber.length !== 9 ? undefined : parsed.number;
}

/** `sms` and `082 123 4567` → `sms:+27821234567`; undefined when the number cannot be one. */
export function phoneAddress(
  channel: "sms" | "whatsapp",
  written: string,
  country: "ZA",
): string | undefined {
  const number = toE164(written, country);
  return number === undefined ? undefined : `${channel}:${number}`;
}

/** The E.164 number behind an address; undefined for Slack, short codes and senders that are names. */
export function numberOf(address: string): string | undefined {
  const rest = address.slice(address.indexOf(":") + 1);
  return !address.startsWith("slack:") && E164.test(rest) ? rest : undefined;
}

/** The country of an address's number, ISO 3166; undefined where the number does not tell. */
export function countryOf(address: string): string | undefined {
  const number = numberOf(address);
  return number === undefined ? undefined : parsePhoneNumberFromString(number)?.country;
}

/** `27` for `ZA`. */
export const callingCodeOf = (country: "ZA"): string => getCountryCallingCode(country);

/** What tells by which clock a person lives. */
export interface Whereabouts {
  /** Where they are written to. */
  readonly address: string;
  /** As the contact's field has it: hopefully an IANA zone. */
  readonly timeZone: string | null;
}

/** The field of a contact in which their IANA time zone stands, where it is known. */
export const TIME_ZONE = "time_zone";

/** Every address that surely belongs to the same person: one number is one person on SMS and on WhatsApp. */
export function sameNumber(address: string): readonly [string, string] {
  const number = numberOf(address);
  return number === undefined ? [address, address] : [`sms:${number}`, `whatsapp:${number}`];
}

/**
 * One at a time for everything that a person's messages do, from before the person is known, until the transaction
 * ends. Not part of a larger statement: what that reads would be older than the lock.
 */
export async function lockNumber(tx: Db, address: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${numberOf(address) ?? address}, 0))`);
}

// ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────

const columns = sql.raw(`c.id, c.name, c.language, c.fields,
  c.opted_out_at is not null as "optedOut", c.handed_over_at is not null as "handedOver"`);

export async function findContact(db: Db, id: string): Promise<Contact | undefined> {
  const [found] = await rows<Contact>(db, sql`select ${columns} from contacts c where c.id = ${id}`);
  return found;
}

/** Also by the same number's address on another channel. */
export async function findContactByAddress(db: Db, address: string): Promise<Contact | undefined> {
  const [first, second] = sameNumber(address);
  const [found] = await rows<Contact>(
    db,
    sql`select ${columns} from addresses a join contacts c on c.id = a.contact_id
        where a.address in (${address}, ${first}, ${second}) order by a.address = ${address} desc limit 1`,
  );
  return found;
}

/** In the order in which they are tried. */
export function listAddresses(db: Db, contactId: string): Promise<readonly ContactAddress[]> {
  return rows<ContactAddress>(
    db,
    sql`select address, channel, preference, bad_since is not null as bad from addresses
        where contact_id = ${contactId} order by preference, address`,
  );
}

/** Where the person wrote last, else the address that is tried first; none that can never receive. */
export async function lastAddress(db: Db, contactId: string): Promise<string | undefined> {
  const [found] = await rows<{ address: string }>(
    db,
    sql`select address from addresses where contact_id = ${contactId} and bad_since is null
        order by last_inbound_at desc nulls last, preference, address limit 1`,
  );
  return found?.address;
}

// ── Adding and changing ─────────────────────────────────────────────────────────────────────────────────

export interface NewContact {
  readonly id: string;
  readonly name?: string;
  readonly language?: string;
  readonly fields?: Readonly<Record<string, Field>>;
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
}

/** Adds a contact with its addresses. An address that belongs to somebody already is an error of the database. */
export async function addContact(tx: Db, contact: NewContact): Promise<void> {
  await tx.execute(sql`
    insert into contacts (id, name, language, fields)
    values (${contact.id}, ${contact.name ?? null}, ${contact.language ?? null},
            ${JSON.stringify(contact.fields ?? {})}::jsonb)`);
  for (const [preference, address] of contact.addresses.entries())
    await addAddress(tx, contact.id, address, preference);
}

const ADD_STRANGER = `
  with person as (insert into contacts (id) values ($1::uuid))
  insert into addresses (address, contact_id, channel) values ($2, $1::uuid, $3)`;

/** Adds a contact of whom nothing is known but an address. */
export async function addStranger(tx: Db, id: string, address: string): Promise<void> {
  await prepared(tx, ADD_STRANGER, [id, address, channelOf(address)]);
}

/** Adds an address to a contact; one that it has already stays as it is. */
export async function addAddress(tx: Db, contactId: string, address: string, preference = 0): Promise<void> {
  await tx.execute(sql`
    insert into addresses (address, contact_id, channel, preference)
    values (${address}, ${contactId}, ${channelOf(address)}, ${preference})
    on conflict (address) do update set preference = addresses.preference
    where addresses.contact_id = excluded.contact_id`);
}

const channelOf = (address: string): string => address.slice(0, address.indexOf(":"));

/** The contact of an address, made when there is none: one person for SMS and WhatsApp of one number. */
export async function contactForAddress(tx: Db, address: string, newId: () => string): Promise<Contact> {
  await lockNumber(tx, address);
  const known = await findContactByAddress(tx, address);
  const id = known?.id ?? newId();
  if (known) await addAddress(tx, id, address, 1);
  else await addContact(tx, { id, addresses: [address] });
  return known ?? { id, name: null, language: null, fields: {}, optedOut: false, handedOver: false };
}

/** What a turn or staff learned about a person; what is absent stays. */
export interface ContactChange {
  readonly name?: string;
  readonly language?: string;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly handedOver?: boolean;
}

export async function changeContact(tx: Db, id: string, change: ContactChange): Promise<void> {
  const { name, language, fields, handedOver } = change;
  await tx.execute(sql`
    update contacts set
      name = coalesce(${name ?? null}, name),
      language = coalesce(${language ?? null}, language),
      fields = case when (select count(*) from jsonb_object_keys(fields || ${JSON.stringify(fields ?? {})}::jsonb)) > ${MAX_FIELDS}::int
        then fields else fields || ${JSON.stringify(fields ?? {})}::jsonb end,
      handed_over_at = case ${handedOver ?? null}::boolean
        when true then now() when false then null else handed_over_at end
    where id = ${id}`);
}
