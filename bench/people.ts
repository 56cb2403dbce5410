import { sql } from "drizzle-orm";
import { type Database, type DrawUp, drawUpAudience, migrate, openPostgres, PRIORITY } from "#storage";

/** A database with so many made-up people, each with one number, a third of them without a name. */
export async function openTown(url: string, people: number): Promise<Database> {
  const database = openPostgres(url);
  await migrate(database);
  await database.db.execute(sql`
    with made as (
      insert into contacts (id, name, language, fields)
      select uuid7(), case when n % 3 > 0 then 'Person ' || n end, (array['en', 'zu', 'xh', 'af'])[n % 4 + 1],
        jsonb_build_object('ward', n % 12 + 1)
      from generate_series(1, ${people}::int) n returning id)
    insert into addresses (address, contact_id, channel)
    select 'sms:+2760' || lpad((row_number() over ())::text, 8, '0'), id, 'sms' from made`);
  await database.db.execute(sql`analyze contacts, addresses`);
  return database;
}

/** A broadcast to everybody. */
export const toEverybody = (ref: string): DrawUp => ({
  audience: { everyone: true },
  channels: ["sms"],
  defaultLanguage: "en",
  beyondWindow: [],
  fields: ["name"],
  texts: [
    {
      language: "en",
      variants: ["\u00010, water is off today.", "Water is off today."],
      segments: [null, 1],
    },
  ],
  kind: "broadcast",
  ref,
  priority: PRIORITY.bulk,
  onDoubt: "hold",
  valueLength: 40,
});

/** Draws it up as the program does, a transaction for each chunk. Returns how many messages were made. */
export async function drawUp({ db }: Database, ref: string): Promise<number> {
  let after: string | undefined;
  let made = 0;
  do {
    const drawn = await db.transaction((tx) => drawUpAudience(tx as never, toEverybody(ref), after));
    made += drawn.messages;
    after = drawn.next;
  } while (after !== undefined);
  return made;
}
