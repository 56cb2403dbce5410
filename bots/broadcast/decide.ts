import { escapeMrkdwn } from "#channels";
import { STATE_WORDS, stepBroadcast, whyNotApprove } from "#flows";
import {
  type Broadcast,
  changeBroadcast,
  findBroadcast,
  findStaff,
  keepDecision,
  lockBroadcast,
  nextEpoch,
  PRIORITY,
  personOf,
  type StaffMember,
  type Timer,
  timesReturned,
} from "#storage";
import type { Unit } from "../unit.ts";
import { closeApprovalPost, postRef, refreshApprovalPost } from "./approval-post.ts";
import { givenWords, rolesWords, type Standing, standingOf, whyNotCounted } from "./approvals.ts";
import { hashOf } from "./content-hash.ts";
import { GONE, type Outcome, refused } from "./outcome.ts";
import { moment } from "./words.ts";

/** A planned time that passed so long ago is no longer what was meant. */
const TOO_LATE_MS = 60 * 60_000;
const DAY_MS = 24 * 3600_000;

export type Decidable =
  | { readonly ok: true; readonly standing: Standing }
  | { readonly ok: false; readonly words: string };

const no = (words: string): Decidable => ({ ok: false, words });

/** How it stands for somebody who wants to decide on what they saw, or why they may not. */
export async function decidableBy(
  unit: Unit,
  staff: StaffMember,
  broadcast: Broadcast,
  seenHash: string,
): Promise<Decidable> {
  if (broadcast.status !== "awaiting_approval") return no(STATE_WORDS[broadcast.status]);
  const author = await findStaff(unit.tx, broadcast.createdBy);
  const standing = await standingOf(unit, broadcast);
  const not = whyNotApprove(
    { id: personOf(staff), allowed: staff.active && standing.risk.needs.some((role) => has(staff, role)) },
    {
      awaitingApproval: true,
      whyNot: "",
      contentHash: await currentHash(unit, broadcast),
      authors: author ? [personOf(author)] : [],
    },
    seenHash,
  );
  return not ? no(not.words) : { ok: true, standing };
}

const has = (staff: StaffMember, role: string): boolean => staff.roles.some((own) => own === role);

/** Of what it holds now, whoever changed it and how. */
export const currentHash = async ({ tx }: Unit, broadcast: Broadcast): Promise<string> =>
  hashOf(broadcast.id, broadcast, await timesReturned(tx, broadcast.id));

/** Approves what was seen; with the last approval that is wanted it starts: now, or at its time. */
export async function approveBroadcast(
  unit: Unit,
  approver: StaffMember,
  id: string,
  seenHash: string,
): Promise<Outcome> {
  const { tx, app } = unit;
  const broadcast = await lockBroadcast(tx, id);
  if (!broadcast) return refused(GONE);
  const found = await decidableBy(unit, approver, broadcast, seenHash);
  if (!found.ok) return refused(found.words);
  const idle = whyNotCounted(found.standing, approver) ?? whyNotInTime(unit, broadcast);
  if (idle) return refused(idle);
  const kept = await keepDecision(tx, {
    id: app.newId(),
    subject: "broadcast",
    subjectId: id,
    contentHash: broadcast.contentHash,
    decision: "approved",
    decidedBy: approver.id,
  });
  if (!kept) return refused("You have decided on this very content before.");
  const standing = await standingOf(unit, broadcast, found.standing.reach);
  const { risk, missing } = standing;
  await unit.audit({
    actor: `staff:${approver.id}`,
    action: "broadcast.approved",
    subject: `broadcast:${id}`,
    data: {
      hash: broadcast.contentHash,
      recipients: broadcast.expectedRecipients,
      risk: risk.points,
      needs: risk.needs,
      missing,
    },
  });
  if (missing.length > 0) {
    await refreshApprovalPost(unit, broadcast, standing);
    return {
      ok: true,
      broadcast: await reread(unit, id),
      words: `Approved by you. It still needs ${rolesWords(missing)}.`,
    };
  }
  const when = await release(unit, broadcast);
  await closeApprovalPost(unit, broadcast, standing.reach, `${givenWords(unit, standing)} ${when}`);
  return { ok: true, broadcast: await reread(unit, id), words: `Approved. ${when}` };
}

/** Why its time is none for which an approval counts. */
export function whyNotInTime({ app, now }: Unit, { sendAt }: Broadcast): string | undefined {
  if (!sendAt) return undefined;
  const { days } = app.content.deployment.approval;
  const inMs = Date.parse(sendAt) - now.getTime();
  if (inMs < -TOO_LATE_MS)
    return "The time it was planned for is over. Return it, so that its author chooses a new one.";
  if (inMs > days * DAY_MS)
    return `An approval counts for ${days} days, and this goes out later. Approve it from ${moment(new Date(Date.parse(sendAt) - days * DAY_MS), app.content.deployment)} on.`;
  return undefined;
}

/** Sets its start, now or at its time. Returns when, in words. */
export async function release({ tx, app, now, wake }: Unit, broadcast: Broadcast): Promise<string> {
  const { id, contentHash } = broadcast;
  const sendAt = broadcast.sendAt ? new Date(broadcast.sendAt) : undefined;
  const later = sendAt !== undefined && sendAt > now;
  const approved = stepBroadcast(broadcast.status, "approve");
  if (!approved.ok) throw new Error(`released while ${broadcast.status}`);
  await changeBroadcast(tx, id, { status: later ? "scheduled" : approved.state });
  await wake({
    kind: "broadcast",
    ref: id,
    epoch: await nextEpoch(tx, "broadcast", id),
    dueAt: later ? sendAt : now,
    data: { do: "start", hash: contentHash },
  });
  return later ? `It goes out ${moment(sendAt, app.content.deployment)}.` : "It goes out now.";
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
  const found = await decidableBy(unit, approver, broadcast, seenHash);
  if (!found.ok) return refused(found.words);
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
  await closeApprovalPost(unit, broadcast, found.standing.reach, words);
  await tellAuthor(unit, broadcast, `Your broadcast "${broadcast.title}" was returned.`, words);
  return { ok: true, broadcast: await reread(unit, id), words: "Returned to its author." };
}

/** Timer `broadcast_lapse`: nobody decided on this very content in time, so it is its author's draft again. */
export async function lapseTimer(unit: Unit, timer: Timer): Promise<void> {
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  const { hash } = timer.data as { readonly hash?: string };
  if (!broadcast || hash !== broadcast.contentHash) return;
  const lapsed = stepBroadcast(broadcast.status, "lapse");
  if (!lapsed.ok) return;
  const { days } = unit.app.content.deployment.approval;
  await changeBroadcast(unit.tx, broadcast.id, { status: lapsed.state });
  await unit.audit({
    actor: "system",
    action: "broadcast.lapsed",
    subject: `broadcast:${broadcast.id}`,
    data: { hash: broadcast.contentHash, days },
  });
  const words = `:hourglass: Not approved within ${days} ${days === 1 ? "day" : "days"}: it is a draft again.`;
  await closeApprovalPost(unit, broadcast, undefined, words);
  await tellAuthor(unit, broadcast, `Nobody decided on "${broadcast.title}" in time.`, words);
}

async function tellAuthor(unit: Unit, broadcast: Broadcast, text: string, words: string): Promise<void> {
  const author = await findStaff(unit.tx, broadcast.createdBy);
  if (!author?.slackUserId) return;
  await unit.send([
    {
      to: `slack:${author.slackUserId}`,
      text,
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

export async function reread(unit: Unit, id: string): Promise<Broadcast> {
  const broadcast = await findBroadcast(unit.tx, id);
  if (!broadcast) throw new Error("the broadcast is gone");
  return broadcast;
}
