import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

export interface Enquiry {
  readonly id: string;
  readonly number: number;
  readonly liaisonId: string;
  /** Where it came from, and where the answer goes. */
  readonly address: string;
  readonly statementVersionId: string | null;
  /** Sealed: see storage/secrets.ts; the context is {@link enquiryContext}. */
  readonly question: string;
  readonly status: "open" | "answered";
}

/** What an enquiry's question is sealed with, so that it opens in its own row only. */
export const enquiryContext = (id: string): string => `enquiries.question:${id}`;

const columns = sql`id, number::int as number, liaison_id as "liaisonId", address,
  statement_version_id as "statementVersionId", question, status`;

/** `question` is sealed already. Returns the number that people call it by. */
export async function insertEnquiry(
  tx: Db,
  enquiry: Omit<Enquiry, "number" | "status"> & { readonly createdAt: Date },
): Promise<number> {
  const [row] = await rows<{ number: number }>(
    tx,
    sql`insert into enquiries (id, liaison_id, address, statement_version_id, question, created_at)
        values (${enquiry.id}, ${enquiry.liaisonId}, ${enquiry.address}, ${enquiry.statementVersionId},
          ${enquiry.question}, ${enquiry.createdAt.toISOString()}::timestamptz)
        returning number::int as number`,
  );
  if (row === undefined) throw new Error("the enquiry was not stored");
  return row.number;
}

export async function findEnquiry(db: Db, id: string): Promise<Enquiry | undefined> {
  const [found] = await rows<Enquiry>(db, sql`select ${columns} from enquiries where id = ${id}`);
  return found;
}

/** The liaison's open enquiry that was begun since: people write one question in several messages. */
export async function openEnquirySince(
  db: Db,
  liaisonId: string,
  address: string,
  since: Date,
): Promise<Enquiry | undefined> {
  const [found] = await rows<Enquiry>(
    db,
    sql`select ${columns} from enquiries where liaison_id = ${liaisonId} and address = ${address} and status = 'open'
          and created_at > ${since.toISOString()}::timestamptz order by created_at desc limit 1`,
  );
  return found;
}

/** Adds to the question; sealed anew by the caller. */
export async function rewriteQuestion(tx: Db, id: string, question: string): Promise<void> {
  await tx.execute(sql`update enquiries set question = ${question} where id = ${id}`);
}

/** False when it was answered before. */
export async function markAnswered(tx: Db, id: string): Promise<boolean> {
  const changed = await rows(
    tx,
    sql`update enquiries set status = 'answered' where id = ${id} and status = 'open' returning 1`,
  );
  return changed.length > 0;
}

export async function countOpenEnquiries(db: Db): Promise<number> {
  const [row] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n from enquiries where status = 'open'`,
  );
  return row?.n ?? 0;
}
