import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { onPostgres, openCarriers, TEST_DATABASE_URL, TEST_REDIS_URL, taken, work } from "./stage.ts";

const RECIPIENTS = 2_000;
/** 64 of bulk under way, and as many whose outcome is known and not written yet. */
const IN_FLIGHT = 128;

/** Kills the worker in the middle, starts another, and returns what the carrier accepted and what the worker reports. */
async function killInTheMiddle(env: Readonly<Record<string, string>>) {
  const { client, environment, stop } = await openCarriers();
  try {
    await client.turn({ latencyMs: 30, lostCallbacks: 1 });
    const variables = { ...env, ...environment, TWILIO_SMS_PER_SECOND: "1000" };
    const first = work(variables);
    await taken(client, RECIPIENTS / 4, first);
    first.child.kill("SIGKILL");
    await first.report;
    const { total: atKill } = await client.summary();
    expect(atKill).toBeLessThan(RECIPIENTS);
    const report = await work(variables).report;
    return { report, summary: await client.summary() };
  } finally {
    stop();
  }
}

function holds({ report, summary }: Awaited<ReturnType<typeof killInTheMiddle>>): void {
  expect(report).toBeDefined();
  // Everybody has it; the carrier could be asked, so nobody has it twice; and the report counts what it cannot exclude.
  expect(summary.different).toBe(RECIPIENTS);
  expect(report?.sent).toBe(RECIPIENTS);
  expect(report?.held).toBe(0);
  expect(summary.duplicates).toBeLessThanOrEqual(IN_FLIGHT);
  expect(summary.duplicates).toBeLessThanOrEqual(report?.possibleDuplicates ?? 0);
}

describe("kill -9 in the middle of 2,000 messages loses none", () => {
  it("on the embedded engine", { timeout: 180_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "saypro-crash-"));
    holds(await killInTheMiddle({ DATA_DIR: folder }));
    await rm(folder, { recursive: true, force: true });
  });

  it.skipIf(!TEST_DATABASE_URL)("on Postgres, the queue in it", { timeout: 180_000 }, async () => {
    await onPostgres(async (url) => holds(await killInTheMiddle({ DATABASE_URL: url })));
  });

  it.skipIf(!TEST_DATABASE_URL || !TEST_REDIS_URL)(
    "on Postgres and Redis",
    { timeout: 180_000 },
    async () => {
      await onPostgres(async (url) =>
        holds(await killInTheMiddle({ DATABASE_URL: url, REDIS_URL: TEST_REDIS_URL ?? "" })),
      );
    },
  );
});
