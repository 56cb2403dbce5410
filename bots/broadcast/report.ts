import {
  type Broadcast,
  countFailedOver,
  type Db,
  type DeliveryTimes,
  findBroadcast,
  findReport,
  keepReport,
  type MessageOutcome,
  OUTCOMES,
  type ReportCell,
  reportAnswers,
  reportCells,
  reportDeliveries,
  reportFacts,
  reportGroups,
} from "#storage";
import type { Deployment } from "#templates";
import type { TimerHandler } from "../timers.ts";

/** A STOP or an answer within so many hours after it was handed over counts as caused by it. */
export const CAUSED_WITHIN_HOURS = 48;
/** Receipts that have not come by then will not. */
export const SETTLED_AFTER_MS = 72 * 3600_000;
/** Timer: it is counted for the last time. */
export const REPORT_TIMER = "broadcast_report";
/** Counting may take so much of the database's time, as one part in so many; and never more often than this. */
const COUNTING_SHARE = 20;
const FRESH_S = 5;

/** People by what became of their message. */
export type Tally = Readonly<Record<MessageOutcome, number>> & { readonly all: number };

export interface Labelled extends Tally {
  /** As it is called by machines; null: not known. */
  readonly label: string | null;
}

/** What became of a broadcast. Every breakdown but the groups adds up to the whole. */
export interface BroadcastReport
  extends Pick<
    Broadcast,
    "id" | "title" | "status" | "messageClass" | "startedAt" | "finishedAt" | "expectedRecipients"
  > {
  readonly whole: Tally;
  readonly byChannel: readonly Labelled[];
  readonly byLanguage: readonly Labelled[];
  readonly byWard: readonly Labelled[];
  /** Somebody in two groups counts in both. */
  readonly byGroup: readonly Labelled[];
  readonly failures: readonly { readonly failure: string; readonly messages: number }[];
  /** People of the audience for whom there was no message, by why. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly delivery: {
    readonly fromStart: DeliveryTimes | null;
    readonly fromHandOver: DeliveryTimes | null;
    readonly curve: readonly { readonly seconds: number; readonly delivered: number }[];
  };
  readonly cost: { readonly currency: string; readonly expected: number | null; readonly actual: number };
  readonly optOuts: number;
  readonly replies: number;
  readonly repliers: number;
  readonly possibleDuplicates: number;
  /** ISO 8601, UTC. */
  readonly countedAt: string;
}

/**
 * The report of a broadcast: counted anew at most as often as the counting can be borne, and once for all when nothing
 * more can come. Undefined: there is no such broadcast.
 */
export async function broadcastReport(
  db: Db,
  deployment: Pick<Deployment, "costs">,
  id: string,
  now: Date,
): Promise<BroadcastReport | undefined> {
  const broadcast = await findBroadcast(db, id);
  if (!broadcast) return undefined;
  const kept = await findReport(db, id);
  const same = kept && (kept.report as BroadcastReport).status === broadcast.status;
  if (same && (kept.settled || kept.age < Math.max(FRESH_S, (kept.tookMs * COUNTING_SHARE) / 1_000)))
    return kept.report as BroadcastReport;
  const begun = performance.now();
  const report = await counted(db, deployment, broadcast, now);
  // Its messages are kept for less long than what became of them.
  if (kept && report.whole.all === 0) return kept.report as BroadcastReport;
  const settled =
    broadcast.finishedAt !== null && now.getTime() - Date.parse(broadcast.finishedAt) >= SETTLED_AFTER_MS;
  if (broadcast.startedAt) await keepReport(db, id, { report, tookMs: performance.now() - begun, settled });
  return report;
}

async function counted(
  db: Db,
  { costs }: Pick<Deployment, "costs">,
  broadcast: Broadcast,
  now: Date,
): Promise<BroadcastReport> {
  const { id, title, status, messageClass, startedAt, finishedAt, expectedRecipients } = broadcast;
  const handled = await reportCells(db, id);
  const cells = handled.filter(({ replaced }) => !replaced);
  const groups = await reportGroups(db, id);
  const { fromStart, fromHandOver, curve } = await reportDeliveries(db, id);
  const facts = await reportFacts(db, id);
  const answers = await reportAnswers(db, id, CAUSED_WITHIN_HOURS);
  return {
    id,
    title,
    status,
    messageClass,
    startedAt,
    finishedAt,
    expectedRecipients,
    whole: tallyOf(cells),
    byChannel: by(cells, ({ channel }) => channel),
    byLanguage: by(cells, ({ language }) => language),
    byWard: by(cells, ({ ward }) => ward),
    byGroup: by(groups, ({ group }) => group),
    failures: [...Map.groupBy(cells, ({ failure }) => failure)]
      .flatMap(([failure, all]) => (failure === null ? [] : [{ failure, messages: sumOf(all) }]))
      .sort((a, b) => b.messages - a.messages),
    leftOut: facts.leftOut,
    delivery: { fromStart, fromHandOver, curve },
    cost: { currency: costs.currency, expected: facts.expectedCost, actual: costOf(handled, costs) },
    ...answers,
    possibleDuplicates:
      handled.reduce((sum, cell) => sum + cell.possibleDuplicates, 0) + (await countFailedOver(db, id)).twice,
    countedAt: now.toISOString(),
  };
}

type Counted = Pick<ReportCell, "outcome" | "messages">;

const sumOf = (cells: readonly Counted[]): number => cells.reduce((sum, { messages }) => sum + messages, 0);

function tallyOf(cells: readonly Counted[]): Tally {
  const of = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, sumOf(cells.filter((cell) => cell.outcome === outcome))]),
  ) as Record<MessageOutcome, number>;
  return { ...of, all: sumOf(cells) };
}

/** The largest first, what is not known last. */
const by = <C extends Counted>(
  cells: readonly C[],
  labelOf: (cell: C) => string | null,
): readonly Labelled[] =>
  [...Map.groupBy(cells, labelOf)]
    .map(([label, own]) => ({ label, ...tallyOf(own) }))
    .sort((a, b) => Number(a.label === null) - Number(b.label === null) || b.all - a.all);

/** What the carrier was given, at the deployment's prices: SMS by segment, WhatsApp by message. */
function costOf(cells: readonly ReportCell[], { sms, whatsapp }: Deployment["costs"]): number {
  const given = ["sent", "delivered", "read", "failed", "in_doubt"];
  return cells.reduce(
    (sum, { channel, outcome, messages, segments }) =>
      sum +
      (channel === "sms"
        ? segments * sms
        : channel === "whatsapp" && given.includes(outcome)
          ? messages * whatsapp
          : 0),
    0,
  );
}

export const reportTimer: TimerHandler = async (unit, { ref }) => {
  await broadcastReport(unit.tx, unit.app.content.deployment, ref, unit.now);
};
