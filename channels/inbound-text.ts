/** Characters kept of one inbound message: ten SMS segments would be 1,530, WhatsApp's own limit is 4,096. */
const TEXT_LIMIT = 4096;

/** A citizen's words as the database can keep them: no NUL, no half of a surrogate pair, of bounded length. */
export function inboundText(text: string): string {
  return text.replaceAll("\u0000", "").slice(0, TEXT_LIMIT).toWellFormed();
}
