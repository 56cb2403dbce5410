import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** Writes down who may vote: the members of the group at this moment. */
export async function keepElectoralRoll(tx: Db, consultation: string, group: string): Promise<void> {
  await tx.execute(sql`
    insert into electoral_rolls (consultation_id, contact_id)
    select ${consultation}, m.contact_id from groups g join group_members m on m.group_id = g.id where g.name = ${group}
    on conflict do nothing`);
}

/** Whether this person may vote in a poll. */
export async function mayVote(db: Db, consultation: string, contact: string): Promise<boolean> {
  const found = await rows(
    db,
    sql`select 1 from electoral_rolls where consultation_id = ${consultation} and contact_id = ${contact}`,
  );
  return found.length > 0;
}

/** How many may vote. */
export async function countEligible(db: Db, consultation: string): Promise<number> {
  const [found] = await rows<{ n: number }>(
    db,
    sql`select count(*)::int as n from electoral_rolls where consultation_id = ${consultation}`,
  );
  return found?.n ?? 0;
}

/** Names of those who may vote, for the minutes; those without a name by the end of their number. */
export function listEligible(
  db: Db,
  consultation: string,
): Promise<readonly { readonly contact: string; readonly name: string }[]> {
  return rows(
    db,
    sql`select r.contact_id as contact, coalesce(nullif(p.name, ''), (
          select '…' || right(a.address, 4) from addresses a where a.contact_id = p.id order by a.preference limit 1), '?') as name
        from electoral_rolls r left join contacts p on p.id = r.contact_id
        where r.consultation_id = ${consultation} order by name`,
  );
}
