export * from "./channel.ts";
export * from "./open.ts";
