/** Broadcasts: drafted, approved by a second person, drawn up, sent, watched. */

export { buttonValue, summaryOf, textBlocks } from "./approval-post.ts";
export { type Control, controlBroadcast } from "./control.ts";
export { approveBroadcast, reachOf, returnBroadcast, whyNotDecide } from "./decide.ts";
export { broadcastTimer } from "./draw-up.ts";
export { type Estimate, estimateLive } from "./estimate.ts";
export type { Outcome } from "./outcome.ts";
export { progressTimer } from "./progress.ts";
export { submitBroadcast } from "./submit.ts";
export * from "./words.ts";
