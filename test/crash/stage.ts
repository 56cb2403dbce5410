/** What the tests that break things have in common: a worker and the carriers as processes, a database to throw away. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import postgres from "postgres";
import { openClient, type SandboxClient } from "../../sandbox/client.ts";

export const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;

export interface Report {
  readonly sent: number;
  readonly held: number;
  readonly possibleDuplicates: number;
}

export interface Worker {
  readonly child: ChildProcess;
  /** What it says at its end; undefined when it was killed before. */
  readonly report: Promise<Report | undefined>;
}

/** A worker with nothing but these variables. */
export function work(env: Readonly<Record<string, string>>): Worker {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["test/crash/worker.ts"], {
    env: {
      PATH,
      HOME,
      LOG_LEVEL: "silent",
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

export interface Carriers {
  readonly client: SandboxClient;
  /** The product's environment to reach them. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): void;
}

export async function openCarriers(): Promise<Carriers> {
  const child = spawn(
    process.execPath,
    ["sandbox/main.ts", "--town", "bots/demo-town/town.json", "--server", "http://127.0.0.1:9"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const client = openClient((JSON.parse(line.toString()) as { url: string }).url);
  const { environment } = await client.credentials();
  return { client, environment, stop: () => child.stdin.end() };
}

/** Waits until the carrier has taken more than `count` messages. */
export async function taken(client: SandboxClient, count: number, worker: Worker): Promise<void> {
  while ((await client.summary()).total <= count) {
    if (worker.child.exitCode !== null) throw new Error("the worker ended by itself");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs with the URL of an empty database of its own. */
export async function onPostgres(run: (url: string) => Promise<void>): Promise<void> {
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
