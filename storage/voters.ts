import { type SQL, sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** Who was in the group when the consultation opened, and still is. */
const eligible = (consultation: string, group: string): SQL => sql`
  from consultations c join groups g on g.name = ${group} join group_members m on m.group_id = g.id
  where c.id = ${consultation} and m.at <= c.opened_at`;

/** Whether this person may vote in a poll of the group's. */
export async function mayVote(
  db: Db,
  consultation: string,
  group: string,
  contact: string,
): Promise<boolean> {
  const found = await rows(db, sql`select 1 ${eligible(consultation, group)} and m.contact_id = ${contact}`);
  return found.length > 0;
}

export async function countEligible(db: Db, consultation: string, group: string): Promise<number> {
  const [found] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n ${eligible(consultation, group)}`,
  );
  return found?.n ?? 0;
}

/** Names of those who may vote, for the minutes; those without a name by the end of their number. */
export function listEligible(
  db: Db,
  consultation: string,
  group: string,
): Promise<readonly { readonly contact: string; readonly name: string }[]> {
  return rows(
    db,
    sql`select p.id as contact, coalesce(nullif(p.name, ''), (
          select '…' || right(a.address, 4) from addresses a where a.contact_id = p.id order by a.preference limit 1), '?') as name
        from contacts p where p.id in (select m.contact_id ${eligible(consultation, group)}) order by name`,
  );
}
