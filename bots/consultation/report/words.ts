import type { Deployment } from "#templates";
import type { Share } from "../analysis.ts";
import type { ConsultationResults } from "../results.ts";
import type { NamedTheme } from "../statistics/named-themes.ts";
import type { Report } from "./gather.ts";

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
export const rangeOf = ({ low, high }: Pick<Share, "low" | "high">): string =>
  `(${Math.round(100 * low)}–${Math.round(100 * high)})`;

/** What conversations cost by the deployment's prices; undefined where nothing was sent or it is not known. */
export function costOf(
  sent: Report["counts"]["sent"],
  { currency, sms, whatsapp }: Deployment["costs"],
): string | undefined {
  if (!sent || sent.length === 0) return undefined;
  const cost = sent.reduce(
    (sum, { channel, messages, segments }) =>
      sum + (channel === "sms" ? segments * sms : channel === "whatsapp" ? messages * whatsapp : 0),
    0,
  );
  return `${currency} ${cost.toFixed(2)}`;
}

/** Why some who finished are in no figure yet; undefined where all are. */
export function withheldWords({
  withheld,
  turnout,
  over,
}: Pick<ConsultationResults, "withheld" | "turnout" | "over">): string | undefined {
  if (withheld === 0) return undefined;
  if (over) return "so few finished that they would be known by what they said: it is not shown";
  return turnout
    ? "votes are shown once the poll has ended"
    : `${withheld} of those who finished are in no figure yet: the newest are shown by tens, the last when all is over, so that nobody can be told by looking twice`;
}

/** What a theme is headed with: its name where somebody gave it one, and the words that tell it from others. */
export const themeWords = ({ name, size, languages, terms }: NamedTheme): string =>
  `${name === null ? "" : `${name}: `}${size} ${size === 1 ? "answer" : "answers"} (${languages.join(", ")}): ${terms.join(", ")}`;

/** Who was asked, when, how many took part. */
export function countLines(
  { consultation, counts, instrument, languages, privacy }: Report,
  { timezone, languages: known, costs }: Pick<Deployment, "timezone" | "languages" | "costs">,
): readonly string[] {
  const day = (at: string | null): string =>
    at === null
      ? "?"
      : new Date(at).toLocaleDateString("en-ZA", {
          timeZone: timezone,
          day: "numeric",
          month: "long",
          year: "numeric",
        });
  const { started, completed, repeated, screened, late, byLanguage, byChannel, reached } = counts;
  const cost = costOf(counts.sent, costs);
  const withheld = withheldWords(counts);
  const named = languages.map((code) => known.find((each) => each.code === code)?.name ?? code);
  const spread = (of: typeof byLanguage): string => of.map(({ label, n }) => `${label} ${n}`).join(", ");
  const aside = [
    ...few(repeated, "second responses of the same people are kept and not counted"),
    ...few(screened, "found no room left in a quota"),
    ...few(late, "came after the end; they are counted, and marked as late in the register"),
  ];
  return [
    `Open to everybody who sent ${consultation.keywords.join(" or ")}, from ${day(consultation.openedAt)}${consultation.closedAt ? ` to ${day(consultation.closedAt)}` : ", and still open"}, in ${named.join(", ")}.`,
    ...(instrument
      ? [`Held under: ${instrument.title}, at least ${instrument.days} days (${instrument.source}).`]
      : []),
    ...(reached > 0
      ? [
          `${reached} people were sent a broadcast that names the keyword; how many heard of it otherwise is not known.`,
        ]
      : []),
    `${started} people began, ${completed} finished${started > 0 ? ` (${percent(completed / started)})` : ""}.`,
    ...(byLanguage.length > 0 ? [`By language: ${spread(byLanguage)}.`] : []),
    ...(byChannel.length > 0 ? [`By channel: ${spread(byChannel)}.`] : []),
    ...(aside.length > 0 ? [`${aside.join("; ")}.`] : []),
    ...(withheld ? [`${withheld[0]?.toUpperCase()}${withheld.slice(1)}.`] : []),
    ...(cost === undefined ? [] : [`The conversations cost ${cost}.`]),
    ...(privacy === "identified" ? [] : [`People were promised that it is ${privacy}, and it was held so.`]),
  ];
}

/** Nothing of none; of too few to be told apart from none of their number. */
const few = (n: number | null, words: string): readonly string[] =>
  n === 0 ? [] : [`${n ?? "a few"} ${words}`];

/** What a reader has to know to trust the figures, and how far. */
export function methodLines({ analysis, privacy, counts }: Report): readonly string[] {
  const { raked, threshold } = analysis;
  return [
    "Shares are of those who answered the question; people who skipped it or were never asked are not in them. Each person counts once.",
    "Those who took part chose to: they were not drawn by lot. The 95 % intervals (Wilson 1927) say how far chance alone could move a share if they had been; they do not say how the rest of the population thinks (AAPOR, guidance on reporting precision for nonprobability samples).",
    `Completion rate: ${counts.completed} of ${counts.started} who began. A response rate (AAPOR RR1 to RR6) cannot be given, because how many people heard of the consultation is not known.`,
    ...(raked
      ? [
          `Weighted shares: raking to ${[...new Set(raked.table.map(({ variable }) => variable))].join(", ")} (Deming & Stephan 1940), ${raked.converged ? `settled after ${raked.passes} passes` : "NOT settled"}; weights from ${raked.least.toFixed(2)} to ${raked.most.toFixed(2)}, design effect ${raked.designEffect.toFixed(2)} (Kish 1965), so that ${analysis.completed} responses say as much as ${Math.round(raked.effectiveSize)} would unweighted. Intervals of weighted shares use that number.`,
          ...raked.warnings.map((warning) => `Warning: ${warning}.`),
        ]
      : ["Shares are not weighted: groups that took part more count more."]),
    ...(threshold
      ? [
          `Counts below ${threshold} are not shown, nor others from which they could be worked out. Answers are quoted only where their authors allowed it, without the numbers and addresses that stood in them.`,
        ]
      : ["For staff: small counts are shown. Do not publish this version."]),
    ...(privacy === "anonymous"
      ? [
          "Anonymous: answers are kept without person, time, language and channel, so there are no figures by these.",
        ]
      : []),
    "Open answers stand together where their words resemble each other, or where a person gave them the same name; those without a name nobody has judged.",
  ];
}
