/**
 * Town halls: people say that they come, ask and vote, and say that they are there. Read this file first.
 *
 * Glossary
 * - **Meeting**: has a keyword, a time, a place and seats. Planned, then open from shortly before it begins, then held;
 *   or cancelled.
 * - **Attendee**: a person who was asked whether they come, with what they said. **People**: an attendee with guests.
 * - **Seats** are counted with the meeting locked, so there are never more people coming than seats. When they are
 *   gone there is a **waiting list**, in order of arrival; whenever seats come free, the first who fit get them.
 * - **Question**: asked of the meeting by text. A moderator answers it in Slack, puts it on the **list** under a number,
 *   merges it into another, or sets it aside. **Votes**: the people who want it asked, with those who asked it.
 * - **Code**: four digits, shown at the place; who texts them was there.
 * - **Act**: what a person's words mean for a meeting.
 */
import type { NamedMeeting } from "#storage";

/** Of one attendee, themselves among them. */
export const MAX_PEOPLE = 10;
export const MAX_CAPACITY = 100_000;
/** Of one person at one meeting. */
export const MAX_QUESTIONS = 5;
/** Characters of one. */
export const MAX_QUESTION = 500;
/** Characters of what one person needs. */
export const MAX_NEEDS = 200;
/** Questions that are sent in one message, those with most votes. */
export const SENT_QUESTIONS = 5;
/** Letters and digits, beginning with a letter. */
export const KEYWORD = /^[A-Z][A-Z0-9]{2,19}$/;

export type Act =
  /** The keyword alone: what it is, and whether they come. */
  | { readonly kind: "invite"; readonly language?: string }
  | { readonly kind: "coming"; readonly people: number; readonly bare: boolean }
  | { readonly kind: "not_coming" }
  | { readonly kind: "ask"; readonly question: string }
  | { readonly kind: "vote"; readonly number: number }
  /** What they need to take part: an interpreter, a ramp. */
  | { readonly kind: "need"; readonly needs: string }
  /** What can be voted on. */
  | { readonly kind: "list" }
  | { readonly kind: "here"; readonly code?: string };

/** What a message means for which meeting. */
export interface MeetingAct {
  readonly meeting: NamedMeeting;
  readonly act: Act;
}
