import { type Db, finishTimer, lockDueTimer, nextTimerIn, postponeTimer, type Timer } from "#storage";
import type { App } from "./app.ts";
import { openWaker } from "./dispatch/waker.ts";
import { commit, type Unit } from "./unit.ts";

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
        const next = await nextTimerIn(app.database.db);
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

/** Fires the timer that has been due longest. False: none is due. */
export async function fireOne(app: App, handlers: Readonly<Record<string, TimerHandler>>): Promise<boolean> {
  let firing: Timer | undefined;
  try {
    return await commit(app, async (unit) => {
      firing = await lockDueTimer(unit.tx, Object.keys(handlers));
      if (!firing) return false;
      await handlers[firing.kind]?.(unit, firing);
      await finishTimer(unit.tx, firing.id);
      return true;
    });
  } catch (error) {
    if (!firing) throw error;
    const words = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_LENGTH);
    app.log.error(
      { err: error, kind: firing.kind, ref: firing.ref },
      "a timer failed; it is tried again later",
    );
    await postponeTimer(app.database.db as Db, firing.id, words);
    return true;
  }
}
