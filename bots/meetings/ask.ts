import {
  addQuestion,
  addVote,
  countQuestionsOf,
  findListed,
  findQuestion,
  listQuestions,
  type Meeting,
  touchAttendees,
} from "#storage";
import { type Heard, languageOf } from "../citizen/hearing.ts";
import { senderOf } from "../citizen/inbox.ts";
import { MAX_QUESTION, MAX_QUESTIONS } from "./meeting.ts";
import { sentQuestions } from "./question-lines.ts";
import { postQuestion } from "./question-post.ts";
import { reply } from "./reply.ts";

/** A person asks: a moderator sees it in Slack. The meeting is locked. */
export async function askQuestion(heard: Heard, meeting: Meeting, words: string): Promise<void> {
  const { unit, contact, message } = heard;
  await touchAttendees(unit.tx, meeting.id, [contact.id]);
  if ((await countQuestionsOf(unit.tx, meeting.id, contact.id)) >= MAX_QUESTIONS)
    return reply(heard, meeting, "meeting_question_limit", { most: MAX_QUESTIONS });
  const id = unit.app.newId();
  await addQuestion(unit.tx, {
    id,
    meetingId: meeting.id,
    contactId: contact.id,
    text: words.slice(0, MAX_QUESTION).toWellFormed(),
    language: languageOf(heard),
  });
  const question = await findQuestion(unit.tx, id);
  if (question) await postQuestion(unit, meeting, question, senderOf(unit, contact, message.address));
  return reply(heard, meeting, "meeting_question_received");
}

/** A person wants a question asked that stands on the list; once. The meeting is locked. */
export async function vote(heard: Heard, meeting: Meeting, number: number): Promise<void> {
  const { unit, contact } = heard;
  await touchAttendees(unit.tx, meeting.id, [contact.id]);
  const question = await findListed(unit.tx, meeting.id, number);
  if (!question) return reply(heard, meeting, "meeting_no_question", { number });
  const counted = await addVote(unit.tx, question.id, contact.id);
  return counted
    ? reply(heard, meeting, "meeting_voted", { number, votes: question.votes + 1 })
    : reply(heard, meeting, "meeting_voted_already", { number });
}

/** What a person can vote on. */
export async function sayQuestions(heard: Heard, meeting: Meeting): Promise<void> {
  const { tx } = heard.unit;
  await touchAttendees(tx, meeting.id, [heard.contact.id]);
  const listed = await listQuestions(tx, meeting.id, "listed");
  return listed.length === 0
    ? reply(heard, meeting, "meeting_no_questions")
    : reply(heard, meeting, "meeting_questions", { questions: sentQuestions(listed) });
}
