import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, vi } from "vitest";
import { type BellOptions, openBell } from "#storage";
import { type OpenTestDatabase, testDatabases } from "../support/database.ts";

const { TEST_REDIS_URL } = process.env;
const STALLED_AFTER_MS = 800;
/** BullMQ's default would fail the ring at the second death. */
const DEATHS = 3;

/** The embedded engine has one process; a ring that dies with it is found again by the reconciler. */
async function survives(options: BellOptions): Promise<void> {
  const own = { ...options, name: `mortal-${process.pid}`, stalledAfterMs: STALLED_AFTER_MS };
  const ringer = await openBell(own);
  await ringer.ring("outbox", "sms");
  for (let death = 0; death < DEATHS; death++) {
    const child = spawn(process.execPath, ["test/crash/bell-child.ts", JSON.stringify(own)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    const [, signal] = await once(child, "close");
    expect([signal, said]).toEqual(["SIGKILL", "listening\nheard\n"]);
  }
  const heard: string[] = [];
  ringer.answer("outbox", async (id) => void heard.push(id));
  await vi.waitFor(() => expect(heard).toEqual(["sms"]), { timeout: 20_000, interval: 50 });
  await ringer.close();
}

it.skipIf(!TEST_REDIS_URL)("a ring on Redis outlives the workers that die with it", async () => {
  await survives({ redisUrl: TEST_REDIS_URL ?? "" });
});

const postgres = testDatabases().find(([engine]) => engine === "postgres")?.[1];
it.skipIf(!postgres)("a ring on Postgres outlives the workers that die with it", async () => {
  const database = await (postgres as OpenTestDatabase)();
  await survives({ databaseUrl: database.url ?? "" });
  await database.close();
});
