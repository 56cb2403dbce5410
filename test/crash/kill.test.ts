import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { openClient } from "../../sandbox/client.ts";

const RECIPIENTS = 2_000;
/** 64 of bulk under way, and as many whose outcome is known and not written yet. */
const IN_FLIGHT = 128;
const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;

interface Report {
  readonly sent: number;
  readonly held: number;
  readonly possibleDuplicates: number;
}

/** The worker with nothing but these variables. */
function work(env: Readonly<Record<string, string>>): {
  child: ChildProcess;
  report: Promise<Report | undefined>;
} {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["test/crash/worker.ts"], {
    env: {
      PATH,
      HOME,
      LOG_LEVEL: "error",
      PUBLIC_URL: "http://127.0.0.1:9",
      SECRETS_KEY: "ab".repeat(32),
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  const report = once(child, "close").then(() => {
    const line = output.split("\n").find((l) => l.startsWith("{"));
    return line ? (JSON.parse(line) as Report) : undefined;
  });
  return { child, report };
}

async function sandbox(): Promise<{ url: string; stop(): void }> {
  const child = spawn(
    process.execPath,
    ["sandbox/main.ts", "--town", "bots/demo-town/town.json", "--server", "http://127.0.0.1:9"],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { url: (JSON.parse(line.toString()) as { url: string }).url, stop: () => child.stdin.end() };
}

/** Kills the worker in the middle, starts another, and returns what the carrier accepted and what the worker reports. */
async function killInTheMiddle(env: Readonly<Record<string, string>>) {
  const { url, stop } = await sandbox();
  try {
    const client = openClient(url);
    await client.turn({ latencyMs: 30, lostCallbacks: 1 });
    const { environment } = await client.credentials();
    const carriers = { ...env, ...environment, TWILIO_SMS_PER_SECOND: "1000" };
    const first = work(carriers);
    for (;;) {
      const { total } = await client.summary();
      if (total > RECIPIENTS / 4) break;
      if (first.child.exitCode !== null) throw new Error("the worker ended by itself");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    first.child.kill("SIGKILL");
    await first.report;
    const { total: atKill } = await client.summary();
    expect(atKill).toBeLessThan(RECIPIENTS);
    const report = await work(carriers).report;
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

async function onPostgres(run: (url: string) => Promise<void>): Promise<void> {
  const admin = postgres(TEST_DATABASE_URL ?? "", { max: 1, onnotice: () => {} });
  const name = `saypro_crash_${process.pid}_${Date.now()}`;
  await admin.unsafe(`create database ${name}`);
  const url = Object.assign(new URL(TEST_DATABASE_URL ?? ""), { pathname: `/${name}` }).href;
  try {
    await run(url);
  } finally {
    await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end();
  }
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
