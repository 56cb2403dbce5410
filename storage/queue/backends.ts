import type { PGlite } from "@electric-sql/pglite";
import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  createRedisBackend,
  type RedisQueueBackend,
  runMigrations,
} from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { pgliteAsPool } from "./pglite-pool.ts";

export interface QueueBackend {
  /** BullMQ's types name the Redis backend; the others keep the same contract. */
  readonly factory: BackendFactory<RedisQueueBackend, ConnectionOptions>;
  readonly connection: ConnectionOptions;
  close(): Promise<void>;
}

const SCHEMA = "bullmq";
const CONNECT_TIMEOUT_MS = 5_000;

export async function redisBackend(url: string): Promise<QueueBackend> {
  const connection = new Redis(url, {
    // BullMQ asks for it: its blocking commands wait without a limit of retries.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
  });
  let reason: Error | undefined;
  connection.on("error", (error: Error) => (reason = error));
  try {
    await connection.connect();
  } catch (error) {
    connection.disconnect();
    // What connect() itself says is only "Connection is closed."
    throw reason ?? error;
  }
  return {
    factory: createRedisBackend as unknown as QueueBackend["factory"],
    connection,
    close: async () => connection.disconnect(),
  };
}

export async function postgresBackend(url: string): Promise<QueueBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${SCHEMA},public`,
    keepAlive: true,
    max: 6,
    application_name: "saypro-bell",
  });
  pool.on("error", () => {});
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  return {
    factory: createPostgresBackend as unknown as QueueBackend["factory"],
    connection: pool as unknown as ConnectionOptions,
    close: () => pool.end(),
  };
}

export async function embeddedBackend(pglite: PGlite): Promise<QueueBackend> {
  const pool = pgliteAsPool(pglite);
  await runMigrations(await pool.connect(), SCHEMA);
  // Behind public: our tables are found first, BullMQ's functions still without a prefix.
  await pglite.exec(`set search_path to public, ${SCHEMA}`);
  return {
    factory: createPostgresBackend as unknown as QueueBackend["factory"],
    connection: pool as unknown as ConnectionOptions,
    close: () => pool.end(),
  };
}
