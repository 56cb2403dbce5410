export { importFile } from "./import.ts";
export { UnreadableFile } from "./read-csv.ts";
