import {
  countAttendance,
  isLive,
  listReachable,
  lockMeeting,
  markMeetingEnded,
  type StaffMember,
  viewConsultations,
} from "#storage";
import { openConsultation } from "../consultation/index.ts";
import type { Unit } from "../unit.ts";
import { MAX_CAPACITY } from "./meeting.ts";
import { type Outcome, refused } from "./outcome.ts";
import { tell } from "./tell.ts";
import { turnoutOf, turnoutWords } from "./turnout.ts";

export interface Closing {
  /** People whom staff counted at the place. */
  readonly headCount?: number;
  /** The flow with which those who came are asked how it was. */
  readonly flow?: string;
}

const over = "It is over or cancelled already.";

/**
 * The meeting was held. Those who texted the code are thanked, and asked how it was where a flow is given: it is opened
 * as a consultation when none is open on it.
 */
export async function closeMeeting(
  unit: Unit,
  staff: StaffMember,
  id: string,
  { headCount, flow }: Closing,
): Promise<Outcome> {
  const meeting = await lockMeeting(unit.tx, id);
  if (!meeting) return refused("There is no such meeting.");
  if (!isLive(meeting)) return refused(over);
  if (
    headCount !== undefined &&
    !(Number.isInteger(headCount) && headCount >= 0 && headCount <= MAX_CAPACITY)
  )
    return refused("A whole number of people.", "head_count");
  const asks = flow === undefined ? undefined : await consultationOn(unit, staff, flow);
  if (asks && !asks.done) return refused(asks.words, "flow");
  await markMeetingEnded(unit.tx, id, "held", staff.id, headCount ?? null);
  const came = asks ? await listReachable(unit.tx, id, "here") : [];
  if (asks) await tell(unit, meeting, came, "meeting_thanks", { values: () => ({ keyword: asks.keyword }) });
  const turnout = turnoutOf(await countAttendance(unit.tx, id), headCount);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "meeting.closed",
    subject: `meeting:${id}`,
    data: { headCount: headCount ?? null, flow: flow ?? null, asked: came.length, turnout },
  });
  const outcome = turnoutWords(turnout, headCount);
  return {
    done: true,
    id,
    words: asks
      ? `"${meeting.title}" is closed. ${outcome} Asked how it was, of those who texted the code: ${came.length}.`
      : `"${meeting.title}" is closed. ${outcome}`,
  };
}

type Asks =
  | { readonly done: true; readonly keyword: string }
  | { readonly done: false; readonly words: string };

/** A keyword that leads to the flow: of the consultation that is open on it, else of a new one. */
async function consultationOn(unit: Unit, staff: StaffMember, flow: string): Promise<Asks> {
  const find = async () =>
    (await viewConsultations(unit.tx)).find((c) => c.flow === flow && c.status === "open")?.keywords[0];
  const known = await find();
  if (known !== undefined) return { done: true, keyword: known };
  const opened = await openConsultation(unit, staff, { flow });
  if (!opened.done) return { done: false, words: opened.words };
  return { done: true, keyword: (await find()) ?? "" };
}

/** It does not take place: everybody who comes or waits is told why. */
export async function cancelMeeting(
  unit: Unit,
  staff: StaffMember,
  id: string,
  reason: string,
): Promise<Outcome> {
  const meeting = await lockMeeting(unit.tx, id);
  if (!meeting) return refused("There is no such meeting.");
  if (!(await markMeetingEnded(unit.tx, id, "cancelled", staff.id))) return refused(over);
  const expected = await listReachable(unit.tx, id, "expected");
  await tell(unit, meeting, expected, "meeting_cancelled", { values: () => ({ reason }) });
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "meeting.cancelled",
    subject: `meeting:${id}`,
    data: { reason, told: expected.length },
  });
  return { done: true, id, words: `"${meeting.title}" is cancelled. People told: ${expected.length}.` };
}
