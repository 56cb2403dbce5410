export { addDays, dayOf, weekdayOf } from "./answers/calendar.ts";
export * from "./approval.ts";
export * from "./broadcast.ts";
export * from "./broadcast-template.ts";
export * from "./canary.ts";
export { checkFlow } from "./check.ts";
export type { FlowFault } from "./checks/fault.ts";
export { waysOf } from "./checks/ways.ts";
export { type CommentPeriod, type Instrument, lastDayOf, tooShort } from "./comment-period.ts";
export { patternFault } from "./condition.ts";
export * from "./crisis.ts";
export { later, millisecondsOf } from "./duration.ts";
export * from "./flow.ts";
export { fold } from "./fold.ts";
export { checkWording, type Guideline, type Guidelines, NO_GUIDELINES } from "./guidelines.ts";
export { asQuestion, DEFAULT_STATEMENTS, OFFER, VOTES } from "./opinions.ts";
export { stepsInOrder } from "./order.ts";
export { againOf, privacyOf, quorumOf, receiptOf } from "./participation.ts";
export {
  cleanValue,
  fieldsOf,
  fillFor,
  fillVariant,
  nearNames,
  PLACEHOLDER_LIMITS,
  placeholdersOf,
  variantsOf,
  withoutPlaceholders,
} from "./placeholders.ts";
export * from "./protocol.ts";
export { readingOf } from "./reading.ts";
export * from "./risk.ts";
export { SDGS } from "./sdg.ts";
export * from "./sending-hours.ts";
export * from "./statement.ts";
export { parseSentence, type Sentence } from "./text.ts";
export { start, turn } from "./turn.ts";
export * from "./values.ts";
export { isSigned } from "./words/signed.ts";
