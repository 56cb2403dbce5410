/** Consultations: opened, closed, counted. What citizens say in them is in bots/citizen. */
export { EXPORT_FORMATS, type ExportFile, type ExportFormat, exportConsultation } from "./export/index.ts";
export { type Reader, readerOf, responsesOf } from "./responses.ts";
export { type ConsultationResults, consultationResults, type QuestionResult } from "./results.ts";
export {
  CONSULTATION_CLOSE,
  CONSULTATION_OPEN,
  closeConsultation,
  closeOnTime,
  openConsultation,
  openOnTime,
  reported,
  waiveReport,
} from "./run.ts";
