import {
  broadcastTimer,
  canaryTimer,
  failoverTimer,
  hoursTimer,
  lapseTimer,
  progressTimer,
  REPORT_TIMER,
  receiptsTimer,
  reportTimer,
  reviewTimer,
} from "./broadcast/index.ts";
import { sessionTimer } from "./citizen/index.ts";
import {
  CONSULTATION_CLOSE,
  CONSULTATION_FINISH,
  CONSULTATION_OPEN,
  closeOnTime,
  finishOnTime,
  openOnTime,
} from "./consultation/index.ts";
import { crisisTimers } from "./crisis/index.ts";
import { meetingTimers } from "./meetings/index.ts";
import { RESULTS_TIMER, resultsTimer } from "./staff/consultation-results.ts";
import type { TimerHandler } from "./timers.ts";

/** Every kind of timer and what it does when it is due. */
export const timerHandlers: Readonly<Record<string, TimerHandler>> = {
  session: sessionTimer,
  [CONSULTATION_OPEN]: openOnTime,
  [CONSULTATION_CLOSE]: closeOnTime,
  [CONSULTATION_FINISH]: finishOnTime,
  [RESULTS_TIMER]: resultsTimer,
  broadcast: broadcastTimer,
  broadcast_progress: progressTimer,
  [REPORT_TIMER]: reportTimer,
  broadcast_canary: canaryTimer,
  broadcast_failover: failoverTimer,
  broadcast_hours: hoursTimer,
  broadcast_receipts: receiptsTimer,
  broadcast_lapse: lapseTimer,
  broadcast_review: reviewTimer,
  ...meetingTimers,
  ...crisisTimers,
};
