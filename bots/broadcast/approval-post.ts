import type { KnownBlock } from "@slack/types";
import { v5 } from "uuid";
import { escapeMrkdwn } from "#channels";
import { shortHash } from "#flows";
import { type Broadcast, findStaff, lastPost, nextEpoch, PRIORITY } from "#storage";
import type { Deployment } from "#templates";
import { templateFor } from "../approved-template.ts";
import { context, section } from "../staff/views.ts";
import type { Unit } from "../unit.ts";
import { givenWords, riskWords, type Standing } from "./approvals.ts";
import { draftOfBroadcast, type Estimate } from "./estimate.ts";
import { failoversOf } from "./failover.ts";
import { findingsOf } from "./findings.ts";
import { hoursOf } from "./hours.ts";
import { previewBlocks, previewOf } from "./preview.ts";
import {
  audienceWords,
  CLASS_WORDS,
  cappedWords,
  channelName,
  costWords,
  encodingWords,
  findingLines,
  languageName,
  missedWords,
  moment,
  number,
  people,
  reachWords,
} from "./words.ts";

export const APPROVAL_POST = "broadcast_approval";
/** Nobody decided for as long as an approval may take. */
const LAPSE_TIMER = "broadcast_lapse";

/** What posts in Slack about a broadcast carry as `ref`: pausing and cancelling its messages leaves these alone. */
export const postRef = (broadcastId: string): string => v5("posts", broadcastId);

/** What a button of this post says: which broadcast, and which content its reader saw. */
export const buttonValue = (broadcast: Broadcast): string => `${broadcast.id}:${broadcast.contentHash}`;

/** Shows the exact texts to whoever may approve them, for as long as an approval may take. */
export async function postForApproval(
  unit: Unit,
  broadcast: Broadcast,
  standing: Standing,
  author: string,
  note?: string,
): Promise<void> {
  const { days } = unit.app.content.deployment.approval;
  await unit.wake({
    kind: LAPSE_TIMER,
    ref: broadcast.id,
    epoch: await nextEpoch(unit.tx, LAPSE_TIMER, broadcast.id),
    dueAt: new Date(unit.now.getTime() + days * 24 * 3600_000),
    data: { hash: broadcast.contentHash },
  });
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.approvals}`,
      text: `${author} asks for approval: ${broadcast.title}`,
      blocks: [...(await approvalBlocks(unit, broadcast, standing, author, note)), buttons(broadcast)],
      priority: PRIORITY.reply,
      kind: APPROVAL_POST,
      ref: postRef(broadcast.id),
    },
  ]);
}

/** One of several has approved it: the post says who, and who is still wanting. */
export async function refreshApprovalPost(
  unit: Unit,
  broadcast: Broadcast,
  standing: Standing,
): Promise<void> {
  const replaces = await lastPost(unit.tx, APPROVAL_POST, postRef(broadcast.id));
  const author = (await findStaff(unit.tx, broadcast.createdBy))?.name ?? "";
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.approvals}`,
      text: `${broadcast.title}: ${standing.missing.length} more to approve`,
      blocks: [...(await approvalBlocks(unit, broadcast, standing, author)), buttons(broadcast)],
      priority: PRIORITY.reply,
      kind: APPROVAL_POST,
      ref: postRef(broadcast.id),
      ...(replaces ? { replaces } : {}),
    },
  ]);
}

async function approvalBlocks(
  unit: Unit,
  broadcast: Broadcast,
  standing: Standing,
  author: string,
  note?: string,
): Promise<KnownBlock[]> {
  const { reach, risk, stuck } = standing;
  const given = givenWords(unit, standing);
  const preview = await previewOf(unit, broadcast, reach.count.recipients);
  const advice = (await findingsOf(unit, draftOfBroadcast(broadcast), reach)).filter(
    ({ part, level }) => part === "text" && level === "advise",
  );
  return [
    { type: "header", text: { type: "plain_text", text: `Approve? ${broadcast.title}`.slice(0, 150) } },
    ...(note ? [section(`:warning: ${note}`)] : []),
    section(`${summaryOf(unit, broadcast, reach)}\n${riskWords(risk)}`),
    ...(stuck ? [section(`:warning: ${stuck}`)] : []),
    ...textBlocks(unit, broadcast, reach),
    ...previewBlocks(unit, broadcast, preview),
    ...(advice.length > 0 ? [context(findingLines(advice, unit.app.content.deployment).join("\n"))] : []),
    ...(given ? [section(given)] : []),
    context(
      `By ${escapeMrkdwn(author)}, who cannot approve it. What you approve is *${shortHash(broadcast.contentHash)}*: any change asks again.`,
    ),
  ];
}

/** Who gets it, how, when and for how much. */
export function summaryOf(
  { app, now }: Unit,
  broadcast: Broadcast,
  { count, upTo, standIns, capped, ...costs }: Estimate,
): string {
  const { deployment } = app.content;
  const start = broadcast.sendAt && new Date(broadcast.sendAt) > now ? new Date(broadcast.sendAt) : now;
  const hours = hoursOf({ app, now: start }, broadcast.messageClass);
  const waits =
    hours && hours.from > start.toISOString() ? `, but not before ${moment(hours.from, deployment)}` : "";
  const when = broadcast.sendAt ? moment(broadcast.sendAt, deployment) : "as soon as it is approved";
  return [
    `*Kind* ${CLASS_WORDS[broadcast.messageClass]}${broadcast.sensitive ? ", marked as delicate" : ""}`,
    `*To* ${escapeMrkdwn(audienceWords(broadcast.audience, deployment))}`,
    `*Reaches* ${reachWords(count)}`,
    `*Costs* ${upTo ? "at most" : "about"} ${costWords(costs)}`,
    ...(broadcast.template
      ? [`*Begun from* ${broadcast.template.id}, version ${broadcast.template.version}`]
      : []),
    `*Goes out* ${when}${waits}`,
    ...failoversOf({ app }, broadcast).map(
      ({ from, to, afterMinutes }) =>
        `Who has not received it by ${channelName(from)} within ${afterMinutes === 1 ? "a minute" : `${afterMinutes} minutes`} gets it by ${channelName(to)} too, which costs both.`,
    ),
    ...(broadcast.expiresAt ? [`*Not after* ${moment(broadcast.expiresAt, deployment)}`] : []),
    ...standIns.map(
      (s) =>
        `${people(s.people)} ${s.people === 1 ? "speaks" : "speak"} ${languageName(s.language, deployment)} and ${s.people === 1 ? "gets" : "get"} the text in ${languageName(s.gets, deployment)}.`,
    ),
    missedWords(count),
    cappedWords(capped, broadcast.messageClass, deployment),
  ]
    .filter(Boolean)
    .join("\n");
}

/** Exactly as it goes out: plain text, in which nothing is markup. */
export function textBlocks({ app }: Unit, broadcast: Broadcast, { texts }: Estimate): KnownBlock[] {
  return texts.flatMap(({ language, segments, upTo, people: readers }): KnownBlock[] => [
    context(
      `*${languageName(language, app.content.deployment)}*, ${people(readers)}, ${upTo ? "up to " : ""}${number(segments.segments)} SMS ${segments.segments === 1 ? "segment" : "segments"} each, ${encodingWords(segments)}`,
    ),
    { type: "section", text: { type: "plain_text", text: broadcast.texts[language] ?? "", emoji: false } },
    ...carriedBlocks(broadcast, language, app.content.deployment),
  ]);
}

/** What people read whose WhatsApp window is closed. */
function carriedBlocks(
  { channels, texts }: Broadcast,
  language: string,
  deployment: Deployment,
): KnownBlock[] {
  const carried = channels.includes("whatsapp") && templateFor(texts[language] ?? "", language, deployment);
  return carried
    ? [context(`On WhatsApp, to people who did not write within 24 hours: ${escapeMrkdwn(carried.filled)}`)]
    : [];
}

const buttons = (broadcast: Broadcast): KnownBlock => ({
  type: "actions",
  block_id: "broadcast_decision",
  elements: [
    {
      type: "button",
      action_id: "broadcast_approve",
      text: { type: "plain_text", text: "Approve …" },
      style: "primary",
      value: buttonValue(broadcast),
    },
    {
      type: "button",
      action_id: "broadcast_return",
      text: { type: "plain_text", text: "Return …" },
      value: buttonValue(broadcast),
    },
    {
      type: "button",
      action_id: "broadcast_test",
      text: { type: "plain_text", text: "Send me a test" },
      value: broadcast.id,
    },
    {
      type: "button",
      action_id: "broadcast_glass",
      text: { type: "plain_text", text: "It cannot wait …" },
      style: "danger",
      value: buttonValue(broadcast),
    },
  ],
});

/** The post as it stays when it is decided: the texts remain, the buttons are gone. */
export async function closeApprovalPost(
  unit: Unit,
  broadcast: Broadcast,
  reach: Estimate | undefined,
  decision: string,
): Promise<void> {
  const replaces = await lastPost(unit.tx, APPROVAL_POST, postRef(broadcast.id));
  if (replaces === undefined) return;
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.approvals}`,
      text: `${broadcast.title}: ${decision}`,
      blocks: [
        { type: "header", text: { type: "plain_text", text: broadcast.title.slice(0, 150) } },
        section(decision),
        ...(reach ? [section(summaryOf(unit, broadcast, reach)), ...textBlocks(unit, broadcast, reach)] : []),
        context(shortHash(broadcast.contentHash)),
      ],
      priority: PRIORITY.reply,
      kind: APPROVAL_POST,
      ref: postRef(broadcast.id),
      replaces,
    },
  ]);
}

/** Its author changed it: what was shown, and any approval of it, count no longer. */
export function voidApprovalPost(unit: Unit, before: Broadcast, author: string): Promise<void> {
  return closeApprovalPost(
    unit,
    before,
    undefined,
    `:pencil2: Changed by ${escapeMrkdwn(author)}: this version counts no longer. The new one is below.`,
  );
}
