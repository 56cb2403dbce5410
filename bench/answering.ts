import { createHmac, randomBytes } from "node:crypto";
import type postgres from "postgres";
import { Pool } from "undici";
import { type Carrier, openCarrier } from "./carrier.ts";
import { makeDatabase } from "./database.ts";
import { type Program, startProgram, webhooksPerSecond } from "./program.ts";
import type { Row } from "./row.ts";
import { turnsPerSecond } from "./turns.ts";

const CITIZENS = [1, 16, 64];
const MOST = 64;
const ROUNDS = 3;
const SECONDS = 4;
const SAYS = ["JOIN", "Nomsa", "9", "4", "Fix the potholes, please"];
const HEARS = ["Welcome!", "Thank you Nomsa.", "Sorry,", "Any comment", "Thank you for taking part!"];

const ACCOUNT = `AC${"0".repeat(32)}`;
const TOKEN = "bench-token";
const PUBLIC_URL = "http://bench.invalid";
const PATH = "/webhooks/twilio/messages";
const SENDER = "+27600009000";

interface Measured {
  readonly perSecond: number;
  readonly answeredMs: number;
  readonly repliedMs: number;
  readonly cpuMs: number;
  readonly postgresMs: number;
  readonly memoryMb: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * The survey `three-questions` through signed webhooks, replies by the carrier's API, so many citizens at once; beside
 * the same survey by hand (bench/answering/bare.ts), in turns within one run.
 */
export async function answering(adminUrl: string): Promise<readonly Row[]> {
  const { name, url, admin, drop } = await makeDatabase(adminUrl);
  const carrier = await openCarrier();
  const found: Row[] = [];
  const programs: Program[] = [];
  try {
    const environment = {
      DATABASE_URL: url,
      TWILIO_API_URL: carrier.url,
      TWILIO_ACCOUNT_SID: ACCOUNT,
      TWILIO_AUTH_TOKEN: TOKEN,
      TWILIO_SMS_FROM: SENDER,
      TWILIO_SMS_PER_SECOND: "1000",
      PUBLIC_URL,
      PORT: "0",
      LOG_LEVEL: "warn",
      SECRETS_KEY: "0".repeat(64),
      ...(process.env.BENCH_REDIS_URL ? { REDIS_URL: process.env.BENCH_REDIS_URL } : {}),
    };
    const ours = await startProgram("answering/ours", environment);
    programs.push(ours);
    const bare = await startProgram("answering/bare", environment);
    programs.push(bare);
    for (const program of programs) await measure(program, carrier, admin, name, 16, 2);
    for (const citizens of CITIZENS) {
      const runs: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] };
      for (let round = 0; round < ROUNDS; round++) {
        runs.bare.push(await measure(bare, carrier, admin, name, citizens, SECONDS));
        runs.ours.push(await measure(ours, carrier, admin, name, citizens, SECONDS));
      }
      const row = (what: string, unit: string, key: keyof Measured): Row => {
        const value = median(runs.ours.map((run) => run[key]));
        const beside = median(runs.bare.map((run) => run[key]));
        return { name: `answering ${what}, ${citizens} at once`, value, unit, beside, ratio: value / beside };
      };
      found.push(
        row("messages", "1/s", "perSecond"),
        row("webhook p50", "ms", "answeredMs"),
        row("reply p50", "ms", "repliedMs"),
        row("our CPU a message", "ms", "cpuMs"),
        row("Postgres' CPU a message", "ms", "postgresMs"),
        row("memory", "MB", "memoryMb"),
      );
    }
    const most = found.find(({ name }) => name === `answering messages, ${MOST} at once`);
    const nothing = await startProgram("answering/nothing", environment);
    programs.push(nothing);
    await webhooksPerSecond(nothing, PATH, MOST, 1);
    const inserted = await webhooksPerSecond(nothing, PATH, MOST, SECONDS);
    const turns = turnsPerSecond(SECONDS);
    const beside = (name: string, value: number): Row => ({
      name,
      value,
      unit: "1/s",
      beside: inserted,
      ratio: value / inserted,
    });
    if (most) found.push(beside("answered, beside a webhook that only inserts a row", most.value));
    found.push(beside("turns of the engine alone, beside the same webhook", turns));
    return found;
  } finally {
    for (const program of programs) await program.stop();
    await carrier.close();
    await drop();
  }
}

// ── The citizens ────────────────────────────────────────────────────────────────────────────────────────

let numbers = 0;

async function measure(
  program: Program,
  carrier: Carrier,
  admin: postgres.Sql,
  database: string,
  citizens: number,
  seconds: number,
): Promise<Measured> {
  const pool = new Pool(program.url, { connections: citizens });
  const answered: number[] = [];
  const replied: number[] = [];
  const [before, postgresBefore] = [await program.usage(), await postgresCpu(admin, database)];
  const begun = performance.now();
  const until = begun + seconds * 1_000;
  const citizen = async (): Promise<void> => {
    while (performance.now() < until) {
      const me = `+2761${String(++numbers).padStart(7, "0")}`;
      for (const [i, text] of SAYS.entries()) {
        const form = {
          AccountSid: ACCOUNT,
          MessageSid: `SM${randomBytes(16).toString("hex")}`,
          From: me,
          To: SENDER,
          Body: text,
        };
        const reply = carrier.next(me);
        const at = performance.now();
        const answer = await pool.request({
          method: "POST",
          path: PATH,
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signatureOf(form),
          },
          body: new URLSearchParams(form).toString(),
        });
        await answer.body.dump();
        if (answer.statusCode !== 200) throw new Error(`the webhook was answered ${answer.statusCode}`);
        answered.push(performance.now() - at);
        const said = await reply;
        replied.push(performance.now() - at);
        if (!said.startsWith(HEARS[i] ?? "")) throw new Error(`"${text}" was answered "${said}"`);
      }
    }
  };
  await Promise.all(Array.from({ length: citizens }, citizen));
  const elapsed = performance.now() - begun;
  const [after, postgresAfter] = [await program.usage(), await postgresCpu(admin, database)];
  await pool.close();
  const messages = replied.length;
  return {
    perSecond: (messages / elapsed) * 1_000,
    answeredMs: median(answered),
    repliedMs: median(replied),
    cpuMs: (after.cpu - before.cpu) / 1_000 / messages,
    postgresMs: (postgresAfter - postgresBefore) / messages,
    memoryMb: after.memory / 1024 / 1024,
  };
}

function signatureOf(form: Readonly<Record<string, string>>): string {
  const text = Object.keys(form)
    .sort()
    .reduce((all, name) => all + name + form[name], PUBLIC_URL + PATH);
  return createHmac("sha1", TOKEN).update(text).digest("base64");
}

/** Milliseconds of CPU of this database's server processes; NaN where they are not on this machine. */
async function postgresCpu(admin: postgres.Sql, database: string): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const processes = await admin<
    { pid: number }[]
  >`select pid from pg_stat_activity where datname = ${database}`;
  let ticks = 0;
  for (const { pid } of processes) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    if (!stat?.includes("postgres")) return Number.NaN;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}
