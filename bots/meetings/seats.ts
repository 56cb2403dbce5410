import {
  countSeats,
  findAttendee,
  isLive,
  type Meeting,
  PRIORITY,
  promoteFirst,
  saveAttendee,
} from "#storage";
import type { MessageKey } from "#templates";
import type { Heard } from "../citizen/hearing.ts";
import type { Unit } from "../unit.ts";
import { MAX_PEOPLE } from "./meeting.ts";
import { askNeeds } from "./needs.ts";
import { reply } from "./reply.ts";
import { tell } from "./tell.ts";

/**
 * A person comes, with so many; the meeting is locked. Who has seats and wants more than there are keeps those; who has
 * none goes on the waiting list.
 */
export async function come(heard: Heard, meeting: Meeting, people: number): Promise<void> {
  const { unit, contact } = heard;
  const most = Math.min(MAX_PEOPLE, meeting.capacity);
  if (people > most) return reply(heard, meeting, "meeting_too_many", { most });
  const before = await findAttendee(unit.tx, meeting.id, contact.id);
  const kept = before?.status === "coming" ? before.people : 0;
  const free = meeting.capacity - (await countSeats(unit.tx, meeting.id));
  if (people <= free + kept) {
    await askNeeds(heard, meeting, before);
    await saveAttendee(unit.tx, meeting.id, contact.id, { status: "coming", people, prompted: false });
    await reply(heard, meeting, "meeting_coming", { people });
    return promote(unit, meeting);
  }
  if (kept > 0) return reply(heard, meeting, "meeting_no_room", { people: kept, free });
  await askNeeds(heard, meeting, before);
  await saveAttendee(unit.tx, meeting.id, contact.id, { status: "waiting", people, prompted: false });
  const after = await findAttendee(unit.tx, meeting.id, contact.id);
  return reply(heard, meeting, "meeting_waiting", { people, position: after?.place ?? 1 });
}

/** A person does not come, or not any more; the meeting is locked. */
export async function stayAway(heard: Heard, meeting: Meeting): Promise<void> {
  const { unit, contact } = heard;
  await saveAttendee(unit.tx, meeting.id, contact.id, { status: "declined", people: 1, prompted: false });
  await reply(heard, meeting, "meeting_declined");
  await promote(unit, meeting);
}

/** Seats that came free go to the first who fit; the meeting is locked. Who said STOP cannot be told, and waits on. */
export async function promote(unit: Unit, meeting: Meeting): Promise<void> {
  if (!isLive(meeting)) return;
  let free = meeting.capacity - (await countSeats(unit.tx, meeting.id));
  while (free > 0) {
    const next = await promoteFirst(unit.tx, meeting.id, free);
    if (!next) return;
    free -= next.people;
    await tell(unit, meeting, [next], "meeting_promoted", {
      values: ({ people }) => ({ people }),
      priority: PRIORITY.reply,
    });
  }
}

/** What a person said of it before, or the question whether they come. */
export async function invite(heard: Heard, meeting: Meeting): Promise<void> {
  const { unit, contact } = heard;
  const before = await findAttendee(unit.tx, meeting.id, contact.id);
  const known = before && KNOWN[before.status];
  const { people = 1, place } = before ?? {};
  await saveAttendee(unit.tx, meeting.id, contact.id, {
    status: known ? (before?.status ?? "asked") : "asked",
    people,
    prompted: true,
  });
  await reply(heard, meeting, known ?? "meeting_invitation", { people, position: place ?? 1 });
}

const KNOWN: Readonly<Record<string, MessageKey | undefined>> = {
  coming: "meeting_coming",
  waiting: "meeting_waiting",
};
