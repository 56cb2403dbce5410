export { UnreadableFile } from "./csv.ts";
export { importFile } from "./import.ts";
