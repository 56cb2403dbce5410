/** Consultations: opened, closed, counted. What citizens say in them is in bots/citizen. */

export { type AnalysedQuestion, CannotAnalyse } from "./analysis.ts";
export { BUDGET_RULES, type BudgetRule, budgetVoteOf, NoBudgetVote } from "./budget/count.ts";
export { chartPng, hasChart } from "./chart.ts";
export { evidencePack } from "./evidence/pack.ts";
export { type ExportFile, exportConsultation } from "./export/index.ts";
export { EXPORTS, exportFiles } from "./exports.ts";
export { questionsOf, titleOf } from "./questions.ts";
export { gatherReport, type Report } from "./report/gather.ts";
export { reportJson } from "./report/json.ts";
export { opinionLines } from "./report/opinions.ts";
export { reportPdf } from "./report/pdf.ts";
export { foundThemes } from "./report/themes.ts";
export {
  costOf,
  countLines,
  methodLines,
  percent,
  rangeOf,
  themeWords,
  withheldWords,
} from "./report/words.ts";
export { type Reader, readerOf } from "./responses.ts";
export { type ConsultationResults, consultationResults, type QuestionResult } from "./results.ts";
export {
  CONSULTATION_CLOSE,
  CONSULTATION_FINISH,
  CONSULTATION_OPEN,
  closeConsultation,
  closeOnTime,
  finishOnTime,
  openConsultation,
  openOnTime,
  reported,
  waiveReport,
} from "./run.ts";
export { MarginsError, readMargins } from "./statistics/margins.ts";
export { nameOf } from "./statistics/named-themes.ts";
export { CannotRake } from "./statistics/rake.ts";
export type { Theme } from "./statistics/themes.ts";
