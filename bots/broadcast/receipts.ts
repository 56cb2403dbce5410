import { giveUpReceiptsOf, lockBroadcast, nextEpoch, type Timer } from "#storage";
import type { Unit } from "../unit.ts";
import { refreshProgress } from "./progress.ts";

export const RECEIPTS_TIMER = "broadcast_receipts";

/** Sets the next look at receipts that do not come: once as long as a carrier may take for one. */
export async function watchReceipts(unit: Unit, id: string): Promise<void> {
  const hours = unit.app.content.deployment.sending.receiptHours;
  await unit.wake({
    kind: RECEIPTS_TIMER,
    ref: id,
    epoch: await nextEpoch(unit.tx, RECEIPTS_TIMER, id),
    dueAt: new Date(unit.now.getTime() + hours * 3600_000 + 60_000),
  });
}

/** Timer `broadcast_receipts`: what the carrier has not spoken of in time counts as without a receipt. */
export async function receiptsTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast) return;
  const hours = unit.app.content.deployment.sending.receiptHours;
  const given = await giveUpReceiptsOf(unit.tx, broadcast.id, hours);
  if (given > 0) await refreshProgress(unit, broadcast);
  const over =
    broadcast.finishedAt !== null && unit.now.getTime() - Date.parse(broadcast.finishedAt) > hours * 3600_000;
  if (!over) await watchReceipts(unit, broadcast.id);
}
