/** Broadcasts: drafted, approved by a second person, drawn up, sent, watched. */

export { buttonValue, summaryOf, textBlocks } from "./approval-post.ts";
export { riskWords, type Standing, whyNotCounted } from "./approvals.ts";
export { breakGlass, closeReview, REASON_LENGTH, reviewTimer, whyNotReview } from "./break-glass.ts";
export { canaryTimer } from "./canary.ts";
export { type Control, controlBroadcast } from "./control.ts";
export { approveBroadcast, decidableBy, lapseTimer, returnBroadcast } from "./decide.ts";
export { broadcastTimer } from "./draw-up.ts";
export { draftOfBroadcast, type Estimate, estimateLive, reachOf } from "./estimate.ts";
export { failoverTimer } from "./failover.ts";
export { filledDraft } from "./fill.ts";
export { findingsOf } from "./findings.ts";
export { hoursTimer } from "./hours.ts";
export type { Outcome } from "./outcome.ts";
export { previewBlocks, previewOf } from "./preview.ts";
export { progressTimer } from "./progress.ts";
export { reachingOf } from "./reach.ts";
export { receiptsTimer } from "./receipts.ts";
export { broadcastReport, REPORT_TIMER, reportTimer } from "./report.ts";
export { hasReportChart, reportPng } from "./report-chart.ts";
export { recipientsCsv } from "./report-csv.ts";
export { broadcastReportPdf } from "./report-pdf.ts";
export { postReport } from "./report-post.ts";
export { breakdowns, reportLines, whenWords, wholeWords } from "./report-words.ts";
export { assess } from "./risk.ts";
export { submitBroadcast } from "./submit.ts";
export { testSend } from "./test-send.ts";
export * from "./words.ts";
