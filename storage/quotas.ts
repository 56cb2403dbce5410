import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A cell of a quota: the path of its step, and its name. */
export interface Cell {
  readonly at: string;
  readonly name: string;
  /** People. */
  readonly limit: number;
}

export const cellKey = ({ at, name }: Pick<Cell, "at" | "name">): string => `${at}:${name}`;

/**
 * Whether `session` has or could have a place in the cell. Places are held by those who finished and by those who are
 * under way; whoever stops or expires gives theirs back. Until the transaction ends nobody else looks at this cell, so
 * it is never filled over its limit.
 */
export async function hasRoom(tx: Db, consultation: string, session: string, cell: Cell): Promise<boolean> {
  const key = cellKey(cell);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`quota ${consultation} ${key}`}, 0))`);
  const [taken] = await rows<{ n: number }>(
    tx,
    sql`select count(s.id)::int + coalesce((c.dissolved->>${key})::int, 0) as n
        from consultations c left join sessions s on s.consultation_id = c.id and s.id <> ${session}
          and s.quotas @> array[${key}]::text[] and s.status in ('active', 'completed')
        where c.id = ${consultation} group by c.id`,
  );
  return (taken?.n ?? 0) < cell.limit;
}

/** Takes places in these cells of the quota at `at`, in place of those that the session had there. */
export async function takePlaces(
  tx: Db,
  session: string,
  at: string,
  cells: readonly Pick<Cell, "name">[],
): Promise<void> {
  const keys = JSON.stringify(cells.map(({ name }) => cellKey({ at, name })));
  await tx.execute(sql`
    update sessions set quotas = array(
      select q from unnest(quotas) q where not starts_with(q, ${`${at}:`})
      union select jsonb_array_elements_text(${keys}::jsonb))
    where id = ${session}`);
}

/** How many have a place, by cell. */
export async function countPlaces(db: Db, consultation: string): Promise<Readonly<Record<string, number>>> {
  const counted = await rows<{ cell: string; n: number }>(
    db,
    sql`select cell, sum(n)::int as n from (
          select unnest(quotas) as cell, 1 as n from sessions
          where consultation_id = ${consultation} and status in ('active', 'completed')
          union all
          select key, value::int from consultations c, jsonb_each_text(c.dissolved)
          where c.id = ${consultation} and key like '%:%') places
        group by cell order by cell`,
  );
  return Object.fromEntries(counted.map(({ cell, n }) => [cell, n]));
}
