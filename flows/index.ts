export * from "./flow.ts";
export * from "./protocol.ts";
