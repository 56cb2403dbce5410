import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { rows } from "#storage";
import { makeDatabase } from "./database.ts";
import { drawUp, openTown } from "./people.ts";
import type { Row } from "./row.ts";

const ROUNDS = 3;

/** The messages of a broadcast to everybody, beside the bare `INSERT … SELECT` of the same rows under the same indexes. */
export async function drawingUp(adminUrl: string, people: number): Promise<readonly Row[]> {
  const made = await makeDatabase(adminUrl);
  const database = await openTown(made.url, people);
  const { db } = database;
  try {
    await db.execute(sql`create table bare_messages (like messages including all)`);
    const bare: number[] = [];
    const ours: number[] = [];
    const seconds = async (work: () => Promise<unknown>): Promise<number> => {
      await db.execute(sql`checkpoint`);
      const begun = performance.now();
      await work();
      return (performance.now() - begun) / 1_000;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const ref = v7();
      bare.push(
        await seconds(() =>
          db.execute(sql`
            insert into bare_messages (id, direction, status, channel, address, contact_id, text, kind, ref, batch_id,
              priority, on_doubt, segments)
            select uuid7(), 'out', 'queued', a.channel, a.address, c.id, coalesce(c.name || ', w', 'W') || 'ater is off today.',
              'broadcast', ${ref}::uuid, ${ref}::uuid, 2, 'hold', 1
            from contacts c join addresses a on a.contact_id = c.id where c.opted_out_at is null`),
        ),
      );
      ours.push(
        await seconds(async () => {
          const messages = await drawUp(database, ref);
          if (messages !== people) throw new Error(`${messages} messages for ${people} people`);
        }),
      );
      const [twice] = await rows<{ n: number }>(
        db,
        sql`select count(*)::int - count(distinct contact_id)::int as n from messages where ref = ${ref}`,
      );
      if (twice?.n !== 0) throw new Error("somebody was drawn up twice");
      await db.execute(sql`truncate bare_messages`);
      await db.execute(sql`truncate messages`);
      await db.execute(sql`truncate outbox_batches`);
    }
    const [value, beside] = [ours, bare].map((all) => people / Math.min(...all));
    const ratio = (value ?? 0) / (beside ?? 1);
    return [
      {
        name: `drawing up ${people} recipients, beside INSERT … SELECT`,
        value: value ?? 0,
        unit: "1/s",
        beside: beside ?? 0,
        ratio,
      },
    ];
  } finally {
    await database.close();
    await made.drop();
  }
}
