import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { STATE_WORDS } from "#flows";
import {
  closeReview as close,
  findReview,
  findStaff,
  listStaff,
  lockBroadcast,
  may,
  nextEpoch,
  openReview,
  PRIORITY,
  personOf,
  type Review,
  type StaffMember,
  type Timer,
} from "#storage";
import { button } from "../staff/inputs.ts";
import { section } from "../staff/views.ts";
import type { Unit } from "../unit.ts";
import { closeApprovalPost, postRef } from "./approval-post.ts";
import { rolesWords, standingOf } from "./approvals.ts";
import { currentHash, release, reread, whyNotInTime } from "./decide.ts";
import { GONE, type Outcome, refused } from "./outcome.ts";
import { moment, people } from "./words.ts";

/** A reason that the others can judge has at least so many characters. */
export const REASON_LENGTH = { least: 15, most: 1_000 } as const;
/** Of what an SMS says of the reason. */
const SMS_REASON = 160;
export const REVIEW_TIMER = "broadcast_review";

/**
 * A crisis lead lets it go without the approvals that it needs, also their own work. Every approver is told at once, and
 * somebody else has to look at it afterwards.
 */
export async function breakGlass(
  unit: Unit,
  lead: StaffMember,
  id: string,
  seenHash: string,
  reason: string,
): Promise<Outcome> {
  const { tx, app, now } = unit;
  const broadcast = await lockBroadcast(tx, id);
  if (!broadcast) return refused(GONE);
  if (!may(lead, "crises.lead")) return refused("Only a crisis lead may send without approval.");
  if (broadcast.status !== "awaiting_approval") return refused(STATE_WORDS[broadcast.status]);
  if (seenHash !== (await currentHash(unit, broadcast)))
    return refused("It was changed since you looked at it. Read the newer message in this channel.");
  const words = reason.trim();
  if (words.length < REASON_LENGTH.least)
    return refused("Say why it cannot wait, so that the others can judge it afterwards.");
  const late = whyNotInTime(unit, broadcast);
  if (late) return refused(late);
  const { reach, risk, given, missing } = await standingOf(unit, broadcast);
  const when = await release(unit, broadcast);
  const review = { id: app.newId(), broadcastId: id, reason: words, openedBy: lead.id };
  await openReview(tx, review);
  await unit.audit({
    actor: `staff:${lead.id}`,
    action: "broadcast.glass_broken",
    subject: `broadcast:${id}`,
    data: {
      hash: broadcast.contentHash,
      recipients: reach.count.recipients,
      reason: words,
      risk: risk.points,
      needs: risk.needs,
      given: given.map(({ staffId }) => staffId),
      missing,
    },
  });
  const { deployment } = app.content;
  const told = `:rotating_light: Sent without the approval of ${rolesWords(missing)} by ${escapeMrkdwn(lead.name)}, ${moment(now, deployment)}: ${escapeMrkdwn(words)}`;
  await closeApprovalPost(unit, broadcast, reach, `${told} ${when}`);
  await announce(unit, lead, broadcast.title, reach.count.recipients, words, told);
  const opened = await findReview(tx, review.id);
  if (!opened) throw new Error("the review was not kept");
  await postReview(unit, opened);
  return {
    ok: true,
    broadcast: await reread(unit, id),
    words: `${when} Every approver has been told, and somebody else has to review it.`,
  };
}

/** Every approver but whoever did it: in Slack, and by SMS where they have a phone. */
async function announce(
  unit: Unit,
  lead: StaffMember,
  title: string,
  recipients: number,
  reason: string,
  told: string,
): Promise<void> {
  const { municipality } = unit.app.content.deployment;
  const others = (await listStaff(unit.tx)).filter(
    (one) => (may(one, "broadcasts.approve") || may(one, "crises.lead")) && personOf(one) !== personOf(lead),
  );
  const urgent = { priority: PRIORITY.crisis, kind: "notice", consentExempt: true } as const;
  const text = `${municipality}: ${lead.name} sent "${title}" to ${people(recipients)} without a second approval: ${reason}`;
  await unit.send(
    others.flatMap(({ slackUserId, phone }) => [
      ...(slackUserId
        ? [
            {
              ...urgent,
              to: `slack:${slackUserId}`,
              text,
              blocks: [section(`*${escapeMrkdwn(title)}*, to ${people(recipients)}\n${told}`)],
            },
          ]
        : []),
      ...(phone && unit.app.channels.has("sms")
        ? [{ ...urgent, to: `sms:${phone}`, text: cutReason(text, reason) }]
        : []),
    ]),
  );
}

const cutReason = (text: string, reason: string): string =>
  reason.length <= SMS_REASON
    ? text
    : `${text.slice(0, text.length - reason.length + SMS_REASON).trimEnd()} … The rest is in Slack.`;

/** Shows an open review, and shows it again until somebody has closed it. */
async function postReview(unit: Unit, review: Review): Promise<void> {
  const { deployment } = unit.app.content;
  const since = moment(review.openedAt, deployment);
  const blocks: KnownBlock[] = [
    section(
      `:mag: *Review: ${escapeMrkdwn(review.title)}*\n${escapeMrkdwn(review.openedByName)} sent it without a second approval, ${since}: ${escapeMrkdwn(review.reason)}\nSomebody else says whether that was right. It stays open until then.`,
    ),
    { type: "actions", elements: [button("review_close", "Close the review …", review.id, "primary")] },
  ];
  await unit.send([
    {
      to: `slack:${deployment.slack.approvals}`,
      text: `Open review: ${review.title} was sent without a second approval, ${since}`,
      blocks,
      priority: PRIORITY.reply,
      kind: "review",
      ref: postRef(review.broadcastId),
    },
  ]);
  await unit.wake({
    kind: REVIEW_TIMER,
    ref: review.id,
    epoch: await nextEpoch(unit.tx, REVIEW_TIMER, review.id),
    dueAt: new Date(unit.now.getTime() + deployment.approval.remindHours * 3600_000),
  });
}

/** Timer `broadcast_review`: nobody has looked at it yet. */
export async function reviewTimer(unit: Unit, timer: Timer): Promise<void> {
  const review = await findReview(unit.tx, timer.ref);
  if (review && review.closedAt === null) await postReview(unit, review);
}

/** Why this person may not close it: neither who sent it nor who wrote it, whatever account they use. */
export async function whyNotReview(
  unit: Unit,
  staff: StaffMember,
  review: Review,
): Promise<string | undefined> {
  if (!may(staff, "broadcasts.approve") && !may(staff, "crises.lead"))
    return "An approver or a crisis lead closes a review.";
  if (review.closedAt !== null) return "It has been closed already.";
  const involved = await Promise.all([review.openedBy, review.author].map((id) => findStaff(unit.tx, id)));
  return involved.some((one) => one && personOf(one) === personOf(staff))
    ? "You wrote or sent it: somebody else has to review it."
    : undefined;
}

export type Closed = { readonly ok: boolean; readonly words: string };

/** Somebody else has looked at it, and says what they found. */
export async function closeReview(
  unit: Unit,
  staff: StaffMember,
  id: string,
  finding: string,
): Promise<Closed> {
  const review = await findReview(unit.tx, id);
  if (!review) return { ok: false, words: "There is no such review." };
  const not = await whyNotReview(unit, staff, review);
  if (not) return { ok: false, words: not };
  if (finding.trim() === "") return { ok: false, words: "Say what you found." };
  if (!(await close(unit.tx, id, staff.id, finding.trim())))
    return { ok: false, words: "It has been closed already." };
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "broadcast.reviewed",
    subject: `broadcast:${review.broadcastId}`,
    data: { review: id, finding: finding.trim() },
  });
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.approvals}`,
      text: `Reviewed by ${staff.name}: ${review.title}`,
      blocks: [
        section(
          `:mag: *${escapeMrkdwn(review.title)}* was reviewed by ${escapeMrkdwn(staff.name)}: ${escapeMrkdwn(finding.trim())}`,
        ),
      ],
      priority: PRIORITY.reply,
      kind: "notice",
      ref: postRef(review.broadcastId),
    },
  ]);
  return { ok: true, words: "The review is closed." };
}
