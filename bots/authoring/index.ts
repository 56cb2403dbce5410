export { openConversation } from "./conversation.ts";
export { toYaml } from "./flow-yaml.ts";
export { drawFlow } from "./graph.ts";
export { reportTexts, type TextReport } from "./texts.ts";
export { importXlsForm, UnreadableWorkbook } from "./xlsform/index.ts";
