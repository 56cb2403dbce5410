export { openTable } from "./open.ts";
export { FAILED_FORMULA, type Table } from "./table.ts";
export { UnreadableFile } from "./unreadable.ts";
