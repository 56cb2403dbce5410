import { escapeMrkdwn } from "#channels";
import { type BroadcastStep, stepBroadcast } from "#flows";
import {
  ALL_DRAWN_UP,
  cancelBatches,
  changeBroadcast,
  findBroadcast,
  lockBroadcast,
  may,
  pauseBatches,
  resumeBatches,
  type StaffMember,
} from "#storage";
import type { Unit } from "../unit.ts";
import { closeApprovalPost } from "./approval-post.ts";
import { letFollow } from "./canary.ts";
import { wakeDrawing } from "./draw-up.ts";
import { GONE, type Outcome, refused } from "./outcome.ts";
import { refreshProgress } from "./progress.ts";
import { moment, number } from "./words.ts";

export type Control = "pause" | "resume" | "cancel";

/** Pauses, resumes or cancels; the author may also cancel what was not approved yet. */
export async function controlBroadcast(
  unit: Unit,
  staff: StaffMember,
  id: string,
  control: Control,
): Promise<Outcome> {
  const { tx } = unit;
  const broadcast = await lockBroadcast(tx, id);
  if (!broadcast) return refused(GONE);
  if (!may(staff, "broadcasts.control"))
    return refused("Your roles do not allow pausing or cancelling broadcasts.");
  const drawing = broadcast.drawnUpTo !== ALL_DRAWN_UP;
  const taken: BroadcastStep = control === "resume" && drawing ? "resume_drawing" : control;
  const next = stepBroadcast(broadcast.status, taken);
  if (!next.ok) {
    // The buttons are older than the state: show how it stands.
    if (broadcast.startedAt) await refreshProgress(unit, broadcast);
    return refused(next.words);
  }
  const ended = control === "cancel";
  await changeBroadcast(tx, id, {
    status: next.state,
    ...(ended ? { finished: true } : {}),
    ...(control === "resume" ? { pausedBecause: null } : {}),
  });
  let words = { pause: "Paused.", resume: "It goes on.", cancel: "Cancelled." }[control];
  if (control === "pause") await pauseBatches(tx, id);
  if (control === "resume") {
    await resumeBatches(tx, id);
    // Staff have seen what became of the first few, and take the rest upon themselves.
    if (broadcast.pausedBecause !== null) await letFollow(unit, broadcast);
    for (const channel of broadcast.channels) unit.ring("outbox", channel);
    if (drawing) await wakeDrawing(unit, id);
  }
  const withheld = ended ? await cancelBatches(tx, id) : 0;
  if (withheld > 0) words = `Cancelled: ${number(withheld)} messages were not sent.`;
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: { pause: "broadcast.paused", resume: "broadcast.resumed", cancel: "broadcast.cancelled" }[
      control
    ],
    subject: `broadcast:${id}`,
    data: {
      from: broadcast.status,
      ...(ended ? { notSent: withheld } : {}),
      ...(broadcast.pausedBecause ? { pausedBecause: broadcast.pausedBecause } : {}),
    },
  });
  const changed = await findBroadcast(tx, id);
  if (!changed) return refused(GONE);
  if (broadcast.startedAt) await refreshProgress(unit, changed);
  else
    await closeApprovalPost(
      unit,
      changed,
      undefined,
      `:no_entry_sign: Cancelled by ${escapeMrkdwn(staff.name)}, ${moment(unit.now, unit.app.content.deployment)}.`,
    );
  return { ok: true, broadcast: changed, words };
}
