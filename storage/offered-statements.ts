import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A statement that a citizen offered. */
export interface OfferedStatement {
  readonly id: string;
  readonly consultationId: string;
  /** Path of the step whose statements it joins. */
  readonly step: string;
  readonly text: string;
  readonly language: string;
  readonly status: "pending" | "approved" | "rejected";
}

const columns = sql.raw('id, consultation_id as "consultationId", step, text, language, status');

/** `offeredOn`: the day alone. */
export async function addOfferedStatement(
  tx: Db,
  s: Omit<OfferedStatement, "status"> & { readonly offeredOn: string },
): Promise<void> {
  await tx.execute(sql`
    insert into offered_statements (id, consultation_id, step, text, language, offered_on)
    values (${s.id}, ${s.consultationId}, ${s.step}, ${s.text}, ${s.language}, ${s.offeredOn})`);
}

/** Those that everybody is asked about. */
export function listApprovedStatements(db: Db, consultation: string): Promise<readonly OfferedStatement[]> {
  return rows<OfferedStatement>(
    db,
    sql`select ${columns} from offered_statements
        where consultation_id = ${consultation} and status = 'approved' order by id`,
  );
}

export async function findOfferedStatement(db: Db, id: string): Promise<OfferedStatement | undefined> {
  const [found] = await rows<OfferedStatement>(
    db,
    sql`select ${columns} from offered_statements where id = ${id}`,
  );
  return found;
}

/** Decides on one that waits for it; false when somebody else has. */
export async function decideOfferedStatement(
  tx: Db,
  id: string,
  status: "approved" | "rejected",
  by: string,
): Promise<boolean> {
  const decided = await rows(
    tx,
    sql`update offered_statements set status = ${status}, decided_by = ${by}, decided_at = now()
        where id = ${id} and status = 'pending' returning 1`,
  );
  return decided.length > 0;
}
