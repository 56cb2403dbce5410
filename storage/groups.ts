import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly members: number;
}

/** Adds the person; a group that does not exist yet is made. A second time changes nothing. */
export async function joinGroup(tx: Db, contactId: string, name: string, newId: () => string): Promise<void> {
  await tx.execute(
    sql`insert into groups (id, name) values (${newId()}, ${name}) on conflict (name) do nothing`,
  );
  await tx.execute(sql`
    insert into group_members (group_id, contact_id) select id, ${contactId}::uuid from groups where name = ${name}
    on conflict do nothing`);
}

export async function leaveGroup(tx: Db, contactId: string, name: string): Promise<void> {
  await tx.execute(sql`
    delete from group_members where contact_id = ${contactId}
      and group_id = (select id from groups where name = ${name})`);
}

const columns = sql.raw(`g.id, g.name,
  (select count(*)::int from group_members m where m.group_id = g.id) as members`);

export async function findGroup(db: Db, name: string): Promise<Group | undefined> {
  const [found] = await rows<Group>(db, sql`select ${columns} from groups g where g.name = ${name}`);
  return found;
}

export const listGroups = (db: Db): Promise<readonly Group[]> =>
  rows<Group>(db, sql`select ${columns} from groups g order by g.name`);

/** Names of the groups that the person is in. */
export async function groupsOf(db: Db, contactId: string): Promise<readonly string[]> {
  const found = await rows<{ name: string }>(
    db,
    sql`select g.name from group_members m join groups g on g.id = m.group_id
        where m.contact_id = ${contactId} order by g.name`,
  );
  return found.map((group) => group.name);
}
