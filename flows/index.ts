export * from "./flow.ts";
export * from "./protocol.ts";
export { parseSentence, type Sentence } from "./text.ts";
export * from "./crisis.ts";
export * from "./statement.ts";
export { later, millisecondsOf } from "./duration.ts";
