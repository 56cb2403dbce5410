import { ensurePartitions } from "#storage";
import { startDispatcher, startReconciler } from "./dispatch/index.ts";
import { catchUp, retryReceived } from "./inbound.ts";
import type { OpenApp } from "./open-app.ts";
import { timerHandlers } from "./timer-handlers.ts";
import { startTimers } from "./timers.ts";

/** Months of message partitions made ahead of time. */
const MONTHS_AHEAD = 3;

export interface RunningWorker {
  /** Finishes what is in flight or returns its leases. */
  stop(): Promise<void>;
}

/** The background process: hands messages over, fires timers, finds again what was left lying. */
export async function startWorker(app: OpenApp): Promise<RunningWorker> {
  await ensurePartitions(app.database.db, MONTHS_AHEAD);
  for (const channel of app.channels.values()) {
    await catchUp(app, channel).catch((error: unknown) =>
      app.log.warn(
        { err: error, channel: channel.name },
        "could not fetch the messages that came while we were down; tried again at the next start",
      ),
    );
  }
  const dispatcher = startDispatcher(app, app.channels);
  const timers = startTimers(app, timerHandlers);
  const reconciler = startReconciler(app, [
    retryReceived,
    async () => void (await ensurePartitions(app.database.db, MONTHS_AHEAD)),
  ]);
  return {
    stop: async () => {
      await reconciler.stop();
      await timers.stop();
      await dispatcher.stop();
    },
  };
}
