import { escapeMrkdwn } from "#channels";
import type { MeetingQuestion } from "#storage";
import { SENT_QUESTIONS } from "./meeting.ts";

/** Lines of the list as staff see it. */
const SHOWN = 15;
/** Characters of one question: fifteen fit a section of Slack, and five a long SMS. */
const LENGTH = 150;

/** The list in Slack, by votes. */
export function questionLines(listed: readonly MeetingQuestion[]): string {
  const lines = listed
    .slice(0, SHOWN)
    .map(
      ({ number, text, votes }) =>
        `*${number}.* ${escapeMrkdwn(shortened(text))}  (${votes === 1 ? "1 vote" : `${votes} votes`})`,
    );
  return [...lines, ...(listed.length > SHOWN ? [`and ${listed.length - SHOWN} more`] : [])].join("\n");
}

/** The list as people get it: those with most votes, in the words in which they were asked. */
export const sentQuestions = (listed: readonly MeetingQuestion[]): string =>
  listed
    .slice(0, SENT_QUESTIONS)
    .map(({ number, text, votes }) => `${number}. ${shortened(text)} (${votes})`)
    .join("\n");

/** In one line. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LENGTH ? `${line.slice(0, LENGTH).toWellFormed()} ...` : line;
}
