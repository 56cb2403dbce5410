import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { describe, expect, it } from "vitest";
import { testDatabases } from "../test/support/database.ts";
import { rows } from "./database.ts";
import { beat, lastBeat, workerLives } from "./workers.ts";

describe.each(testDatabases())("workers on %s", (_engine, open) => {
  it("are counted while they are heard of", async () => {
    const { db, close } = await open();
    const [a, b] = [
      { id: v7(), host: "east" },
      { id: v7(), host: "west" },
    ];
    expect(await workerLives(db)).toBe(false);
    expect(await beat(db, a)).toBe(1);
    expect(await beat(db, b)).toBe(2);
    expect(await beat(db, a)).toBe(2);
    await db.execute(sql`update workers set beat_at = now() - interval '21 seconds' where id = ${b.id}`);
    expect(await beat(db, a)).toBe(1);
    expect([await workerLives(db, "east"), await workerLives(db, "west")]).toEqual([true, false]);
    await db.execute(sql`update workers set beat_at = now() - interval '2 days' where id = ${b.id}`);
    await beat(db, a);
    await lastBeat(db, a.id);
    expect(await rows(db, sql`select 1 from workers`)).toEqual([]);
    await close();
  });
});
