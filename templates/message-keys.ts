const MEETING = ["title", "when", "place", "keyword"] as const;

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
  /** A committee's poll, and they are not in it. */
  voters_only: ["title"],
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
  /** A meeting's time, place and keyword may stand in every sentence about it. */
  meeting_invitation: MEETING,
  meeting_coming: [...MEETING, "people"],
  /** `position`: on the waiting list. */
  meeting_waiting: [...MEETING, "people", "position"],
  /** Seats came free. */
  meeting_promoted: [...MEETING, "people"],
  /** They keep their `people` seats; `free` more there are. */
  meeting_no_room: [...MEETING, "people", "free"],
  meeting_too_many: [...MEETING, "most"],
  meeting_declined: MEETING,
  /** No question: a NO to it would be taken for an answer to whether they come. */
  meeting_needs: MEETING,
  meeting_needs_noted: MEETING,
  meeting_reminder: [...MEETING, "people"],
  /** To those who come or wait. */
  /** Another place or time, to those who come or wait. */
  meeting_moved: MEETING,
  meeting_cancelled: [...MEETING, "reason"],
  /** To the keyword of one that was cancelled. */
  meeting_off: MEETING,
  meeting_over: MEETING,
  meeting_question_received: MEETING,
  meeting_question_limit: [...MEETING, "most"],
  /** To those who asked it; `number` is what others vote by. */
  meeting_question_listed: [...MEETING, "number"],
  meeting_answer: [...MEETING, "answer"],
  meeting_voted: [...MEETING, "number", "votes"],
  meeting_voted_already: [...MEETING, "number"],
  meeting_no_question: [...MEETING, "number"],
  meeting_questions: [...MEETING, "questions"],
  meeting_no_questions: MEETING,
  meeting_here: MEETING,
  meeting_not_begun: MEETING,
  meeting_wrong_code: MEETING,
  /** `keyword` leads to the questions about the meeting. */
  meeting_thanks: MEETING,
} as const satisfies Record<string, readonly string[]>;

export type MessageKey = keyof typeof MESSAGES;
/** May stand in every message without being handed in. */
export const ALWAYS_THERE = ["municipality", "contact"] as const;
