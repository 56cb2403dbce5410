import { setImmediate } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { openTestDatabase } from "../test/support/database.ts";

it("lets the event loop turn between queries of the embedded engine that wait for one another", async () => {
  const database = await openTestDatabase();
  let busy = true;
  let turns = 0;
  const watch = (async () => {
    for (; busy; turns++) await setImmediate();
  })();
  const queries = Array.from({ length: 200 }, () =>
    database.db.execute(sql`select count(*) from generate_series(1, 20000)`),
  );
  await Promise.all(queries);
  busy = false;
  await watch;
  await database.close();
  // With every second query or so. Unbroken, it turned a handful of times.
  expect(turns).toBeGreaterThan(40);
});
