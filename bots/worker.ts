import { ensurePartitions } from "#storage";
import type { App } from "./app.ts";
import { keepPromises, reminding } from "./citizen/index.ts";
import { missUnreached } from "./crisis/index.ts";
import { startDispatcher, startReconciler } from "./dispatch/index.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { keepHouse } from "./housekeeping.ts";
import { catchUp, retryReceived } from "./inbound.ts";
import type { OpenApp } from "./open-app.ts";
import { startTelling } from "./systems/deliver.ts";
import { timerHandlers } from "./timer-handlers.ts";
import { startTimers } from "./timers.ts";

/** Carriers' lists are read so often: a carrier does not bring again what was answered 503. */
const CATCH_UP_EVERY_MS = 5 * 60_000;

export interface RunningWorker {
  /** Finishes what is in flight or returns its leases. */
  stop(): Promise<void>;
}

/** The background process: hands messages over, fires timers, finds again what was left lying. */
export async function startWorker(app: OpenApp): Promise<RunningWorker> {
  await ensurePartitions(app.database.db);
  const dispatcher = startDispatcher(app, app.channels);
  const heartbeat = await startHeartbeat(app, dispatcher.share);
  const timers = startTimers(app, timerHandlers);
  const telling = startTelling(app);
  const reconciler = startReconciler(app, [
    missUnreached,
    reminding(),
    keepPromises,
    catchingUp(),
    retryReceived,
    keepHouse,
  ]);
  return {
    stop: async () => {
      await reconciler.stop();
      await telling.stop();
      await timers.stop();
      await dispatcher.stop();
      await heartbeat.stop();
    },
  };
}

/** Fetches what came while we were down, soon after the start and now and then. */
function catchingUp(): (app: App) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async (app) => {
    const now = app.clock().getTime();
    if (now - last < CATCH_UP_EVERY_MS) return;
    last = now;
    for (const channel of app.channels.values()) {
      await catchUp(app, channel).catch((error: unknown) =>
        app.log.warn(
          { err: error, channel: channel.name },
          "cannot fetch what came while we were down; tried again later",
        ),
      );
    }
  };
}
