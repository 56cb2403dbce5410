import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { lastPost, type Meeting, type MeetingQuestion, PRIORITY } from "#storage";
import { button } from "../staff/inputs.ts";
import { context, section } from "../staff/views.ts";
import type { Unit } from "../unit.ts";

/** Kind of the post of one question, for moderators. */
const QUESTION_POST = "meeting_question";

/** Puts a question before the moderators, in the inbox channel. `asker`: enough to talk, not enough to copy. */
export function postQuestion(
  unit: Unit,
  meeting: Meeting,
  question: MeetingQuestion,
  asker: string,
): Promise<void> {
  const head = `*${escapeMrkdwn(meeting.title)}*  a question from ${asker}`;
  return send(unit, meeting, question, [
    section(`${head}\n${quote(question)}`),
    { type: "actions", elements: buttonsFor(question) },
  ]);
}

/** The same post once something was decided, with what can still be done. */
export async function repostQuestion(
  unit: Unit,
  meeting: Meeting,
  question: MeetingQuestion,
  decided: string,
): Promise<void> {
  const replaces = await lastPost(unit.tx, QUESTION_POST, question.id);
  if (replaces === undefined) return;
  const left = buttonsFor(question);
  await send(
    unit,
    meeting,
    question,
    [
      section(`*${escapeMrkdwn(meeting.title)}*  a question\n${quote(question)}`),
      context(decided),
      ...(left.length > 0 ? [{ type: "actions" as const, elements: left }] : []),
    ],
    replaces,
  );
}

async function send(
  unit: Unit,
  meeting: Meeting,
  question: MeetingQuestion,
  blocks: readonly KnownBlock[],
  replaces?: string,
): Promise<void> {
  const { channels, content } = unit.app;
  if (!channels.has("slack")) return;
  await unit.send([
    {
      to: `slack:${content.deployment.slack.inbox}`,
      text: `A question for ${escapeMrkdwn(meeting.title)}: ${escapeMrkdwn(question.text)}`,
      blocks,
      priority: PRIORITY.reply,
      kind: QUESTION_POST,
      ref: question.id,
      ...(replaces === undefined ? {} : { replaces }),
    },
  ]);
}

/** One that is answered, merged or set aside is done with; one on the list is still to be answered. */
const buttonsFor = ({ id, status }: MeetingQuestion) =>
  status === "new" || status === "listed"
    ? [
        button("meeting_answer", "Answer …", id, "primary"),
        ...(status === "new" ? [button("meeting_list", "Put on the list", id)] : []),
        button("meeting_merge", "Merge into another …", id),
        button("meeting_set_aside", "Set aside", id),
      ]
    : [];

const quote = ({ text }: MeetingQuestion): string =>
  escapeMrkdwn(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
