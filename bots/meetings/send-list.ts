import {
  isLive,
  listQuestions,
  listReachable,
  lockMeeting,
  type StaffMember,
  touchAttendees,
} from "#storage";
import type { Unit } from "../unit.ts";
import { type Outcome, refused } from "./outcome.ts";
import { sentQuestions } from "./question-lines.ts";
import { tell } from "./tell.ts";

/** Sends the list to everybody who comes or waits, so that they can vote on it. */
export async function sendList(unit: Unit, staff: StaffMember, id: string): Promise<Outcome> {
  const meeting = await lockMeeting(unit.tx, id);
  if (!meeting || !isLive(meeting)) return refused("It is over or cancelled already.");
  const listed = await listQuestions(unit.tx, id, "listed");
  if (listed.length === 0) return refused("No question is on the list yet.");
  const expected = await listReachable(unit.tx, id, "expected");
  const questions = sentQuestions(listed);
  await tell(unit, meeting, expected, "meeting_questions", { values: () => ({ questions }) });
  await touchAttendees(
    unit.tx,
    id,
    expected.map(({ contactId }) => contactId),
  );
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "meeting.list_sent",
    subject: `meeting:${id}`,
    data: { questions: listed.length, told: expected.length },
  });
  return { done: true, id, words: `The list is on its way to ${expected.length}.` };
}
