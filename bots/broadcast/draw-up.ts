import { needsNewApproval, stepBroadcast } from "#flows";
import {
  ALL_DRAWN_UP,
  type AudienceCount,
  type Broadcast,
  cancelBatches,
  changeBroadcast,
  drawUpAudience,
  findStaff,
  lockBroadcast,
  nextEpoch,
  type Timer,
  timesReturned,
} from "#storage";
import type { Unit } from "../unit.ts";
import { closeApprovalPost, postForApproval } from "./approval-post.ts";
import { standingOf } from "./approvals.ts";
import { canaryOf, watchCanary } from "./canary.ts";
import { hashOf } from "./content-hash.ts";
import { reread } from "./decide.ts";
import { capOf, reachOf } from "./estimate.ts";
import { failoversOf, watchFailover } from "./failover.ts";
import { setHours } from "./hours.ts";
import { refreshProgress, startProgress } from "./progress.ts";
import { addressedBy } from "./reach.ts";
import { watchReceipts } from "./receipts.ts";
import { people } from "./words.ts";

/** Timer `broadcast`: its time has come, the next chunk is to be drawn up, or its usefulness is over. */
export async function broadcastTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast) return;
  const { do: what, hash } = timer.data as { do?: string; hash?: string };
  if (isOver(unit, broadcast)) return expire(unit, broadcast);
  if (what === "start" && hash === broadcast.contentHash) return startSending(unit, broadcast);
  if (what === "draw") return drawChunk(unit, broadcast);
}

const isOver = ({ now }: Unit, { expiresAt }: Broadcast): boolean =>
  expiresAt !== null && now >= new Date(expiresAt);

/** Counts again, and asks again when the audience has changed much since the approval. */
async function startSending(unit: Unit, broadcast: Broadcast): Promise<void> {
  const started = stepBroadcast(broadcast.status, "start");
  if (!started.ok) return;
  const reach = await reachOf(unit, broadcast);
  if (needsNewApproval(broadcast.expectedRecipients, reach.count.recipients)) {
    await askAgain(unit, broadcast, reach);
    return;
  }
  const canary = canaryOf(unit, broadcast, reach.count.recipients);
  await changeBroadcast(unit.tx, broadcast.id, { status: started.state, started: true, canary });
  await setHours(unit, broadcast);
  if (canary !== null) await watchCanary(unit, broadcast.id);
  if (failoversOf(unit, broadcast).length > 0) await watchFailover(unit, broadcast.id);
  await watchReceipts(unit, broadcast.id);
  await unit.audit({
    actor: "system",
    action: "broadcast.started",
    subject: `broadcast:${broadcast.id}`,
    data: {
      hash: broadcast.contentHash,
      recipients: reach.count.recipients,
      leftOut: { ...leftOut(reach.count), capped: reach.capped },
      ...(broadcast.messageClass === "emergency"
        ? { exempt: "hours, caps and the first few do not hold for an emergency" }
        : {}),
    },
  });
  await startProgress(unit, await reread(unit, broadcast.id));
  await wakeDrawing(unit, broadcast.id);
}

/** Those of the audience for whom there will be no message, by why. */
const leftOut = ({
  optedOut,
  unreachable,
  outsideWindow,
}: AudienceCount): Readonly<Record<string, number>> => ({
  optedOut,
  unreachable,
  outsideWindow,
});

async function askAgain(
  unit: Unit,
  broadcast: Broadcast,
  reach: Awaited<ReturnType<typeof reachOf>>,
): Promise<void> {
  const { recipients } = reach.count;
  const note = `It was approved for ${people(broadcast.expectedRecipients)}; the audience has ${people(recipients)} now.`;
  const expectedRecipients = recipients;
  const contentHash = hashOf(
    broadcast.id,
    { ...broadcast, expectedRecipients },
    await timesReturned(unit.tx, broadcast.id),
  );
  const again = stepBroadcast(broadcast.status, "ask_again");
  if (!again.ok) return;
  await changeBroadcast(unit.tx, broadcast.id, { status: again.state, expectedRecipients, contentHash });
  await unit.audit({
    actor: "system",
    action: "broadcast.approval_void",
    subject: `broadcast:${broadcast.id}`,
    data: { approved: broadcast.expectedRecipients, counted: recipients },
  });
  await closeApprovalPost(
    unit,
    broadcast,
    undefined,
    `:warning: The approval is void. ${note} It is asked for again below.`,
  );
  const author = await findStaff(unit.tx, broadcast.createdBy);
  const asked = { ...broadcast, status: again.state, expectedRecipients, contentHash };
  await postForApproval(unit, asked, await standingOf(unit, asked, reach), author?.name ?? "", note);
}

/** One chunk, in the transaction that also keeps how far it came: a crash repeats nothing and misses nothing. */
async function drawChunk(unit: Unit, broadcast: Broadcast): Promise<void> {
  if (broadcast.status !== "drawing_up") return;
  const capped = await capOf(unit.tx, broadcast.messageClass, unit.app.content, broadcast.id);
  const drawn = await drawUpAudience(
    unit.tx,
    {
      ...addressedBy(broadcast, unit.app.content),
      ...(capped ? { capped } : {}),
      kind: "broadcast",
      ref: broadcast.id,
      priority: broadcast.priority,
      onDoubt: "hold",
      canary: broadcast.canary ?? 0,
      ...(broadcast.expiresAt ? { expiresAt: broadcast.expiresAt } : {}),
    },
    broadcast.drawnUpTo ?? undefined,
  );
  for (const channel of drawn.channels) unit.ring("outbox", channel);
  if (drawn.next !== undefined) {
    await changeBroadcast(unit.tx, broadcast.id, { drawnUpTo: drawn.next });
    await wakeDrawing(unit, broadcast.id);
    return;
  }
  const step = stepBroadcast(broadcast.status, "drawn");
  await changeBroadcast(unit.tx, broadcast.id, {
    drawnUpTo: ALL_DRAWN_UP,
    ...(step.ok ? { status: step.state } : {}),
  });
}

export async function wakeDrawing(unit: Unit, id: string): Promise<void> {
  await unit.wake({
    kind: "broadcast",
    ref: id,
    epoch: await nextEpoch(unit.tx, "broadcast", id),
    dueAt: unit.now,
    data: { do: "draw" },
  });
}

async function expire(unit: Unit, broadcast: Broadcast): Promise<void> {
  const expired = stepBroadcast(broadcast.status, "expire");
  if (!expired.ok) return;
  const waiting = await cancelBatches(unit.tx, broadcast.id);
  await changeBroadcast(unit.tx, broadcast.id, { status: expired.state, finished: true });
  await unit.audit({
    actor: "system",
    action: "broadcast.expired",
    subject: `broadcast:${broadcast.id}`,
    data: { notSent: waiting },
  });
  if (broadcast.startedAt) await refreshProgress(unit, { ...broadcast, status: expired.state });
  else
    await closeApprovalPost(
      unit,
      broadcast,
      undefined,
      ":hourglass: Expired: its time was over before it could be sent.",
    );
}
