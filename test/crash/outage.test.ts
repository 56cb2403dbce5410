import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import postgres from "postgres";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { freePort, startSaypro } from "../support/program.ts";
import {
  onPostgres,
  openCarriers,
  type Report,
  TEST_DATABASE_URL,
  TEST_REDIS_URL,
  taken,
  type Worker,
  work,
} from "./stage.ts";

const { getExpectedTwilioSignature } = twilio;
const RECIPIENTS = 600;

interface Scene {
  /** Starts one more worker on the same database. */
  another(): Worker;
  readonly first: Worker;
  readonly databaseUrl: string;
  readonly client: Awaited<ReturnType<typeof openCarriers>>["client"];
}
interface Setting {
  /** How the carrier behaves from the start. */
  readonly knobs?: Parameters<Scene["client"]["turn"]>[0];
  readonly environment?: Readonly<Record<string, string>>;
  /** What the workers take for the database's address. */
  readonly address?: (url: string) => string;
}

/**
 * Something happens when a sixth has been taken; at the end what the carrier took is held against what was to be sent:
 * nobody is missing, nothing is held back, and no more went twice than the report counts.
 */
async function survives(happens: (scene: Scene) => Promise<void>, setting: Setting = {}): Promise<void> {
  await onPostgres(async (databaseUrl) => {
    const { client, environment, stop } = await openCarriers();
    const workers: Worker[] = [];
    try {
      await client.turn({ latencyMs: 30, lostCallbacks: 1, ...setting.knobs });
      const another = (): Worker => {
        const worker = work({
          ...environment,
          TWILIO_SMS_PER_SECOND: "200",
          RECIPIENTS: String(RECIPIENTS),
          DATABASE_URL: setting.address?.(databaseUrl) ?? databaseUrl,
          ...setting.environment,
        });
        workers.push(worker);
        return worker;
      };
      const first = another();
      await taken(client, RECIPIENTS / 6, first);
      await happens({ another, first, databaseUrl, client });
      const reports = await Promise.all(workers.map(({ report }) => report));
      const report = reports.findLast((said): said is Report => said !== undefined);
      const summary = await client.summary();
      expect(summary.different).toBe(RECIPIENTS);
      expect(report).toMatchObject({ sent: RECIPIENTS, held: 0 });
      expect(summary.duplicates).toBeLessThanOrEqual(report?.possibleDuplicates ?? 0);
    } finally {
      for (const { child } of workers) child.kill("SIGKILL");
      stop();
    }
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A way to a database that can be cut: connections are reset, and none is taken until it is mended. */
async function openWay(to: string) {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let cut = false;
  const server = createServer((near) => {
    if (cut) return void near.resetAndDestroy();
    const far = createConnection(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    address: (url: string): string => Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href,
    /** Returns how many connections it broke. */
    cut: (): number => {
      cut = true;
      const broken = sockets.size / 2;
      for (const socket of sockets) socket.resetAndDestroy();
      return broken;
    },
    mend: () => {
      cut = false;
    },
    close: () => server.close(),
  };
}

describe.skipIf(!TEST_DATABASE_URL)("texts that come in", { timeout: 180_000 }, () => {
  it("while Postgres goes away and comes back: each that was answered 2xx is there, once", async () => {
    const way = await openWay(TEST_DATABASE_URL ?? "");
    await onPostgres(async (databaseUrl) => {
      const port = String(await freePort());
      const authToken = "a".repeat(32);
      const program = await startSaypro({
        DATABASE_URL: way.address(databaseUrl),
        PORT: port,
        LOG_LEVEL: "silent",
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        SECRETS_KEY: "ab".repeat(32),
        TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
        TWILIO_AUTH_TOKEN: authToken,
        TWILIO_SMS_FROM: "+27600009000",
        TWILIO_API_URL: "http://127.0.0.1:9",
      });
      const text = async (n: number): Promise<number> => {
        const url = `${program.url}/webhooks/twilio/messages`;
        const form = {
          AccountSid: `AC${"0".repeat(32)}`,
          MessageSid: `SM${String(n).padStart(32, "0")}`,
          From: `+2760${String(1_000_000 + (n % 40))}`,
          To: "+27600009000",
          Body: `number ${n}`,
        };
        const signature = getExpectedTwilioSignature(authToken, url, form);
        const body = new URLSearchParams(form);
        const answer = await fetch(url, {
          method: "POST",
          body,
          headers: { "x-twilio-signature": signature },
        });
        return answer.status;
      };
      const statuses: Promise<number>[] = [];
      const cuts = new Map([
        [100, () => expect(way.cut()).toBeGreaterThan(0)],
        [200, way.mend],
        [300, () => expect(way.cut()).toBeGreaterThan(0)],
        [320, way.mend],
      ]);
      for (let n = 0; n < 500; n++) {
        cuts.get(n)?.();
        statuses.push(text(n));
        await pause(10);
      }
      const answered = await Promise.all(statuses);
      const sql = postgres(databaseUrl, { max: 1 });
      const kept = await sql<{ n: number }[]>`
        select right(k.provider_id, 32)::int as n from inbound_keys k join messages m on m.id = k.message_id`;
      await sql.end();
      await program.kill();
      const there = kept.map(({ n }) => n).sort((a, b) => a - b);
      expect(new Set(there).size).toBe(there.length);
      expect(answered.flatMap((status, n) => (status < 300 && !there.includes(n) ? [n] : []))).toEqual([]);
      expect(new Set(answered)).toEqual(new Set([200, 503]));
      expect(answered.slice(-100)).toEqual(Array.from({ length: 100 }, () => 200));
    }).finally(way.close);
  });
});

describe.skipIf(!TEST_DATABASE_URL)("a broadcast of 600 comes to its end", { timeout: 180_000 }, () => {
  it("with workers killed, paused past their lease, added and rolled", async () => {
    await survives(async ({ first, another, client }) => {
      const second = another();
      const third = another();
      await pause(500);
      second.child.kill("SIGSTOP");
      first.child.kill("SIGKILL");
      await taken(client, RECIPIENTS / 2, third);
      third.child.kill("SIGTERM");
      another();
      await pause(5_000);
      second.child.kill("SIGCONT");
    });
  });

  it("when the carrier throttles, breaks, loses answers and takes its time", async () => {
    await survives(async ({ client }) => {
      await client.turn({ errorRate: 0.3, lostAnswers: 0.05, sendsPerSecond: 60, retryAfterSeconds: 1 });
      await pause(4_000);
      await client.turn({ errorRate: 0, lostAnswers: 0.05, sendsPerSecond: 0, latencyMs: 1_500 });
      await pause(2_000);
      await client.turn({ lostAnswers: 0, latencyMs: 10 });
    });
  });

  it("when every connection to Postgres breaks, and none can be made for three seconds", async () => {
    const way = await openWay(TEST_DATABASE_URL ?? "");
    await survives(
      async () => {
        for (let times = 0; times < 2; times++) {
          expect(way.cut()).toBeGreaterThan(0);
          await pause(3_000);
          way.mend();
          await pause(1_000);
        }
      },
      { address: way.address },
    ).finally(way.close);
  });

  it("when the disk is full: Postgres refuses every write for three seconds", async () => {
    await survives(async ({ databaseUrl }) => {
      const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
      await sql`create function refuse() returns trigger language plpgsql as
        $$ begin raise 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$`;
      await sql`create trigger disk_is_full before insert or update on messages
        for each statement execute function refuse()`;
      await pause(3_000);
      await sql`drop trigger disk_is_full on messages`;
      await sql.end();
    });
  });

  it.skipIf(!TEST_REDIS_URL)("when Redis forgets everything, again and again", async () => {
    const url = Object.assign(new URL(TEST_REDIS_URL ?? ""), { pathname: "/9" }).href;
    const redis = new Redis(url);
    await survives(
      async ({ another }) => {
        another();
        for (let times = 0; times < 10; times++) {
          await redis.flushdb();
          await pause(300);
        }
      },
      { environment: { REDIS_URL: url } },
    ).finally(() => redis.quit());
  });
});
