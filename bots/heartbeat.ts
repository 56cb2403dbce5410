import { hostname } from "node:os";
import { beat, lastBeat } from "#storage";
import type { App } from "./app.ts";

const EVERY_MS = 5_000;

/**
 * Tells the database every few seconds that this worker lives, and `count` how many do. The first count is there when
 * this returns.
 */
export async function startHeartbeat(
  app: App,
  count: (workers: number) => void,
): Promise<{ stop(): Promise<void> }> {
  const { db } = app.database;
  const worker = { id: app.newId(), host: hostname() };
  // The embedded engine serves one process: whoever else is written there was killed.
  const embedded = app.database.engine === "pglite";
  const tell = (workers: number): void => count(embedded ? 1 : workers);
  tell(await beat(db, worker));
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = beat(db, worker).then(tell, (error: unknown) =>
      app.log.warn({ err: error }, "the worker's heartbeat could not be written"),
    );
  }, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      await lastBeat(db, worker.id).catch(() => {});
    },
  };
}
