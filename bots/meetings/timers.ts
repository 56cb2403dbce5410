import { escapeMrkdwn } from "#channels";
import {
  isLive,
  listQuestions,
  listReachable,
  lockMeeting,
  type Meeting,
  markMeetingOpen,
  nextTimerEpoch,
  PRIORITY,
  touchAttendees,
} from "#storage";
import { firstLoud, isQuiet, zoneOf } from "../quiet-hours.ts";
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

/** What a timer of a meeting knows. */
interface TimerData {
  /** When the meeting was to begin as this was set: one that has been moved since has other timers. */
  readonly startsAt?: string;
  /** Whose quiet hours it was before: the others have been reminded. */
  readonly zones?: readonly string[];
}

/** Sets the reminders that are still to come, and the beginning: for a new meeting, and for one that was moved. */
export async function setTimers(unit: Unit, meeting: Meeting): Promise<void> {
  const begins = Date.parse(meeting.startsAt);
  const now = unit.now.getTime();
  const { deployment } = unit.app.content;
  for (const before of REMIND_MS) {
    const at = begins - before;
    const due = at > now ? at : firstLoud(at, begins, deployment.timezone, deployment);
    if (due !== undefined && due > now) await wake(unit, MEETING_REMINDER, meeting, due);
  }
  if (meeting.status === "planned") await wake(unit, MEETING_OPEN, meeting, begins - OPEN_MS);
}

/** The meeting is locked: nobody else takes the same epoch. */
async function wake(
  unit: Unit,
  kind: string,
  { id, startsAt }: Meeting,
  due: number,
  more: TimerData = {},
): Promise<void> {
  const epoch = await nextTimerEpoch(unit.tx, kind, id);
  await unit.wake({ kind, ref: id, epoch, dueAt: new Date(due), data: { startsAt, ...more } });
}

const wasMoved = ({ startsAt }: Meeting, data: TimerData): boolean =>
  data.startsAt !== undefined && data.startsAt !== startsAt;

/** Reminds everybody who comes, those in whose zone it is a quiet hour at the end of it. */
const remind: TimerHandler = async (unit, { ref, data }) => {
  const meeting = await lockMeeting(unit.tx, ref);
  const now = unit.now.getTime();
  if (!meeting || !isLive(meeting) || wasMoved(meeting, data) || now >= Date.parse(meeting.startsAt)) return;
  const { deployment } = unit.app.content;
  const { zones } = data as TimerData;
  const isQuietIn = (zone: string): boolean => isQuiet(unit.now, zone, deployment);
  const coming = (await listReachable(unit.tx, ref, "coming"))
    .map((person) => ({ ...person, zone: zoneOf(person, deployment) }))
    .filter(({ zone }) => zones === undefined || zones.includes(zone));
  const awake = coming.filter(({ zone }) => !isQuietIn(zone));
  // The municipality's own also where nobody has said yet that they come: they may before the morning.
  const asleep = new Set(
    (zones ?? [deployment.timezone, ...coming.map(({ zone }) => zone)]).filter(isQuietIn),
  );
  await goOnLater(unit, meeting, asleep);
  await touchAttendees(
    unit.tx,
    ref,
    awake.map(({ contactId }) => contactId),
    "prompted",
  );
  await tell(unit, meeting, awake, "meeting_reminder", { values: ({ people }) => ({ people }) });
};

/** At the end of the first of these zones' quiet hours that ends before the meeting begins. */
async function goOnLater(unit: Unit, meeting: Meeting, zones: ReadonlySet<string>): Promise<void> {
  const begins = Date.parse(meeting.startsAt);
  const moments = [...zones].flatMap((zone) => {
    const moment = firstLoud(unit.now.getTime(), begins, zone, unit.app.content.deployment);
    return moment === undefined ? [] : [{ zone, moment }];
  });
  if (moments.length === 0) return;
  const due = Math.min(...moments.map(({ moment }) => moment));
  await wake(unit, MEETING_REMINDER, meeting, due, { zones: moments.map(({ zone }) => zone) });
}

/** Half an hour before: people can say that they are there, and staff read what to show at the place. */
const open: TimerHandler = async (unit, { ref, data }) => {
  const meeting = await lockMeeting(unit.tx, ref);
  if (meeting && !wasMoved(meeting, data)) await openMeeting(unit, ref, "system");
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
