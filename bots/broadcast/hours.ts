import { type MessageClass, type SendingHours, sendingHours } from "#flows";
import { type Broadcast, changeBroadcast, lockBroadcast, nextEpoch, type Timer } from "#storage";
import type { Unit } from "../unit.ts";

export const HOURS_TIMER = "broadcast_hours";

/** The hours that it is within, or the next ones; null: it may be sent at any time. */
export function hoursOf(
  { app, now }: Pick<Unit, "app" | "now">,
  messageClass: MessageClass,
): SendingHours | null {
  const { timezone, quietHours, sending } = app.content.deployment;
  const rules = { timezone, quietHours, publicHolidays: sending.publicHolidays };
  return sendingHours(messageClass, now.toISOString(), rules) ?? null;
}

/** Sets the hours in which it may be sent, and the timer for those that follow. Claims look at the hours themselves. */
export async function setHours(unit: Unit, { id, messageClass }: Broadcast): Promise<SendingHours | null> {
  const hours = hoursOf(unit, messageClass);
  await changeBroadcast(unit.tx, id, { hours });
  if (hours)
    await unit.wake({
      kind: HOURS_TIMER,
      ref: id,
      epoch: await nextEpoch(unit.tx, HOURS_TIMER, id),
      dueAt: new Date(hours.to),
    });
  return hours;
}

/** Timer `broadcast_hours`: they are over, the next ones are set. */
export async function hoursTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast || broadcast.finishedAt !== null) return;
  await setHours(unit, broadcast);
  for (const channel of broadcast.channels) unit.ring("outbox", channel);
}

/** Until when nothing of it is handed over; undefined: it is within its hours, or has none. */
export const waitsUntil = ({ now }: Pick<Unit, "now">, { sendsFrom }: Broadcast): string | undefined =>
  sendsFrom !== null && now < new Date(sendsFrom) ? sendsFrom : undefined;
