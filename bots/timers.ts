import { finishTimer, lockDueTimer, nextTimerIn, postponeTimer, type Timer } from "#storage";
import type { App } from "./app.ts";
import { openWaker } from "./dispatch/waker.ts";
import { attempt, commit, type Unit } from "./unit.ts";

export type { Timer } from "#storage";

/** Runs in the transaction that marks the timer done: it happens once, or not at all and again later. */
export type TimerHandler = (unit: Unit, timer: Timer) => Promise<void>;

/** Due timers are looked for at least so often, without a ring: well under the 60 s that are promised. */
const LOOK_EVERY_MS = 5_000;
const CONCURRENCY = 4;
const ERROR_LENGTH = 500;

/** Fires timers by the database's clock. One that fails is put off and delays no other. */
export function startTimers(
  app: App,
  handlers: Readonly<Record<string, TimerHandler>>,
): { stop(): Promise<void> } {
  const waker = openWaker();
  let stopped = false;
  app.bell.answer("timer", async () => waker.wake());
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const ticket = waker.ticket();
      try {
        if (await fireOne(app, handlers)) continue;
        const next = await nextTimerIn(app.database.db, Object.keys(handlers));
        await waker.wait(ticket, Math.min(LOOK_EVERY_MS, Math.max(next ?? LOOK_EVERY_MS, 20)));
      } catch (error) {
        if (stopped) return;
        app.log.error({ err: error }, "timers could not be read; tried again shortly");
        await waker.wait(waker.ticket(), 1_000);
      }
    }
  };
  const loops = Array.from({ length: CONCURRENCY }, loop);
  return {
    stop: async () => {
      stopped = true;
      waker.wake();
      await Promise.all(loops);
    },
  };
}

/** Fires the timer that has been due longest. False: none is due. The timer stays locked until it is done or put off. */
export async function fireOne(app: App, handlers: Readonly<Record<string, TimerHandler>>): Promise<boolean> {
  return commit(app, async (unit) => {
    const timer = await lockDueTimer(unit.tx, Object.keys(handlers));
    if (!timer) return false;
    try {
      await attempt(unit, async (part) => handlers[timer.kind]?.(part, timer));
      await finishTimer(unit.tx, timer.id);
    } catch (error) {
      const words = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_LENGTH);
      app.log.error(
        { err: error, kind: timer.kind, ref: timer.ref },
        "a timer failed; it is tried again later",
      );
      await postponeTimer(unit.tx, timer.id, words);
    }
    return true;
  });
}
