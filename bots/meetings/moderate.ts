import { escapeMrkdwn } from "#channels";
import {
  answerQuestion,
  findQuestion,
  isLive,
  listAskers,
  listQuestion,
  lockMeeting,
  type Meeting,
  type MeetingQuestion,
  mergeQuestion,
  PRIORITY,
  type StaffMember,
  setQuestionAside,
} from "#storage";
import type { Unit } from "../unit.ts";
import { type Outcome, refused } from "./outcome.ts";
import { repostQuestion } from "./question-post.ts";
import { tell } from "./tell.ts";

interface Open {
  readonly meeting: Meeting;
  readonly question: MeetingQuestion;
}

/** A question on which something can still be decided, with its meeting locked; else why not, in words. */
async function opened(unit: Unit, id: string): Promise<Open | string> {
  const known = await findQuestion(unit.tx, id);
  const meeting = known && (await lockMeeting(unit.tx, known.meetingId));
  // Somebody may have decided while this waited for the lock.
  const question = meeting && (await findQuestion(unit.tx, id));
  if (!meeting || !question) return "There is no such question any more.";
  if (question.status !== "new" && question.status !== "listed")
    return `It is ${DONE[question.status]} already.`;
  return { meeting, question };
}

const DONE = { answered: "answered", merged: "merged into another", set_aside: "set aside" } as const;

/** The answer goes to everybody who asked it, in whichever words. Also after the meeting. */
export async function answer(unit: Unit, staff: StaffMember, id: string, words: string): Promise<Outcome> {
  const open = await opened(unit, id);
  if (typeof open === "string") return refused(open);
  const { meeting, question } = open;
  const askers = await listAskers(unit.tx, id);
  if (askers.length === 0)
    return refused("Whoever asked it said STOP: nothing can be sent before they write START.");
  await answerQuestion(unit.tx, id, words, staff.id);
  await tell(unit, meeting, askers, "meeting_answer", {
    values: () => ({ answer: words }),
    priority: PRIORITY.reply,
  });
  await decided(
    unit,
    staff,
    open,
    "answered",
    `Answered by ${escapeMrkdwn(staff.name)}: ${escapeMrkdwn(words)}`,
  );
  return {
    done: true,
    id,
    words: `On its way to ${askers.length === 1 ? "who" : `the ${askers.length} who`} asked "${question.text}".`,
  };
}

/** It gets the next number; who asked it is told, so that they can have others vote for it. */
export async function putOnList(unit: Unit, staff: StaffMember, id: string): Promise<Outcome> {
  const open = await opened(unit, id);
  if (typeof open === "string") return refused(open);
  const { meeting, question } = open;
  if (question.status === "listed") return refused(`It is number ${question.number} on the list already.`);
  if (!isLive(meeting)) return refused("The meeting is over. It can still be answered.");
  await listQuestion(unit.tx, question, staff.id);
  const number = (await findQuestion(unit.tx, id))?.number ?? 0;
  await tell(unit, meeting, await listAskers(unit.tx, id), "meeting_question_listed", {
    values: () => ({ number }),
    priority: PRIORITY.reply,
  });
  await decided(unit, staff, open, "listed", `Number ${number} on the list, by ${escapeMrkdwn(staff.name)}`);
  return { done: true, id, words: `It is number ${number} on the list.` };
}

/** Two that ask the same become one, with the votes of both. */
export async function merge(unit: Unit, staff: StaffMember, id: string, into: string): Promise<Outcome> {
  const open = await opened(unit, id);
  if (typeof open === "string") return refused(open);
  const { meeting } = open;
  const target = await findQuestion(unit.tx, into);
  if (
    !target ||
    target.id === id ||
    target.meetingId !== meeting.id ||
    (target.status !== "new" && target.status !== "listed")
  )
    return refused("The other question cannot take it any more.");
  const askers = await listAskers(unit.tx, id);
  await mergeQuestion(unit.tx, id, into, staff.id);
  const { number } = target;
  if (number !== null)
    await tell(unit, meeting, askers, "meeting_question_listed", {
      values: () => ({ number }),
      priority: PRIORITY.reply,
    });
  await decided(
    unit,
    staff,
    open,
    "merged",
    `Merged by ${escapeMrkdwn(staff.name)} into: ${escapeMrkdwn(target.text)}`,
    { into },
  );
  return { done: true, id, words: "Merged. Whoever asked it gets the answer to the other." };
}

/** Nothing becomes of it, and nobody is told. */
export async function setAside(unit: Unit, staff: StaffMember, id: string): Promise<Outcome> {
  const open = await opened(unit, id);
  if (typeof open === "string") return refused(open);
  await setQuestionAside(unit.tx, id, staff.id);
  await decided(unit, staff, open, "set_aside", `Set aside by ${escapeMrkdwn(staff.name)}`);
  return { done: true, id, words: "It is set aside. Nobody is told." };
}

/** The post shows it, and the audit log keeps it. */
async function decided(
  unit: Unit,
  staff: StaffMember,
  { meeting, question }: Open,
  what: "answered" | "listed" | "merged" | "set_aside",
  words: string,
  data: object = {},
): Promise<void> {
  const now = await findQuestion(unit.tx, question.id);
  if (now) await repostQuestion(unit, meeting, now, words);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: `meeting.question_${what}`,
    subject: `meeting:${meeting.id}`,
    data: { question: question.id, ...data },
  });
}
