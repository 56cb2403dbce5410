/** What the system itself says to people, with the values that each sentence may use. */
export const MESSAGES = {
  /** The one confirmation of STOP. */
  stop_confirmed: [],
  start_confirmed: [],
  help: [],
  /** Nothing is running and no keyword matched: staff will read it. */
  fallback: [],
  handed_over: [],
  unsupported_media: [],
  session_resumed: [],
  /** To somebody who has not finished; the open question follows. */
  session_reminder: ["title"],
  consultation_closed: ["title"],
  /** They took part before, and one response a person is taken. */
  already_answered: ["title"],
  /** Before the first question, after the closing date. */
  late_comment: ["title"],
  /** Before the first question: what becomes of the answers. */
  privacy_confidential: [],
  privacy_anonymous: [],
  language_changed: ["language"],
  /** To staff: `crisis` is its reference, `title` the protocol's, `code` what they reply with. */
  page: ["crisis", "title", "severity", "code"],
  page_acknowledged: ["crisis"],
  /** `by`: who was faster. */
  page_already_acknowledged: ["crisis", "by"],
  page_unknown_code: ["code"],
  page_declined: ["crisis"],
  statement_for_media: ["title", "version", "text"],
  enquiry_received: ["reference"],
  enquiry_unregistered: [],
  liaison_acknowledged: ["title", "version"],
} as const satisfies Record<string, readonly string[]>;

export type MessageKey = keyof typeof MESSAGES;
/** May stand in every message without being handed in. */
export const ALWAYS_THERE = ["municipality", "contact"] as const;
