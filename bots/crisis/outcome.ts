/** Why something was not done; the words are for the person who tried. */
export interface Refused {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly words: string;
}

/** What came of an act: done, or refused with words. `words` says what happened, for the person who did it. */
export type Outcome<T = unknown> = ({ readonly ok: true; readonly words: string } & T) | Refused;

export type RefusalCode =
  | "unknown_protocol"
  | "unknown_crisis"
  | "unknown_statement"
  | "not_allowed"
  | "no_area"
  | "no_title"
  | "not_paged"
  | "already_acknowledged"
  | "ended"
  | "standing_down"
  | "nothing_to_decline"
  | "unknown_severity"
  | "not_all_clear"
  | "findings"
  | "wrong_status"
  | "not_waiting"
  | "own_work"
  | "changed"
  | "no_reason"
  | "nothing_to_follow"
  | "embargo_past"
  | "no_reach"
  | "bad_number"
  | "unknown_enquiry";

export const refused = (code: RefusalCode, words: string): Refused => ({ ok: false, code, words });
