import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { testDatabases } from "../test/support/database.ts";
import { openPostgres, rows } from "./database.ts";

describe.each(testDatabases())("connections to %s", (engine, open) => {
  it("that are lost in the middle of transactions fail these, end no process and leave the pool whole", async ({
    skip,
  }) => {
    if (engine !== "postgres") return skip("the embedded engine has none");
    const database = await open();
    const { db, close } = openPostgres(database.url ?? "", { max: 4 });
    await db.execute(sql`create table kept (n int)`);
    let stop = false;
    const kept: number[] = [];
    let failed = 0;
    const worker = async (of: number): Promise<void> => {
      for (let n = of; !stop; n += 10) {
        const done = db.transaction(async (tx) => {
          await tx.execute(sql`insert into kept values (${n})`);
          await new Promise((resolve) => setTimeout(resolve, n % 7));
          await tx.execute(sql`select pg_sleep(0.005)`);
        });
        await done.then(
          () => kept.push(n),
          () => (failed += 1),
        );
      }
    };
    const workers = Array.from({ length: 10 }, (_, n) => worker(n));
    for (let times = 0; times < 8; times++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await database.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`);
    }
    stop = true;
    await Promise.all(workers);
    expect(failed).toBeGreaterThan(0);
    const there = await rows<{ n: number }>(db, sql`select n from kept`);
    // A commit whose answer was lost is there too: nobody was told so, and nobody was told otherwise.
    const found = new Set(there.map(({ n }) => n));
    expect(kept.filter((n) => !found.has(n))).toEqual([]);
    expect(there.length).toBeLessThanOrEqual(kept.length + failed);
    await Promise.all(Array.from({ length: 20 }, () => db.execute(sql`select 1`)));
    await close();
    await database.close();
  });

  it("give a nested transaction back alone", async () => {
    const { db, close } = await open();
    await db.execute(sql`create table kept (n int)`);
    await db.transaction(async (tx) => {
      await tx.execute(sql`insert into kept values (1)`);
      const part = tx.transaction(async (inner) => {
        await inner.execute(sql`insert into kept values (2)`);
        throw new Error("no");
      });
      await expect(part).rejects.toThrow("no");
      await tx.execute(sql`insert into kept values (3)`);
    });
    expect(await rows(db, sql`select n from kept order by n`)).toEqual([{ n: 1 }, { n: 3 }]);
    await close();
  });
});
