/** Media liaisons: what they write, what is answered, how they are registered. */
export { answerEnquiry } from "./answer.ts";
export { confirm, handleLiaison } from "./liaison.ts";
export { type Registration, registerLiaison } from "./register.ts";
