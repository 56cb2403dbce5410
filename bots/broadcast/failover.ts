import {
  type Broadcast,
  type FailoverRule,
  failOver,
  lockBroadcast,
  mayFailOver,
  nextEpoch,
  type Timer,
  takeBackFailovers,
} from "#storage";
import type { Unit } from "../unit.ts";

export const FAILOVER_TIMER = "broadcast_failover";
const LOOK_MS = 15_000;
/** While there are more than fit one batch. */
const MORE_MS = 200;
/** Batches of one look. */
const AT_ONCE = 20;

/** The rules that apply to it: an approval covers both channels, so neither is used without it. */
export const failoversOf = (
  { app }: Pick<Unit, "app">,
  { channels }: Pick<Broadcast, "channels">,
): readonly FailoverRule[] =>
  app.content.deployment.sending.failover.filter(
    ({ from, to }) => channels.includes(from) && channels.includes(to),
  );

export async function watchFailover(unit: Unit, id: string, inMs = LOOK_MS): Promise<void> {
  await unit.wake({
    kind: FAILOVER_TIMER,
    ref: id,
    epoch: await nextEpoch(unit.tx, FAILOVER_TIMER, id),
    dueAt: new Date(unit.now.getTime() + inMs),
  });
}

/** Timer `broadcast_failover`: who has not received it on one channel gets it on the other, once. */
export async function failoverTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast || broadcast.finishedAt !== null) return;
  if ((await nextEpoch(unit.tx, timer.kind, timer.ref)) > timer.epoch + 1) return;
  const { id, status } = broadcast;
  await takeBackFailovers(unit.tx, id);
  let more = false;
  if (status === "sending" || status === "drawing_up")
    for (const rule of failoversOf(unit, broadcast)) {
      let moved = 0;
      for (let batch = 0; batch < AT_ONCE; batch++) {
        const now = await failOver(unit.tx, id, rule);
        moved += now;
        if (now === 0) break;
        more = batch === AT_ONCE - 1;
      }
      if (moved === 0) continue;
      unit.ring("outbox", rule.to);
      await unit.audit({
        actor: "system",
        action: "broadcast.failed_over",
        subject: `broadcast:${id}`,
        data: { ...rule, people: moved },
      });
    }
  await watchFailover(unit, id, more ? MORE_MS : LOOK_MS);
}

/** Whether people may still be sent it on another channel: it is not over before. */
export async function awaitsFailover(unit: Unit, broadcast: Broadcast): Promise<boolean> {
  for (const rule of failoversOf(unit, broadcast))
    if (await mayFailOver(unit.tx, broadcast.id, rule)) return true;
  return false;
}
