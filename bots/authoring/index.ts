export { openConversation } from "./conversation.ts";
export { drawFlow } from "./graph.ts";
export { reportTexts, type TextReport } from "./texts.ts";
