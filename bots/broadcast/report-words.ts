import type { DeliveryTimes } from "#storage";
import type { Deployment } from "#templates";
import { failureWords } from "./failure-words.ts";
import { type BroadcastReport, CAUSED_WITHIN_HOURS, type Labelled, type Tally } from "./report.ts";
import { channelName, languageName, moment, number, people, rand } from "./words.ts";

/** Arrived, as far as the carrier said. */
export const arrived = ({ delivered, read }: Tally): number => delivered + read;

const percent = (n: number, of: number): string => (of === 0 ? "" : ` (${Math.round((100 * n) / of)} %)`);

/** `2 min`, `1 h 5 min`: from seconds. */
export function lasting(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What became of it all, in one line. */
export function wholeWords({ whole }: Pick<BroadcastReport, "whole">): string {
  const { all, waiting, sent, failed, opted_out, in_doubt, cancelled, expired } = whole;
  const parts = [
    `${number(arrived(whole))} of ${people(all)} delivered${percent(arrived(whole), all)}`,
    ...(whole.read > 0 ? [`${number(whole.read)} of them read`] : []),
    ...(sent > 0 ? [`${number(sent)} sent, no receipt yet`] : []),
    ...(waiting > 0 ? [`${number(waiting)} waiting`] : []),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
    ...(opted_out > 0 ? [`${number(opted_out)} said STOP before their turn`] : []),
    ...(in_doubt > 0 ? [`${number(in_doubt)} held in doubt`] : []),
    ...(cancelled > 0 ? [`${number(cancelled)} cancelled`] : []),
    ...(expired > 0 ? [`${number(expired)} expired`] : []),
  ];
  return `${parts.join(", ")}.`;
}

const timesWords = (since: string, { half, most, last }: DeliveryTimes): string =>
  `${since}: half within ${lasting(half)}, 95 % within ${lasting(most)}, the last within ${lasting(last)}.`;

const LEFT_OUT: Readonly<Record<string, string>> = {
  optedOut: "asked for no messages",
  capped: "had enough messages of this kind",
  unreachable: "cannot be reached on these channels",
  outsideWindow: "are only on WhatsApp and had not written within its 24 hours",
};

/** What else there is to know, a line each. */
export function reportLines(report: BroadcastReport): readonly string[] {
  const { delivery, cost, failures, leftOut, optOuts, replies, repliers, possibleDuplicates } = report;
  const left = Object.entries(leftOut).filter(([, n]) => n > 0);
  return [
    ...(delivery.fromStart ? [timesWords("Delivered since the start", delivery.fromStart)] : []),
    ...(delivery.fromHandOver
      ? [timesWords("Delivered since each was handed to the carrier", delivery.fromHandOver)]
      : []),
    `Cost: ${rand(cost.actual)}${cost.expected === null ? "" : `, expected ${rand(cost.expected)}`}, at the prices in deployment.yaml.`,
    `Within ${CAUSED_WITHIN_HOURS} hours ${people(optOuts)} said STOP${percent(optOuts, report.whole.all)}; ${people(repliers)} wrote ${number(replies)} messages.`,
    ...(failures.length > 0
      ? [
          `Failed because: ${failures.map(({ failure, messages }) => `${number(messages)} ${failureWords(failure)}`).join("; ")}.`,
        ]
      : []),
    ...(left.length > 0
      ? [`No message for: ${left.map(([why, n]) => `${number(n)} who ${LEFT_OUT[why] ?? why}`).join("; ")}.`]
      : []),
    ...(possibleDuplicates > 0
      ? [`${number(possibleDuplicates)} may have come twice: nobody could say whether the first had arrived.`]
      : []),
  ];
}

/** The breakdowns that say something, with their titles and the words of each part. */
export function breakdowns(
  report: BroadcastReport,
  deployment: Pick<Deployment, "languages">,
): readonly { readonly title: string; readonly rows: readonly (Labelled & { readonly words: string })[] }[] {
  const named = (rows: readonly Labelled[], words: (label: string) => string) =>
    rows.map((row) => ({ ...row, words: row.label === null ? "not known" : words(row.label) }));
  return [
    { title: "By channel", rows: named(report.byChannel, channelName) },
    { title: "By language", rows: named(report.byLanguage, (code) => languageName(code, deployment)) },
    { title: "By ward", rows: named(report.byWard, (ward) => `Ward ${ward}`) },
    { title: "By group", rows: named(report.byGroup, (group) => group) },
  ].filter(({ rows }) => rows.some(({ label }) => label !== null));
}

/** `Sent Tue 24 Nov 2026, 09:00` */
export const whenWords = (
  { startedAt, finishedAt }: Pick<BroadcastReport, "startedAt" | "finishedAt">,
  deployment: Pick<Deployment, "timezone">,
): string =>
  startedAt === null
    ? "Not sent yet."
    : `From ${moment(startedAt, deployment)}${finishedAt ? ` to ${moment(finishedAt, deployment)}` : ", and still going on"}.`;
