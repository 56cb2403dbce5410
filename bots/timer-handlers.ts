import { sessionTimer } from "./citizen/index.ts";
import type { TimerHandler } from "./timers.ts";

/** Every kind of timer and what it does when it is due. */
export const timerHandlers: Readonly<Record<string, TimerHandler>> = {
  session: sessionTimer,
};
