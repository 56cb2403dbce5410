export * from "./crisis.ts";
export * from "./protocol.ts";
export * from "./statement.ts";
