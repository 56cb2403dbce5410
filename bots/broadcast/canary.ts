import { canaryShare, judgeCanary, stepBroadcast } from "#flows";
import {
  type Broadcast,
  changeBroadcast,
  countFirstFew,
  lockBroadcast,
  nextEpoch,
  pauseBatches,
  releaseHeldBatches,
  type Timer,
} from "#storage";
import type { Unit } from "../unit.ts";
import { waitsUntil } from "./hours.ts";
import { refreshProgress } from "./progress.ts";

export const CANARY_TIMER = "broadcast_canary";
/** How often the first few are looked at. */
const LOOK_MS = 3_000;
/** … while it is paused or waits for its hours. */
const IDLE_LOOK_MS = 30_000;

interface Kept {
  /** ISO 8601: when the first of them was seen to be on its way. */
  readonly since?: string;
}

/** Of ten thousand recipients, how many go first; null: all go at once. An emergency waits for nobody. */
export function canaryOf(
  { app }: Pick<Unit, "app">,
  { messageClass }: Broadcast,
  recipients: number,
): number | null {
  const share = canaryShare(recipients, app.content.deployment.sending.canary);
  return messageClass === "emergency" || share === 0 ? null : share;
}

export async function watchCanary(unit: Unit, id: string, data: Kept = {}, inMs = LOOK_MS): Promise<void> {
  await unit.wake({
    kind: CANARY_TIMER,
    ref: id,
    epoch: await nextEpoch(unit.tx, CANARY_TIMER, id),
    dueAt: new Date(unit.now.getTime() + inMs),
    data,
  });
}

/** Timer `broadcast_canary`: lets the rest follow, goes on waiting, or pauses it and says why. */
export async function canaryTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast || broadcast.canary === null || broadcast.finishedAt !== null) return;
  if ((await nextEpoch(unit.tx, timer.kind, timer.ref)) > timer.epoch + 1) return;
  const { id } = broadcast;
  const counts = await countFirstFew(unit.tx, id);
  const { since: kept } = timer.data as Kept;
  const since = kept ?? (counts.begun > 0 ? unit.now.toISOString() : undefined);
  // While it is paused, drawn up or waits for its hours nothing is decided.
  if (broadcast.status !== "sending" || waitsUntil(unit, broadcast) !== undefined)
    return watchCanary(
      unit,
      id,
      since ? { since } : {},
      broadcast.status === "drawing_up" ? LOOK_MS : IDLE_LOOK_MS,
    );
  const waitedMs = since ? unit.now.getTime() - Date.parse(since) : 0;
  const verdict = judgeCanary({ ...counts, waitedMs }, unit.app.content.deployment.sending.canary);
  if (counts.begun === 0 && !counts.through) return watchCanary(unit, id);
  if (verdict.kind === "wait") return watchCanary(unit, id, since ? { since } : {});
  if (verdict.kind === "go") {
    await letFollow(unit, broadcast);
    await unit.audit({
      actor: "system",
      action: "broadcast.canary_passed",
      subject: `broadcast:${id}`,
      data: counts,
    });
    return;
  }
  const paused = stepBroadcast(broadcast.status, "pause");
  if (!paused.ok) return;
  await changeBroadcast(unit.tx, id, { status: paused.state, pausedBecause: verdict.words });
  await pauseBatches(unit.tx, id);
  await unit.audit({
    actor: "system",
    action: "broadcast.canary_stopped",
    subject: `broadcast:${id}`,
    data: { ...counts, because: verdict.words },
  });
  await refreshProgress(unit, { ...broadcast, status: paused.state, pausedBecause: verdict.words });
}

/** The rest goes out: the first few did well, or staff have looked at what became of them. */
export async function letFollow(unit: Unit, { id, channels }: Broadcast): Promise<void> {
  await changeBroadcast(unit.tx, id, { canary: null });
  await releaseHeldBatches(unit.tx, id);
  for (const channel of channels) unit.ring("outbox", channel);
}
