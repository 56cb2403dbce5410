/**
 * A worker for the tests that break things: queues messages when there are none (RECIPIENTS, 2,000 unless told), hands
 * over until nothing is left, and says so. SIGTERM: finishes what is under way and ends.
 */
import { sql } from "drizzle-orm";
import { ensurePartitions, PRIORITY, rows } from "#storage";
import { readConfig } from "../../bots/config.ts";
import { startDispatcher, startReconciler } from "../../bots/dispatch/index.ts";
import { openApp, openData } from "../../bots/open-app.ts";
import { commit } from "../../bots/unit.ts";

/** Short, so that a test need not wait for a minute until the killed worker's leases end. */
const LEASE_MS = 4_000;
const GRACE_MS = 1_000;

const config = readConfig(process.env);
const app = await openApp(config, await openData(config, { migrate: true }));
await ensurePartitions(app.database.db);
const count = async (condition: ReturnType<typeof sql>): Promise<number> =>
  (
    await rows<{ n: number }>(
      app.database.db,
      sql`select count(*)::int as n from messages where ${condition}`,
    )
  )[0]?.n ?? 0;
if ((await count(sql`true`)) === 0) {
  await commit(app, (unit) =>
    unit.send(
      Array.from({ length: Number(process.env.RECIPIENTS ?? 2_000) }, (_, n) => ({
        to: `sms:+2760${String(7_000_000 + n)}`,
        text: `Water will be off on Tuesday in zone ${n}.`,
        priority: PRIORITY.bulk,
        kind: "test",
      })),
    ),
  );
}
const dispatcher = startDispatcher(app, app.channels);
startReconciler(app, [], GRACE_MS, LEASE_MS);
process.once("SIGTERM", () => void dispatcher.stop().then(() => process.exit(0)));
process.stdout.write("working\n");
for (;;) {
  // A database that is away for a moment is what some of the tests are about.
  const open = await count(sql`status in ('queued', 'sending')`).catch(() => Number.NaN);
  if (open === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const [report] = await rows(
  app.database.db,
  sql`select count(*) filter (where status in ('sent', 'delivered', 'read'))::int as sent,
    count(*) filter (where failure = 'in_doubt')::int as held, sum(possible_duplicates)::int as "possibleDuplicates" from messages`,
);
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
