/** Crises and statements: what staff, timers and texts from phones set off. */
import type { TimerHandler } from "../timers.ts";
import { onCrisisTimer } from "./acts.ts";
import { EMBARGO_TIMER, onEmbargoTimer } from "./release.ts";
import { CRISIS_TIMER } from "./take-turn.ts";

export {
  acknowledge,
  addNote,
  cancelCrisis,
  changeSeverity,
  closeCrisis,
  decline,
  giveAllClear,
} from "./acts.ts";
export { inOrder, seenValue, showForApproval, statementName, textBlocks } from "./approval-message.ts";
export { approveStatement, returnStatement, whyNotDecide } from "./decide-statement.ts";
export { type Declaration, declareCrisis } from "./declare.ts";
export { draftNextVersion, editStatement } from "./draft.ts";
export { type Outcome, type Refused, refused } from "./outcome.ts";
export { crisisOf, type Reach, reachInWords, reachOf } from "./statement-content.ts";
export { noteOnTimeline, submitStatement } from "./submit.ts";
export { missUnreached } from "./unreachable.ts";
export { clockOf, titleOf } from "./words.ts";

export const crisisTimers: Readonly<Record<string, TimerHandler>> = {
  [CRISIS_TIMER]: onCrisisTimer,
  [EMBARGO_TIMER]: onEmbargoTimer,
};
