import {
  countSeats,
  listReachable,
  lockMeeting,
  type StaffMember,
  touchAttendees,
  updateMeeting,
} from "#storage";
import type { Unit } from "../unit.ts";
import { MAX_CAPACITY } from "./meeting.ts";
import { type Outcome, refused } from "./outcome.ts";
import { promote } from "./seats.ts";
import { tell } from "./tell.ts";
import { setTimers } from "./timers.ts";

/** What can be changed of a meeting that is planned. */
export interface Change {
  readonly startsAt: Date | undefined;
  readonly place: string;
  readonly capacity: number;
}

/**
 * Another place, another time or other seats. Everybody who comes or waits is told of the first two, and reminded by the
 * new time. `seen`: how it was when whoever changes it looked; when it has changed since, nothing is done.
 */
export async function changeMeeting(
  unit: Unit,
  staff: StaffMember,
  id: string,
  { startsAt, place, capacity }: Change,
  seen: string,
): Promise<Outcome> {
  const meeting = await lockMeeting(unit.tx, id);
  if (!meeting) return refused("There is no such meeting.");
  if (meeting.status !== "planned") return refused("It has begun, or is over or cancelled already.");
  if (asSeen(meeting) !== seen)
    return refused("Somebody else has changed it meanwhile. Open the form again to see how it is now.");
  // A form has no milliseconds.
  const unmoved = startsAt && secondsOf(startsAt) === secondsOf(new Date(meeting.startsAt));
  if (!startsAt || (!unmoved && startsAt <= unit.now))
    return refused("It has to begin in the future.", "starts_at");
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY)
    return refused(`A whole number of seats from 1 to ${MAX_CAPACITY}.`, "capacity");
  const taken = await countSeats(unit.tx, id);
  if (capacity < taken)
    return refused(`${taken} seats are promised to people already: no fewer than these.`, "capacity");
  const changed = {
    ...meeting,
    startsAt: unmoved ? meeting.startsAt : startsAt.toISOString(),
    place,
    capacity,
  };
  const news = !unmoved || place !== meeting.place;
  if (!news && capacity === meeting.capacity) return refused("Nothing has changed.");
  await updateMeeting(unit.tx, changed);
  if (!unmoved) await setTimers(unit, changed);
  const told = news ? await listReachable(unit.tx, id, "expected") : [];
  await tell(unit, changed, told, "meeting_moved");
  await touchAttendees(
    unit.tx,
    id,
    told.map(({ contactId }) => contactId),
    "prompted",
  );
  await promote(unit, changed);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "meeting.changed",
    subject: `meeting:${id}`,
    data: {
      from: { startsAt: meeting.startsAt, place: meeting.place, capacity: meeting.capacity },
      to: { startsAt: changed.startsAt, place, capacity },
      told: told.length,
    },
  });
  return {
    done: true,
    id,
    words: news
      ? `"${meeting.title}" is changed. People told: ${told.length}.`
      : `"${meeting.title}" has ${capacity} seats now.`,
  };
}

const secondsOf = (moment: Date): number => Math.floor(moment.getTime() / 1000);

/** How a meeting is, for {@link changeMeeting} to see whether it still is so. */
export const asSeen = ({
  startsAt,
  place,
  capacity,
}: {
  readonly startsAt: string;
  readonly place: string;
  readonly capacity: number;
}): string => JSON.stringify([startsAt, place, capacity]);
