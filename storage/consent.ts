import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

export interface ConsentEntry {
  readonly id: string;
  readonly contactId: string;
  /** Where it was said. */
  readonly address: string;
  readonly kind: "opt_in" | "opt_out";
  /** How it came: `keyword STOP`, `import voters-2026.csv`, `carrier 21610`. */
  readonly source: string;
  /** The message that proves it. */
  readonly messageId?: string;
}

/**
 * Writes down an opt-in or an opt-out, and sets the contact accordingly: the ledger never says one thing and the
 * contact another. False when the person had said so before; the entry is kept all the same.
 */
export async function recordConsent(tx: Db, entry: ConsentEntry): Promise<boolean> {
  const out = entry.kind === "opt_out";
  const [before] = await rows<{ out: boolean }>(
    tx,
    sql`
      with before as (
        select id, opted_out_at from contacts where id = ${entry.contactId} for update
      ), head as (
        update contacts c set opted_out_at = case when ${out}::boolean then coalesce(c.opted_out_at, now()) end
        from before where c.id = before.id and (c.opted_out_at is null) = ${out}::boolean
      ), entry as (
        insert into consent_ledger (id, contact_id, address, kind, source, message_id)
        select ${entry.id}::uuid, id, ${entry.address}, ${entry.kind}, ${entry.source}, ${entry.messageId ?? null}::uuid
        from before
      )
      select opted_out_at is not null as out from before`,
  );
  if (!before) throw new Error(`no contact ${entry.contactId} to keep consent for`);
  return before.out !== out;
}

export interface LedgerEntry extends ConsentEntry {
  readonly at: string;
}

/** What a person has said, oldest first. */
export function listConsent(db: Db, contactId: string): Promise<readonly LedgerEntry[]> {
  return rows<LedgerEntry>(
    db,
    sql`select id, contact_id as "contactId", address, kind, source, message_id as "messageId",
               to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from consent_ledger where contact_id = ${contactId} order by at, id`,
  );
}

/** Cancels what waits to be sent to a person who said STOP. Returns how many. */
export async function cancelQueued(tx: Db, contactId: string): Promise<number> {
  const cancelled = await rows(
    tx,
    sql`update messages set status = 'cancelled', failure = 'opted_out', detail = 'The person said STOP.',
               status_at = now()
        where address in (select address from addresses where contact_id = ${contactId})
          and contact_id = ${contactId} and status = 'queued' and not consent_exempt
        returning 1`,
  );
  return cancelled.length;
}
