/** Town halls: what staff do with them. What people text goes through take-part.ts. */
export { asSeen, changeMeeting } from "./change.ts";
export { cancelMeeting, closeMeeting } from "./close.ts";
export { answer, merge, putOnList, setAside } from "./moderate.ts";
export type { Outcome } from "./outcome.ts";
export { planMeeting } from "./plan.ts";
export { questionLines } from "./question-lines.ts";
export { sendList } from "./send-list.ts";
export { meetingTimers, openMeeting } from "./timers.ts";
