import type { PGlite } from "@electric-sql/pglite";
import { Queue, Worker } from "bullmq";
import { embeddedBackend, postgresBackend, type QueueBackend, redisBackend } from "./queue/backends.ts";
import { coalesce } from "./queue/coalesce.ts";

/** What may be looked at: messages to hand over, or timers that are due. */
export type RingKind = "outbox" | "timer";

/**
 * The bell. A ring says "look": it carries an id and no state, so losing every ring loses nothing but time, and a ring
 * too many does no harm. Postgres is the truth.
 */
export interface Bell {
  /** Rings now, or after `delayMs`. Rings now for the same kind and id that come close together are one or two. */
  ring(kind: RingKind, id: string, delayMs?: number): Promise<void>;
  /** From here on this process answers rings of that kind. */
  answer(kind: RingKind, handler: (id: string) => Promise<void>): void;
  /** Throws when the queue cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface BellOptions {
  /** First choice. */
  readonly redisUrl?: string;
  /** Second: BullMQ's own Postgres backend. */
  readonly databaseUrl?: string;
  /** Third: the same backend on the embedded engine. */
  readonly pglite?: PGlite;
  /** Default `saypro-bell`; tests give each suite its own. */
  readonly name?: string;
  /** Milliseconds without a sign of life after which another worker takes a ring over. */
  readonly stalledAfterMs?: number;
}

const STALLED_AFTER_MS = 30_000;
/** The default of 1 would fail a ring after two killed workers; the row in Postgres decides, not the job. */
const MAX_STALLED = 1_000_000;
const CONCURRENCY = 10;
/** Timers further away than this are left to the reconciler: a queue need not hold a year of rings. */
const LONGEST_DELAY_MS = 24 * 60 * 60 * 1000;

/** Opens the bell on the first backend that is given. Throws when it cannot be reached. */
export async function openBell(options: BellOptions): Promise<Bell> {
  const backend = await openBackend(options);
  const name = options.name ?? "saypro-bell";
  const jobs = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
  const queue = new Queue(name, { connection: backend.connection, defaultJobOptions: jobs }, backend.factory);
  // Without a listener an error event would end the process; the reconciler covers what is lost meanwhile.
  queue.on("error", () => {});
  await queue.waitUntilReady();
  const handlers = new Map<string, (id: string) => Promise<void>>();
  let worker: Worker<{ id: string }> | undefined;
  const now = coalesce(async (kind, id) => void (await queue.add(kind, { id })));
  return {
    ring: async (kind, id, delayMs = 0) => {
      if (delayMs > LONGEST_DELAY_MS) return;
      if (delayMs > 0) await queue.add(kind, { id }, { delay: Math.ceil(delayMs) });
      else await now(kind, id);
    },
    answer: (kind, handler) => {
      handlers.set(kind, handler);
      if (worker) return;
      worker = new Worker(
        name,
        async (job: { readonly name: string; readonly data: { readonly id: string } }) => {
          await handlers.get(job.name)?.(job.data.id);
        },
        {
          connection: backend.connection,
          concurrency: CONCURRENCY,
          maxStalledCount: MAX_STALLED,
          lockDuration: options.stalledAfterMs ?? STALLED_AFTER_MS,
          stalledInterval: options.stalledAfterMs ?? STALLED_AFTER_MS,
        },
        backend.factory,
      );
      worker.on("error", () => {});
    },
    ping: async () => void (await queue.getWaitingCount()),
    close: async () => {
      await worker?.close();
      await queue.close();
      await backend.close();
    },
  };
}

function openBackend(options: BellOptions): Promise<QueueBackend> {
  if (options.redisUrl) return redisBackend(options.redisUrl);
  if (options.databaseUrl) return postgresBackend(options.databaseUrl);
  if (options.pglite) return embeddedBackend(options.pglite);
  throw new Error("the bell needs Redis, Postgres or the embedded engine");
}
