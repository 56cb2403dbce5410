import { sql } from "drizzle-orm";
import type { TestDatabase } from "./database.ts";

/**
 * Lets a test set the database's own clock: `now()` in every statement, and in the defaults of columns, is so many
 * milliseconds ahead of the machine's. Only on PGlite, whose one connection keeps the setting.
 */
export async function movableClock({ db }: TestDatabase): Promise<(ahead: number) => Promise<void>> {
  const set = async (ahead: number): Promise<void> => {
    await db.execute(sql`select set_config('town.ahead', ${`${ahead} milliseconds`}, false)`);
  };
  await set(0);
  await db.execute(sql`create schema town`);
  await db.execute(sql`create function town.now() returns timestamptz language sql stable
    as $$ select pg_catalog.now() + current_setting('town.ahead')::interval $$`);
  await db.execute(sql`do $$ declare c record; begin
    for c in select a.attrelid::regclass::text as of_table, a.attname as name
      from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        join pg_class t on t.oid = d.adrelid
      where not t.relispartition and t.relnamespace = 'public'::regnamespace
        and pg_get_expr(d.adbin, d.adrelid) = 'now()'
    loop execute format('alter table %s alter column %I set default town.now()', c.of_table, c.name); end loop;
  end $$`);
  // Named here, pg_catalog is looked through after the town's functions and not before them.
  await db.execute(sql`set search_path = town, pg_catalog, public`);
  return set;
}
