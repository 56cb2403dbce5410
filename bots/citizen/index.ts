/** What a citizen's message means, and what staff do with it. */
export { answerAtOnce } from "./answer-at-once.ts";
export { hear } from "./hear.ts";
export { postToInbox } from "./inbox.ts";
export { keepPromises } from "./privacy.ts";
export { reminding } from "./remind.ts";
export { sessionTimer } from "./session-timer.ts";
export { handBack, replyToCitizen } from "./staff-reply.ts";
export { statementBlocks } from "./statement-blocks.ts";
