import { escapeMrkdwn } from "#channels";
import { STATE_WORDS, stepBroadcast, whyNotApprove } from "#flows";
import {
  type Broadcast,
  changeBroadcast,
  findBroadcast,
  findStaff,
  keepDecision,
  lockBroadcast,
  may,
  nextEpoch,
  PRIORITY,
  type StaffMember,
  timesReturned,
} from "#storage";
import type { Unit } from "../unit.ts";
import { closeApprovalPost, postRef } from "./approval-post.ts";
import { hashOf } from "./content-hash.ts";
import { type Estimate, estimate } from "./estimate.ts";
import { GONE, type Outcome, refused } from "./outcome.ts";
import { moment } from "./words.ts";

/** A planned time that passed so long ago is no longer what was meant. */
const TOO_LATE_MS = 60 * 60_000;

/** Why this person may not decide on what they saw; undefined: they may. */
export async function whyNotDecide(
  unit: Unit,
  staff: StaffMember,
  broadcast: Broadcast,
  seenHash: string,
): Promise<string | undefined> {
  const current = hashOf(broadcast.id, broadcast, await timesReturned(unit.tx, broadcast.id));
  return whyNotApprove(
    { id: staff.id, allowed: may(staff, "broadcasts.approve") },
    {
      awaitingApproval: broadcast.status === "awaiting_approval",
      whyNot: STATE_WORDS[broadcast.status],
      contentHash: current,
      authors: [broadcast.createdBy],
    },
    seenHash,
  )?.words;
}

/** Approves what was seen, and sets its start: now, or at its time. */
export async function approveBroadcast(
  unit: Unit,
  approver: StaffMember,
  id: string,
  seenHash: string,
): Promise<Outcome> {
  const { tx, app, now } = unit;
  const broadcast = await lockBroadcast(tx, id);
  if (!broadcast) return refused(GONE);
  const not = await whyNotDecide(unit, approver, broadcast, seenHash);
  if (not) return refused(not);
  const sendAt = broadcast.sendAt ? new Date(broadcast.sendAt) : undefined;
  if (sendAt && now.getTime() - sendAt.getTime() > TOO_LATE_MS)
    return refused("The time it was planned for is over. Return it, so that its author chooses a new one.");
  const approved = stepBroadcast(broadcast.status, "approve");
  if (!approved.ok) return refused(approved.words);
  const kept = await keepDecision(tx, {
    id: app.newId(),
    subject: "broadcast",
    subjectId: id,
    contentHash: broadcast.contentHash,
    decision: "approved",
    decidedBy: approver.id,
  });
  if (!kept) return refused("You have decided on this very content before.");
  const later = sendAt !== undefined && sendAt > now;
  await changeBroadcast(tx, id, { status: later ? "scheduled" : "approved" });
  await unit.wake({
    kind: "broadcast",
    ref: id,
    epoch: await nextEpoch(tx, "broadcast", id),
    dueAt: later ? sendAt : now,
    data: { do: "start", hash: broadcast.contentHash },
  });
  await unit.audit({
    actor: `staff:${approver.id}`,
    action: "broadcast.approved",
    subject: `broadcast:${id}`,
    data: { hash: broadcast.contentHash, recipients: broadcast.expectedRecipients },
  });
  const { deployment } = app.content;
  const when = later ? `It goes out ${moment(sendAt, deployment)}.` : "It goes out now.";
  await closeApprovalPost(
    unit,
    broadcast,
    await reachOf(unit, broadcast),
    `:white_check_mark: Approved by ${escapeMrkdwn(approver.name)}, ${moment(now, deployment)}. ${when}`,
  );
  return { ok: true, broadcast: await reread(unit, id), words: `Approved. ${when}` };
}

/** Gives it back to its author with a reason. */
export async function returnBroadcast(
  unit: Unit,
  approver: StaffMember,
  id: string,
  seenHash: string,
  reason: string,
): Promise<Outcome> {
  const { tx, app, now } = unit;
  const broadcast = await lockBroadcast(tx, id);
  if (!broadcast) return refused(GONE);
  const not = await whyNotDecide(unit, approver, broadcast, seenHash);
  if (not) return refused(not);
  if (reason.trim() === "") return refused("Say why: its author has to know what to change.");
  const kept = await keepDecision(tx, {
    id: app.newId(),
    subject: "broadcast",
    subjectId: id,
    contentHash: broadcast.contentHash,
    decision: "returned",
    reason,
    decidedBy: approver.id,
  });
  if (!kept) return refused("You have decided on this very content before.");
  await changeBroadcast(tx, id, { status: "draft" });
  await unit.audit({
    actor: `staff:${approver.id}`,
    action: "broadcast.returned",
    subject: `broadcast:${id}`,
    data: { hash: broadcast.contentHash, reason },
  });
  const words = `:leftwards_arrow_with_hook: Returned by ${escapeMrkdwn(approver.name)}, ${moment(now, app.content.deployment)}: ${escapeMrkdwn(reason)}`;
  await closeApprovalPost(unit, broadcast, await reachOf(unit, broadcast), words);
  await tellAuthor(unit, broadcast, words);
  return { ok: true, broadcast: await reread(unit, id), words: "Returned to its author." };
}

async function tellAuthor(unit: Unit, broadcast: Broadcast, words: string): Promise<void> {
  const author = await findStaff(unit.tx, broadcast.createdBy);
  if (!author?.slackUserId) return;
  await unit.send([
    {
      to: `slack:${author.slackUserId}`,
      text: `Your broadcast "${broadcast.title}" was returned.`,
      blocks: [
        {
          type: "section",
          text: { type: "mrkdwn", text: `Your broadcast *${escapeMrkdwn(broadcast.title)}*\n${words}` },
        },
        {
          type: "actions",
          elements: [
            {
              type: "button",
              action_id: "broadcast_edit",
              text: { type: "plain_text", text: "Change and submit again …" },
              value: broadcast.id,
            },
          ],
        },
      ],
      priority: PRIORITY.reply,
      kind: "notice",
      ref: postRef(broadcast.id),
    },
  ]);
}

/** Who would get it now, as `estimate` counts. */
export function reachOf(unit: Unit, broadcast: Broadcast): Promise<Estimate> {
  return estimate(
    unit.tx,
    {
      title: broadcast.title,
      texts: broadcast.texts,
      audience: broadcast.audience,
      channels: broadcast.channels,
    },
    unit.app.content,
  );
}

async function reread(unit: Unit, id: string): Promise<Broadcast> {
  const broadcast = await findBroadcast(unit.tx, id);
  if (!broadcast) throw new Error("the broadcast is gone");
  return broadcast;
}
