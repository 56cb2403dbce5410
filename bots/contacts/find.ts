import {
  type Contact,
  type ContactAddress,
  type Db,
  findContact,
  findContactByAddress,
  findErased,
  listAddresses,
  numberOf,
  type Secrets,
  toE164,
} from "#storage";

/** A person whom somebody named, or why there is none. */
export type Found =
  | { readonly kind: "found"; readonly contact: Contact; readonly addresses: readonly ContactAddress[] }
  /** The number's owner was erased on that day: `2026-11-24`. */
  | { readonly kind: "erased"; readonly day: string }
  | { readonly kind: "unknown" };

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Finds a person by a number as people write it, an address (`sms:+27…`), or the contact's id. */
export async function findPerson(
  { db, secrets }: { readonly db: Db; readonly secrets: Secrets },
  who: string,
  country: "ZA",
): Promise<Found> {
  const written = who.trim();
  const number = toE164(written.replace(/^(sms|whatsapp):/i, ""), country);
  const contact = ID.test(written)
    ? await findContact(db, written.toLowerCase())
    : await findContactByAddress(db, number === undefined ? written : `sms:${number}`);
  if (contact) return { kind: "found", contact, addresses: await listAddresses(db, contact.id) };
  const [day] = number === undefined ? [] : (await findErased(db, [erasedHash(secrets, number)])).values();
  return day === undefined ? { kind: "unknown" } : { kind: "erased", day };
}

/** What stays of the number of somebody who was erased. */
export const erasedHash = (secrets: Secrets, address: string): string =>
  secrets.mac("erased-number", numberOf(address) ?? address);
