import { escapeMrkdwn } from "#channels";
import {
  isLive,
  listQuestions,
  listReachable,
  lockMeeting,
  type Meeting,
  markMeetingOpen,
  PRIORITY,
  touchAttendees,
} from "#storage";
import type { Deployment } from "#templates";
import { isQuiet } from "../citizen/remind.ts";
import { section } from "../staff/views.ts";
import type { TimerHandler } from "../timers.ts";
import type { Unit } from "../unit.ts";
import { questionLines } from "./question-lines.ts";
import { tell } from "./tell.ts";

export const MEETING_REMINDER = "meeting_reminder";
export const MEETING_OPEN = "meeting_open";

const HOUR_MS = 3_600_000;
/** How long before it begins. */
const REMIND_MS = [24 * HOUR_MS, 2 * HOUR_MS] as const;
const OPEN_MS = HOUR_MS / 2;
/** Quiet hours are looked at in such steps. */
const STEP_MS = 15 * 60_000;

/** Sets the reminders that are still to come, and the beginning. */
export async function setTimers(unit: Unit, { id, startsAt }: Meeting): Promise<void> {
  const begins = Date.parse(startsAt);
  for (const [epoch, before] of REMIND_MS.entries()) {
    const dueAt = notQuiet(begins - before, begins, unit.app.content.deployment);
    if (dueAt && dueAt > unit.now) await unit.wake({ kind: MEETING_REMINDER, ref: id, epoch, dueAt });
  }
  await unit.wake({ kind: MEETING_OPEN, ref: id, epoch: 0, dueAt: new Date(begins - OPEN_MS) });
}

/** The first moment from `at` on outside the quiet hours; undefined when there is none before `end`. */
function notQuiet(at: number, end: number, deployment: Deployment): Date | undefined {
  for (let moment = at; moment < end; moment += STEP_MS)
    if (!isQuiet(new Date(moment), deployment)) return new Date(moment);
  return undefined;
}

/** Reminds everybody who comes. What could not be sent in time, since nothing ran, waits for the end of quiet hours. */
const remind: TimerHandler = async (unit, { ref, epoch }) => {
  const meeting = await lockMeeting(unit.tx, ref);
  const begins = Date.parse(meeting?.startsAt ?? "");
  if (!meeting || !isLive(meeting) || unit.now.getTime() >= begins) return;
  const dueAt = notQuiet(unit.now.getTime(), begins, unit.app.content.deployment);
  if (dueAt && dueAt > unit.now)
    return unit.wake({ kind: MEETING_REMINDER, ref, epoch: epoch + REMIND_MS.length, dueAt });
  if (!dueAt) return;
  const coming = await listReachable(unit.tx, ref, "coming");
  await touchAttendees(
    unit.tx,
    ref,
    coming.map(({ contactId }) => contactId),
    "prompted",
  );
  await tell(unit, meeting, coming, "meeting_reminder", { values: ({ people }) => ({ people }) });
};

/** Half an hour before: people can say that they are there, and staff read what to show at the place. */
const open: TimerHandler = async (unit, { ref }) => {
  await openMeeting(unit, ref, "system");
};

/** It begins, by `actor`; false when it was not planned any more. */
export async function openMeeting(unit: Unit, id: string, actor: string): Promise<boolean> {
  const meeting = await lockMeeting(unit.tx, id);
  if (!meeting || !isLive(meeting) || !(await markMeetingOpen(unit.tx, id))) return false;
  await unit.audit({ actor, action: "meeting.opened", subject: `meeting:${id}` });
  const { channels, content } = unit.app;
  if (!channels.has("slack")) return true;
  const title = escapeMrkdwn(meeting.title);
  const listed = await listQuestions(unit.tx, id, "listed");
  await unit.send([
    {
      to: `slack:${content.deployment.slack.inbox}`,
      text: `${title} begins. Show at the place: HERE ${meeting.code}`,
      blocks: [
        section(`*${title}* begins. Show at the place: people who are there text \`HERE ${meeting.code}\`.`),
        section(listed.length > 0 ? questionLines(listed) : "No question is on the list yet."),
      ],
      priority: PRIORITY.reply,
      kind: "notice",
      ref: id,
    },
  ]);
  return true;
}

export const meetingTimers: Readonly<Record<string, TimerHandler>> = {
  [MEETING_REMINDER]: remind,
  [MEETING_OPEN]: open,
};
