import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import type { Database } from "#storage";
import { type Carrier, openCarrier } from "./carrier.ts";
import { makeDatabase } from "./database.ts";
import { drawUp, openTown } from "./people.ts";
import { type Program, startProgram } from "./program.ts";
import type { Row } from "./row.ts";

const ROUNDS = 3;
/** Twilio's own answer takes some 50 ms or more; without a delay the program itself is what limits. */
const DELAYS_MS = [0, 50];
/** Messages a second, and how many of them. */
const RATE = 400;
const RATE_SECONDS = 8;
const PAGES = 100;
/** What the bulk is sent at while pages are measured. */
const BULK_RATE = 100;
const PAGE_BAR_MS = 1_000;
/** Hand-overs end before their outcomes are written. */
const SETTLES_MS = 1_000;

interface Measured {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
}

const best = (runs: readonly Measured[]): Measured =>
  runs.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));

/**
 * The outbox of a broadcast, beside a bare loop over a table and beside BullMQ by hand, with a carrier that answers at
 * once and one that takes 50 ms; then under a set rate; then crisis pages behind all of it.
 */
export async function dispatching(adminUrl: string, people: number): Promise<readonly Row[]> {
  const redis = process.env.BENCH_REDIS_URL ?? process.env.TEST_REDIS_URL;
  const made = await makeDatabase(adminUrl);
  const database = await openTown(made.url, people);
  const found: Row[] = [];
  try {
    await database.db.execute(sql`create table bare_outbox (
      id uuid primary key, address text not null, text text not null, status text not null, sid text)`);
    await database.db.execute(sql`create index on bare_outbox (id) where status = 'queued'`);
    for (const delayMs of DELAYS_MS) {
      const carrier = await openCarrier(delayMs);
      const runs: Record<string, Measured[]> = { ours: [], bare: [], bullmq: [] };
      for (let round = 0; round < ROUNDS; round++)
        for (const name of ["bare", "ours", ...(redis ? (["bullmq"] as const) : [])] as const)
          runs[name]?.push(await measure(name, database, made.url, carrier, people));
      await carrier.close();
      const [ours, bare] = [best(runs.ours ?? []), best(runs.bare ?? [])];
      const row = (what: string, unit: string, value: number, beside: number): Row => ({
        name: `dispatch ${what}, carrier at ${delayMs} ms`,
        value,
        unit,
        beside,
        ratio: value / beside,
      });
      found.push(
        row("messages, beside a bare loop", "1/s", ours.perSecond, bare.perSecond),
        row("CPU a message, beside the loop", "ms", ours.cpuMs, bare.cpuMs),
        row("memory, beside the loop", "MB", ours.memoryMb, bare.memoryMb),
      );
      if (!redis) continue;
      const bullmq = best(runs.bullmq ?? []);
      found.push(
        row("messages, beside BullMQ by hand", "1/s", ours.perSecond, bullmq.perSecond),
        row("CPU a message, beside BullMQ", "ms", ours.cpuMs, bullmq.cpuMs),
        row("memory, beside BullMQ", "MB", ours.memoryMb, bullmq.memoryMb),
      );
    }
    found.push(...(await underARate(database, made.url, people)));
    return found;
  } finally {
    await database.close();
    await made.drop();
  }
}

const environment = (url: string, carrier: Carrier, perSecond: number | undefined): NodeJS.ProcessEnv => ({
  DATABASE_URL: url,
  TWILIO_API_URL: carrier.url,
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "bench-token",
  TWILIO_SMS_FROM: "+27600009000",
  ...(perSecond === undefined ? { BENCH_UNLIMITED: "yes" } : { TWILIO_SMS_PER_SECOND: String(perSecond) }),
  PUBLIC_URL: "http://bench.invalid",
  LOG_LEVEL: "warn",
  SECRETS_KEY: "0".repeat(64),
});

async function measure(
  name: "ours" | "bare" | "bullmq",
  database: Database,
  url: string,
  carrier: Carrier,
  people: number,
): Promise<Measured> {
  const { db } = database;
  await db.execute(sql`truncate messages, outbox_batches, bare_outbox`);
  if (name === "ours") await drawUp(database, v7());
  else
    await db.execute(sql`insert into bare_outbox (id, address, text, status)
      select uuid7(), address, 'Water is off today.', 'queued' from addresses`);
  await db.execute(sql`analyze messages, outbox_batches, bare_outbox`);
  const program = await startProgram(`dispatching/${name}`, {
    ...environment(url, carrier, undefined),
    REDIS_URL: name === "bullmq" ? (process.env.BENCH_REDIS_URL ?? process.env.TEST_REDIS_URL) : undefined,
    BENCH_QUEUE: `bench-${v7()}`,
  });
  const before = await program.usage();
  const accepted = carrier.accepts(people);
  program.say("go");
  const ms = await accepted;
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
  const after = await program.usage();
  if (name === "bullmq") program.say("forget");
  await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
  await program.stop();
  return {
    perSecond: (people / ms) * 1_000,
    cpuMs: (after.cpu - before.cpu) / 1_000 / people,
    memoryMb: after.memory / 1024 / 1024,
  };
}

/** Whether a set rate is kept up, and how soon a crisis page goes out while bulk waits. */
async function underARate(database: Database, url: string, people: number): Promise<readonly Row[]> {
  const carrier = await openCarrier(50);
  const { db } = database;
  const run = async (perSecond: number): Promise<Program> => {
    await db.execute(sql`truncate messages, outbox_batches`);
    await drawUp(database, v7());
    await db.execute(sql`analyze messages, outbox_batches`);
    return startProgram("dispatching/ours", environment(url, carrier, perSecond));
  };
  try {
    const wanted = Math.min(people, RATE * RATE_SECONDS);
    const steady = await run(RATE);
    // The bucket begins full: its second does not count.
    const begun = carrier.accepts(Math.min(RATE, wanted - 1));
    steady.say("go");
    await begun;
    const left = wanted - Math.min(RATE, wanted - 1);
    const ms = await carrier.accepts(left);
    await steady.stop();
    const kept = ((left - 1) / ms) * 1_000;
    const busy = await run(BULK_RATE);
    busy.say("go");
    await new Promise((resolve) => setTimeout(resolve, 2 * SETTLES_MS));
    const waits: number[] = [];
    for (let i = 0; i < PAGES; i++) {
      const number = `+2782${String(1_000_000 + i)}`;
      const begunAt = performance.now();
      const arrived = carrier.next(number);
      busy.say(`page ${number}`);
      await arrived;
      waits.push(performance.now() - begunAt);
    }
    await busy.stop();
    const p99 = waits.toSorted((a, b) => a - b)[Math.ceil(PAGES * 0.99) - 1] ?? Number.NaN;
    return [
      {
        name: `rate kept, of ${RATE} a second that are set`,
        value: kept,
        unit: "1/s",
        beside: RATE,
        ratio: kept / RATE,
      },
      {
        name: `crisis page behind ${people} waiting, p99 of ${PAGES}, beside its bar`,
        value: p99,
        unit: "ms",
        beside: PAGE_BAR_MS,
        ratio: p99 / PAGE_BAR_MS,
      },
    ];
  } finally {
    await carrier.close();
  }
}
