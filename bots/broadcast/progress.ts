import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { stepBroadcast } from "#flows";
import {
  ALL_DRAWN_UP,
  type Broadcast,
  type BroadcastProgress,
  broadcastProgress,
  cancelBatches,
  changeBroadcast,
  countFailedOver,
  lastPost,
  lockBroadcast,
  nextEpoch,
  PRIORITY,
  type Timer,
} from "#storage";
import { reported } from "../consultation/index.ts";
import { context, section } from "../staff/views.ts";
import type { Unit } from "../unit.ts";
import { postRef } from "./approval-post.ts";
import { awaitsFailover, failoversOf } from "./failover.ts";
import { failureWords } from "./failure-words.ts";
import { waitsUntil } from "./hours.ts";
import { REPORT_TIMER, SETTLED_AFTER_MS } from "./report.ts";
import { postReport } from "./report-post.ts";
import { moment, number, people } from "./words.ts";

export const PROGRESS_POST = "broadcast_progress";

/** How often the post is brought up to date while messages go out. */
const EVERY_MS = 2_500;
/** While nothing goes out only receipts come. */
const PAUSED_MS = 10_000;
/** Counting may take so much of the database's time, as one part in so many. */
const COUNTING_SHARE = 20;
const SLOWEST_MS = 60_000;
/** After the last hand-over receipts still come: looked at ever more rarely, and for so long. */
const FIRST_LOOK_MS = 5_000;
const LONGEST_LOOK_MS = 30 * 60_000;
const LOOK_FOR_MS = 24 * 3600_000;

interface Kept {
  /** The post as it was written last: what has not changed is not written again. */
  readonly text?: string;
  /** Looks since the last hand-over. */
  readonly looks?: number;
}

/** Posts the message that tells how far it is, and sets the timer that keeps it up to date. */
export async function startProgress(unit: Unit, broadcast: Broadcast): Promise<void> {
  await post(unit, broadcast, await progressOf(unit, broadcast));
  await wake(unit, broadcast.id, EVERY_MS, {});
}

/** Timer `broadcast_progress`. It also finds out that the last message is handed over. */
export async function progressTimer(unit: Unit, timer: Timer): Promise<void> {
  const kept = timer.data as Kept;
  const broadcast = await lockBroadcast(unit.tx, timer.ref);
  if (!broadcast?.startedAt) return;
  // A button was pressed meanwhile and has set a later timer: one of them goes on.
  if ((await nextEpoch(unit.tx, timer.kind, timer.ref)) > timer.epoch + 1) return;
  // What was in flight when it ended, and could be tried again, is not.
  if (broadcast.status === "cancelled" || broadcast.status === "expired")
    await cancelBatches(unit.tx, broadcast.id);
  const begun = performance.now();
  const progress = await progressOf(unit, broadcast);
  const took = performance.now() - begun;
  const now = await finished(unit, broadcast, progress);
  const { text } = wordsOf(unit, now, progress);
  if (text !== kept.text) await post(unit, now, progress);
  const running = ["drawing_up", "sending", "paused"].includes(now.status);
  const looks = running ? 0 : (kept.looks ?? 0) + 1;
  if (!running && isSettled(unit, now, progress)) {
    await postReport(unit, now.id);
    return;
  }
  const pause = running
    ? Math.min(Math.max(now.status === "paused" ? PAUSED_MS : EVERY_MS, took * COUNTING_SHARE), SLOWEST_MS)
    : Math.min(FIRST_LOOK_MS * 2 ** Math.min(looks, 20), LONGEST_LOOK_MS);
  await wake(unit, broadcast.id, pause, { text, looks });
}

interface Progress extends BroadcastProgress {
  /** Who was sent it on another channel too. */
  readonly failedOver: number;
}

async function progressOf(unit: Unit, broadcast: Broadcast): Promise<Progress> {
  const progress = await broadcastProgress(unit.tx, broadcast.id);
  if (failoversOf(unit, broadcast).length === 0) return { ...progress, failedOver: 0 };
  const { people: failedOver, twice } = await countFailedOver(unit.tx, broadcast.id);
  return { ...progress, failedOver, possibleDuplicates: progress.possibleDuplicates + twice };
}

/** Brings the post up to date at once: after somebody pressed one of its buttons. */
export async function refreshProgress(unit: Unit, broadcast: Broadcast): Promise<void> {
  await post(unit, broadcast, await progressOf(unit, broadcast));
  await wake(unit, broadcast.id, EVERY_MS, {});
}

async function finished(unit: Unit, broadcast: Broadcast, progress: BroadcastProgress): Promise<Broadcast> {
  const through = broadcast.drawnUpTo === ALL_DRAWN_UP && progress.queued + progress.sending === 0;
  const step = stepBroadcast(broadcast.status, "finish");
  if (!through || !step.ok || (await awaitsFailover(unit, broadcast))) return broadcast;
  await changeBroadcast(unit.tx, broadcast.id, { status: step.state, finished: true });
  await unit.audit({
    actor: "system",
    action: "broadcast.sent",
    subject: `broadcast:${broadcast.id}`,
    data: { ...progress, failures: progress.failures.slice(0, 10) },
  });
  await unit.wake({
    kind: REPORT_TIMER,
    ref: broadcast.id,
    epoch: 0,
    dueAt: new Date(unit.now.getTime() + SETTLED_AFTER_MS + 60_000),
  });
  if (broadcast.audience.participants) await reported(unit, broadcast.audience.participants, broadcast.id);
  return { ...broadcast, status: step.state, finishedAt: unit.now.toISOString() };
}

/** Nothing more can change, or nobody waits for it any more. */
function isSettled({ now }: Unit, { finishedAt }: Broadcast, progress: BroadcastProgress): boolean {
  const open = progress.queued + progress.sending + progress.sent + progress.inDoubt;
  return open === 0 || (finishedAt !== null && now.getTime() - Date.parse(finishedAt) > LOOK_FOR_MS);
}

async function wake(unit: Unit, id: string, inMs: number, data: Kept): Promise<void> {
  await unit.wake({
    kind: "broadcast_progress",
    ref: id,
    epoch: await nextEpoch(unit.tx, "broadcast_progress", id),
    dueAt: new Date(unit.now.getTime() + inMs),
    data,
  });
}

async function post(unit: Unit, broadcast: Broadcast, progress: Progress): Promise<void> {
  const replaces = await lastPost(unit.tx, PROGRESS_POST, postRef(broadcast.id));
  const { text, blocks } = wordsOf(unit, broadcast, progress);
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.approvals}`,
      text,
      blocks,
      priority: PRIORITY.reply,
      kind: PROGRESS_POST,
      ref: postRef(broadcast.id),
      ...(replaces ? { replaces } : {}),
    },
  ]);
}

const TITLES: Readonly<Partial<Record<Broadcast["status"], string>>> = {
  drawing_up: "Sending",
  sending: "Sending",
  paused: "Paused",
  sent: "Sent",
  cancelled: "Cancelled",
  expired: "Expired",
};

function wordsOf(
  unit: Unit,
  broadcast: Broadcast,
  progress: Progress,
): { readonly text: string; readonly blocks: readonly KnownBlock[] } {
  const { queued, sending, sent, delivered, failed, optedOut, inDoubt, cancelled, expired } = progress;
  const all =
    queued +
    sending +
    sent +
    progress.noReceipt +
    delivered +
    failed +
    optedOut +
    inDoubt +
    cancelled +
    expired;
  const drawing = broadcast.drawnUpTo !== ALL_DRAWN_UP;
  const counts = [
    `*Queued* ${number(queued + sending)}`,
    `*Sent* ${number(sent)}`,
    `*Delivered* ${number(delivered)}`,
    `*Failed* ${number(failed)}`,
    `*Opted out* ${number(optedOut)}`,
    ...(progress.noReceipt > 0 ? [`*No receipt* ${number(progress.noReceipt)}`] : []),
    ...(inDoubt > 0 ? [`*Held in doubt* ${number(inDoubt)}`] : []),
    ...(cancelled > 0 ? [`*Cancelled* ${number(cancelled)}`] : []),
    ...(expired > 0 ? [`*Expired* ${number(expired)}`] : []),
    ...(progress.failedOver > 0 ? [`*Sent on another channel too* ${number(progress.failedOver)}`] : []),
    ...(progress.possibleDuplicates > 0
      ? [`*Possible duplicates* ${number(progress.possibleDuplicates)}`]
      : []),
  ];
  const title = `${TITLES[broadcast.status] ?? "Broadcast"}: ${broadcast.title}`;
  const reasons = progress.failures
    .slice(0, 5)
    .map(({ failure, count }) => `${number(count)} ${failureWords(failure)}`);
  const whole = drawing && broadcast.status !== "cancelled" ? broadcast.expectedRecipients : all;
  const done = all - queued - sending;
  return {
    text: [`${title}. ${counts.join(", ").replaceAll("*", "")}`, ...notesOf(unit, broadcast)].join(". "),
    blocks: [
      section(`*${escapeMrkdwn(title)}*\n${bar(done, whole)} ${number(done)} of ${people(whole)}`),
      section(counts.join("   ")),
      ...notesOf(unit, broadcast).map((words) => section(words)),
      ...(reasons.length > 0 ? [context(`Failed because: ${reasons.join("; ")}`)] : []),
      ...(inDoubt > 0
        ? [
            context(
              "Held in doubt: the carrier did not say whether it took them. They are not sent again by themselves.",
            ),
          ]
        : []),
      ...(broadcast.finishedAt
        ? [context(`Ended ${moment(broadcast.finishedAt, unit.app.content.deployment)}`)]
        : []),
      ...buttonsOf(broadcast),
    ],
  };
}

/** Why it does not go on, or not as fast as it could. */
function notesOf(unit: Unit, broadcast: Broadcast): readonly string[] {
  const until = waitsUntil(unit, broadcast);
  const running = broadcast.status === "drawing_up" || broadcast.status === "sending";
  return [
    ...(broadcast.status === "paused" && broadcast.pausedBecause !== null
      ? [
          `:octagonal_sign: It paused itself: ${broadcast.pausedBecause}. Resume it to send to the rest, or cancel it`,
        ]
      : []),
    ...(running && until !== undefined
      ? [
          `:crescent_moon: It waits until ${moment(until, unit.app.content.deployment)}, as its kind of message has to`,
        ]
      : []),
    ...(running && broadcast.canary !== null
      ? [":baby_chick: A first few get it; the rest follows when they have received it"]
      : []),
  ];
}

const BAR = 20;

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.min(BAR, Math.floor((done / all) * BAR));
  return `\`${"█".repeat(filled)}${"░".repeat(BAR - filled)}\``;
}

function buttonsOf({ id, status, title }: Broadcast): KnownBlock[] {
  const button = (action: string, text: string) => ({
    type: "button" as const,
    action_id: action,
    text: { type: "plain_text" as const, text },
    value: id,
  });
  const running = status === "drawing_up" || status === "sending";
  if (!running && status !== "paused")
    return [{ type: "actions", elements: [button("broadcast_report", "Report")] }];
  return [
    {
      type: "actions",
      elements: [
        running
          ? button("broadcast_pause", "Pause")
          : { ...button("broadcast_resume", "Resume"), style: "primary" },
        {
          ...button("broadcast_cancel", "Cancel"),
          style: "danger",
          confirm: {
            title: { type: "plain_text", text: "Cancel this broadcast?" },
            text: {
              type: "plain_text",
              text: `What has not gone out of "${title}" is not sent. This cannot be undone.`.slice(0, 300),
            },
            confirm: { type: "plain_text", text: "Cancel the broadcast" },
            deny: { type: "plain_text", text: "Let it go on" },
            style: "danger",
          },
        },
      ],
    },
  ];
}
