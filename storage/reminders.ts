import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** How long ago the last turn of `s` was for its next reminder to be due: the flow says `1d`, `36h`. */
const due = sql`(
  select s.updated_at + left(after, -1)::int * interval '1 second' * case right(after, 1)
    when 's' then 1 when 'm' then 60 when 'h' then 3600 when 'd' then 86400 else 604800 end
  from (select v.definition->'reminders'->>s.reminded::int as after) next) <= now()`;

/**
 * Sessions of open consultations whose person has been silent for as long as the flow says: not those of people who
 * opted out, whom staff have, or who wait for a time and not for words.
 */
export async function listSilentSessions(db: Db, limit: number): Promise<readonly string[]> {
  const found = await rows<{ id: string }>(
    db,
    sql`select s.id from sessions s
        join flow_versions v on v.flow = s.flow and v.version = s.flow_version
        join contacts c on c.id = s.contact_id
        join consultations k on k.id = s.consultation_id
        where s.status = 'active' and v.definition ? 'reminders' and k.status = 'open'
          and c.opted_out_at is null and c.handed_over_at is null
          and s.reminded < jsonb_array_length(v.definition->'reminders')
          and v.definition->'steps'->split_part(s.state->>'at', '/', 1)->>'kind' in ('ask', 'opinions') and ${due}
        order by s.updated_at limit ${limit}`,
  );
  return found.map(({ id }) => id);
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
