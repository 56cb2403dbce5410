import { sql } from "drizzle-orm";
import { type Db, rows } from "./database.ts";

/** A small fact about the deployment, or undefined. `T` is what the writer of the key wrote. */
export async function getSetting<T>(db: Db, key: string): Promise<T | undefined> {
  const [row] = await rows<{ value: T }>(db, sql`select value from settings where key = ${key}`);
  return row?.value;
}

export async function setSetting(db: Db, key: string, value: unknown): Promise<void> {
  await db.execute(sql`
    insert into settings (key, value) values (${key}, ${JSON.stringify(value)}::jsonb)
    on conflict (key) do update set value = excluded.value`);
}
