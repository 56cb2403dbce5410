import { sql } from "drizzle-orm";
import { TIME_ZONE, type Whereabouts } from "./contacts.ts";
import { type Db, rows } from "./database.ts";

/** How long ago the last turn of `s` was for its next reminder to be due: the flow says `1d`, `36h`. */
const due = sql`(
  select s.updated_at + left(after, -1)::int * interval '1 second' * case right(after, 1)
    when 's' then 1 when 'm' then 60 when 'h' then 3600 when 'd' then 86400 else 604800 end
  from (select v.definition->'reminders'->>s.reminded::int as after) next) <= now()`;

export interface SilentSession extends Whereabouts {
  readonly id: string;
  /** When the last turn was, as Postgres writes it. */
  readonly since: string;
}

/**
 * Sessions of open consultations whose person has been silent for as long as the flow says, the longest first: not
 * those of people who opted out, whom staff have, or who wait for a time and not for words. `after`: the last of the
 * page before. `elsewhere`: only of people who may be in another time zone, since one is known of them or their number
 * does not begin like this.
 */
export function listSilentSessions(
  db: Db,
  limit: number,
  {
    after,
    elsewhere,
  }: { readonly after?: SilentSession | undefined; readonly elsewhere?: string | undefined },
): Promise<readonly SilentSession[]> {
  return rows<SilentSession>(
    db,
    sql`select s.id, s.address, c.fields->>${TIME_ZONE} as "timeZone", s.updated_at::text as since from sessions s
        join flow_versions v on v.flow = s.flow and v.version = s.flow_version
        join contacts c on c.id = s.contact_id
        join consultations k on k.id = s.consultation_id
        where s.status = 'active' and v.definition ? 'reminders' and k.status = 'open'
          and c.opted_out_at is null and c.handed_over_at is null
          and s.reminded < jsonb_array_length(v.definition->'reminders')
          and v.definition->'steps'->split_part(s.state->>'at', '/', 1)->>'kind' in ('ask', 'opinions') and ${due}
          and (${elsewhere ?? null}::text is null or c.fields ? ${TIME_ZONE}
            or not starts_with(split_part(s.address, ':', 2), ${elsewhere ?? null}))
          and (${after?.id ?? null}::uuid is null or (s.updated_at, s.id) > (${after?.since ?? null}::timestamptz, ${after?.id ?? null}::uuid))
        order by s.updated_at, s.id limit ${limit}`,
  );
}

/** Counts one reminder more, unless the session has moved on since or somebody else reminded. */
export async function countReminder(tx: Db, id: string, turn: number): Promise<boolean> {
  const counted = await rows(
    tx,
    sql`update sessions s set reminded = s.reminded + 1 from flow_versions v
        where s.id = ${id} and s.turn = ${turn} and s.status = 'active'
          and v.flow = s.flow and v.version = s.flow_version and ${due} returning 1`,
  );
  return counted.length > 0;
}
