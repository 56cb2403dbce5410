export { importFile } from "./import.ts";
