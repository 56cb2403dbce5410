import { sql } from "drizzle-orm";
import { changeContact, contactForAddress } from "./contacts.ts";
import { type Db, rows } from "./database.ts";

export interface Liaison {
  readonly id: string;
  readonly contactId: string;
  readonly name: string;
  readonly outlet: string;
  readonly beat: string | null;
  readonly language: string | null;
  readonly active: boolean;
  /** The preferred one that works; null when every address is bad or there is none. */
  readonly address: string | null;
  /** Where a message gets through now: a WhatsApp address outside its service window comes last. */
  readonly reachedAt: string | null;
  readonly optedOut: boolean;
}

export interface NewLiaison {
  readonly name: string;
  readonly outlet: string;
  readonly beat?: string;
  readonly language: string;
  /** `sms:+27…`, `whatsapp:+27…`, `slack:U…`; E.164 is checked by the caller. */
  readonly address: string;
  readonly registeredBy?: string;
}

const liaisons = sql`
  select l.id, l.contact_id as "contactId", coalesce(c.name, l.outlet) as name, l.outlet, l.beat, c.language, l.active,
    c.opted_out_at is not null as "optedOut",
    (select a.address from addresses a where a.contact_id = c.id and a.bad_since is null
      order by a.preference, a.address limit 1) as address,
    (select a.address from addresses a where a.contact_id = c.id and a.bad_since is null
      order by (a.channel = 'whatsapp' and coalesce(a.last_inbound_at < now() - interval '24 hours', true)),
        a.preference, a.address limit 1) as "reachedAt"
  from liaisons l join contacts c on c.id = l.contact_id`;

export function listLiaisons(db: Db): Promise<Liaison[]> {
  return rows(db, sql`${liaisons} where l.active order by l.outlet, name limit 1000`);
}

export async function findLiaison(db: Db, id: string): Promise<Liaison | undefined> {
  const [found] = await rows<Liaison>(db, sql`${liaisons} where l.id = ${id}`);
  return found;
}

/** Active ones only: whoever left writes as any citizen. */
export async function findLiaisonByContact(db: Db, contactId: string): Promise<Liaison | undefined> {
  const [found] = await rows<Liaison>(db, sql`${liaisons} where l.active and l.contact_id = ${contactId}`);
  return found;
}

/** Active ones only. */
export async function findLiaisonByAddress(db: Db, address: string): Promise<Liaison | undefined> {
  const [found] = await rows<Liaison>(
    db,
    sql`${liaisons} join addresses known on known.contact_id = c.id and known.address = ${address} where l.active`,
  );
  return found;
}

/**
 * Registers a liaison. A number that is known makes its contact the liaison, and the address the one that is tried
 * first; somebody who is a liaison already is brought up to date. Who opted out stays so.
 */
export async function keepLiaison(tx: Db, liaison: NewLiaison, newId: () => string): Promise<Liaison> {
  const { name, outlet, beat, language, address, registeredBy } = liaison;
  const { id: contactId } = await contactForAddress(tx, address, newId);
  await changeContact(tx, contactId, { name, language });
  await tx.execute(sql`
    update addresses set preference = case when address = ${address} then 0 else greatest(preference, 1::smallint) end
    where contact_id = ${contactId}`);
  const [row] = await rows<{ id: string }>(
    tx,
    sql`insert into liaisons (id, contact_id, outlet, beat, registered_by)
        values (${newId()}, ${contactId}, ${outlet}, ${beat ?? null}, ${registeredBy ?? null})
        on conflict (contact_id) do update
          set outlet = excluded.outlet, beat = excluded.beat, active = true, registered_by = excluded.registered_by
        returning id`,
  );
  const registered = row && (await findLiaison(tx, row.id));
  if (registered === undefined) throw new Error("the liaison was not stored");
  return registered;
}

/** The contact stays: what was said to it stays readable. */
export async function retireLiaison(tx: Db, id: string): Promise<void> {
  await tx.execute(sql`update liaisons set active = false where id = ${id}`);
}
