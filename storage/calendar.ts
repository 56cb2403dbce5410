import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** Entries of one kind in one calendar. */
const MOST = 500;

/** Something with a date that the program knows of. */
export interface Dated {
  readonly kind: "broadcast" | "consultation_opens" | "consultation_closes" | "town_hall";
  readonly id: string;
  readonly title: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Not decided yet: it may not happen. */
  readonly tentative: boolean;
  readonly place: string | null;
}

/** What falls between two moments, in order: broadcasts by their start, consultations' first and last moment, town halls. */
export function listDated(db: Db, from: Date, until: Date): Promise<readonly Dated[]> {
  const within = (column: string) => {
    const moment = sql.raw(column);
    return sql`${moment} >= ${from.toISOString()}::timestamptz and ${moment} < ${until.toISOString()}::timestamptz`;
  };
  return rows<Dated>(
    db,
    sql`
    select kind, id, title, to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, tentative, place from (
      (select 'broadcast' as kind, id, title, coalesce(started_at, send_at) as moment,
        status in ('draft', 'awaiting_approval') as tentative, null as place
      from broadcasts where status not in ('cancelled', 'expired') and ${within("coalesce(started_at, send_at)")}
      order by 4 limit ${MOST})
      union all
      (select 'consultation_opens', id, title, opened_at, false, null from consultations
      where opened_at is not null and ${within("opened_at")} order by 4 limit ${MOST})
      union all
      (select 'consultation_closes', id, title, coalesce(closed_at, closes_at), false, null from consultations
      where ${within("coalesce(closed_at, closes_at)")} order by 4 limit ${MOST})
      union all
      (select 'town_hall', id, title, starts_at, false, place from meetings
      where status <> 'cancelled' and ${within("starts_at")} order by 4 limit ${MOST})) dated
    order by moment, kind, id`,
  );
}

/** Sets a fact, and says whether that changed it: of several who do it at once exactly one hears yes. */
export async function claimSetting(db: Db, key: string, value: unknown): Promise<boolean> {
  const changed = await rows(
    db,
    sql`insert into settings (key, value) values (${key}, ${JSON.stringify(value)}::jsonb)
        on conflict (key) do update set value = excluded.value where settings.value is distinct from excluded.value
        returning 1`,
  );
  return changed.length > 0;
}
