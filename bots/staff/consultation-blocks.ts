import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import type { LabelledCount } from "#storage";
import { type ConsultationResults, type QuestionResult, withheldWords } from "../consultation/index.ts";
import { button } from "./inputs.ts";
import { context, section } from "./views.ts";

/** Slack takes 50 blocks a message; the head, the foot and the button need a few. */
const MAX_QUESTIONS = 40;
const BAR = 16;
const QUOTES = 5;

/** Results as a message: bars in text, so that they read in any client. `value` says what the button refreshes, `chart` where a picture of them is. */
export function resultBlocks(
  results: ConsultationResults,
  value: string,
  now: Date,
  timezone: string,
  { chart, cost }: { readonly chart?: string; readonly cost?: string } = {},
): KnownBlock[] {
  const { title, started, completed, active, questions, medianSeconds, reached } = results;
  const { byLanguage, byChannel, byWard, byGroup, privacy } = results;
  const shown = questions.slice(0, MAX_QUESTIONS);
  const at = now.toLocaleTimeString("en-ZA", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
  });
  return [
    { type: "header", text: { type: "plain_text", text: `Results so far: ${title}`.slice(0, 150) } },
    section(
      [
        `*${started}* started, *${completed}* completed${shareOf(completed, started)}, *${active}* under way. ${STATUS[results.status]}${pace(medianSeconds)}${quorum(results)}${aside(results)}`,
        ...(privacy === "anonymous" ? [] : [spread("Languages", byLanguage), spread("Channels", byChannel)]),
        ...(byWard.length > 0
          ? [
              spread(
                "Wards",
                byWard.map(({ label, n }) => ({ label: `ward ${label}:`, n })),
              ),
            ]
          : []),
        ...(byGroup.length > 0 ? [spread("Groups", byGroup)] : []),
        ...(reached > 0 ? [`Reached by broadcasts that name the keyword: ${reached}`] : []),
        ...(cost ? [`Cost of the conversations: ${cost}`] : []),
      ].join("\n"),
    ),
    ...(chart
      ? [
          {
            type: "image" as const,
            image_url: chart,
            alt_text: `Bars of the shares of each choice; the same figures stand below.`,
          },
        ]
      : []),
    ...(results.quotas.length > 0 ? [section(quotaText(results.quotas))] : []),
    ...shown.map((question) => section(questionText(question))),
    ...(questions.length > shown.length
      ? [context(`${questions.length - shown.length} more questions stand in the console.`)]
      : []),
    context(
      `As of ${at}. These are the answers of those who took part, not of all residents: the ranges (95 %, Wilson) say how far chance alone could move a share if they had been drawn by lot, which they were not.`,
    ),
    {
      type: "actions",
      elements: [
        button("consultation_refresh", "Refresh", value),
        ...(questions.some(({ latest }) => latest.length > 0)
          ? [button("consultation_themes", "Name themes …", results.id)]
          : []),
      ],
    },
  ];
}

const STATUS: Readonly<Record<ConsultationResults["status"], string>> = {
  scheduled: "It is not open yet.",
  open: "It is open.",
  awaiting_report: "It has ended; those who took part wait to hear what came of it.",
  closed: "It is closed.",
};

/** Of a committee's poll. */
const quorum = ({ turnout }: ConsultationResults): string =>
  turnout
    ? ` ${turnout.voted} of ${turnout.eligible} have voted; ${turnout.quorum} are needed${turnout.met ? ", which is reached" : ""}.`
    : "";

/** What else has to be known to read the figures. */
function aside(results: ConsultationResults): string {
  const { repeated, screened, privacy } = results;
  const withheld = withheldWords(results);
  const parts = [
    ...(repeated > 0 ? [`${repeated} second responses are kept and not counted`] : []),
    ...(screened > 0 ? [`${screened} found no room left in a quota`] : []),
    ...(privacy === "identified" ? [] : [`it is ${privacy}`]),
    ...(withheld ? [withheld] : []),
  ];
  return parts.length > 0 ? ` (${parts.join("; ")}.)` : "";
}

const quotaText = (quotas: ConsultationResults["quotas"]): string =>
  `*Quotas*  ${quotas.map(({ cell, taken, limit }) => `${escapeMrkdwn(cell)} ${taken} of ${limit}`).join(", ")}`;

const shareOf = (n: number, of: number): string => (of > 0 ? ` (${Math.round((100 * n) / of)} %)` : "");

const pace = (seconds: number | null): string =>
  seconds === null ? "" : ` Half of those who finished took less than ${duration(seconds)}.`;

function duration(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds > size) ?? (["minute", 60] as const);
  const n = Math.max(1, Math.ceil(seconds / length));
  return n === 1 ? `one ${unit}` : `${n} ${unit}s`;
}

function questionText({ title, answered, counts, latest, left }: QuestionResult): string {
  const lost = left > 0 ? `, ${left} ended here unfinished` : "";
  const head = `*${escapeMrkdwn(title.slice(0, 300))}*  (${answered}${lost})`;
  if (counts.length === 0)
    return [
      head,
      ...latest.slice(0, QUOTES).map((said) => `> ${escapeMrkdwn(said.replaceAll("\n", " ").slice(0, 200))}`),
    ].join("\n");
  const lines = counts.map(({ label, n, low, high }) => {
    const bar = "█".repeat(Math.round((BAR * n) / Math.max(1, answered))).padEnd(BAR, "░");
    const share = answered > 0 ? `${Math.round((100 * n) / answered)} %` : "";
    const range = answered > 0 ? ` (${Math.round(100 * low)}–${Math.round(100 * high)})` : "";
    return `\`${bar}\` ${n}  ${share}${range}  ${escapeMrkdwn(label)}`;
  });
  return [head, ...lines].join("\n");
}

const spread = (what: string, counts: readonly LabelledCount[]): string =>
  `${what}: ${counts.map(({ label, n }) => `${escapeMrkdwn(label)} ${n}`).join(", ") || "none yet"}`;
