export { erasePerson, MAX_REASON } from "./erase.ts";
export { exportPerson, exportText } from "./export.ts";
export { importFile } from "./import.ts";
