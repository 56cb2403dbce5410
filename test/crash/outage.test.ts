import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import postgres from "postgres";
import { describe, expect, it } from "vitest";
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
