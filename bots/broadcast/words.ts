import { escapeMrkdwn, type Segments } from "#channels";
import type { BroadcastFinding, MessageClass } from "#flows";
import type { Audience, AudienceCount } from "#storage";
import type { Deployment } from "#templates";

/** What kind of message it is, for staff. */
export const CLASS_WORDS: Readonly<Record<MessageClass, string>> = {
  emergency: "Emergency",
  service: "About a service",
  consultation: "Consultation",
  awareness: "Campaign",
};

/** `2 412`, as South Africa writes it. */
export const number = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, " ");

/** `R 1 206.00` */
export function rand(amount: number): string {
  const [whole = "0", cents = "00"] = amount.toFixed(2).split(".");
  return `R ${number(Number(whole))}.${cents}`;
}

/** `thousands of people`: a slip of one digit is easier to see in words. */
export function magnitude(n: number): string {
  const words = [
    [1_000_000, "millions"],
    [100_000, "hundreds of thousands"],
    [10_000, "tens of thousands"],
    [1_000, "thousands"],
    [100, "hundreds"],
  ] as const;
  const found = words.find(([from]) => n >= from);
  return found ? `${number(n)}, ${found[1]} of people` : people(n);
}

export const people = (n: number): string => (n === 1 ? "1 person" : `${number(n)} people`);

/** `Tue 24 Nov 2026, 09:00` in the municipality's time zone. */
export function moment(at: string | Date, { timezone }: Pick<Deployment, "timezone">): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}`;
}

const LIST = new Intl.ListFormat("en", { type: "conjunction" });
const EITHER = new Intl.ListFormat("en", { type: "disjunction" });

export const languageName = (code: string, { languages }: Pick<Deployment, "languages">): string =>
  languages.find((language) => language.code === code)?.name ?? code;

export const channelName = (channel: string): string =>
  channel === "sms" ? "SMS" : channel === "whatsapp" ? "WhatsApp" : channel;

/** `people in wards 3 and 4 who speak isiZulu or English` */
export function audienceWords(audience: Audience, deployment: Pick<Deployment, "languages">): string {
  if (audience.participants) return "those who took part in the consultation";
  const { everyone, groups = [], wards = [], languages = [] } = audience;
  const parts = [
    ...(groups.length > 0
      ? [`in ${groups.length === 1 ? "the group" : "one of the groups"} ${EITHER.format(groups)}`]
      : []),
    ...(wards.length > 0
      ? [`in ward${wards.length === 1 ? "" : "s"} ${LIST.format(wards.map(String))}`]
      : []),
    ...(languages.length > 0
      ? [`who speak ${EITHER.format(languages.map((code) => languageName(code, deployment)))}`]
      : []),
  ];
  if (parts.length > 0) return `people ${parts.join(" ")}`;
  return everyone ? "everyone" : "nobody";
}

/** `2 412 people: 2 000 by SMS and 412 by WhatsApp` */
export function reachWords({
  recipients,
  byChannel,
}: Pick<AudienceCount, "recipients" | "byChannel">): string {
  const parts = Object.entries(byChannel).map(([channel, n]) => `${number(n)} by ${channelName(channel)}`);
  return parts.length === 0 ? "nobody" : `${people(recipients)}: ${LIST.format(parts)}`;
}

/** How many get nothing because they have had enough of its kind; empty when nobody. */
export function cappedWords(
  capped: number,
  messageClass: MessageClass,
  { sending }: Pick<Deployment, "sending">,
): string {
  const rule = sending.caps[messageClass];
  return capped === 0 || !rule
    ? ""
    : `Left out: ${people(capped)} who had ${rule.messages} messages of this kind in ${rule.days} days.`;
}

/** Why some of the audience get nothing; empty when all are reached. */
export function missedWords({ optedOut, unreachable, outsideWindow }: AudienceCount): string {
  const parts = [
    ...(optedOut > 0 ? [`${number(optedOut)} asked for no messages`] : []),
    ...(unreachable > 0 ? [`${number(unreachable)} cannot be reached on these channels`] : []),
    ...(outsideWindow > 0
      ? [`${number(outsideWindow)} are only on WhatsApp and did not write within its last 24 hours`]
      : []),
  ];
  return parts.length === 0 ? "" : `Not reached: ${parts.join("; ")}.`;
}

/** Characters that are named; a text in another script has too many. */
const UNUSUAL = 10;

/** `_UCS-2_: it takes more segments because of ô (o would do)` */
export function encodingWords({ encoding, unusual }: Segments): string {
  const named = unusual
    .slice(0, UNUSUAL)
    .map(({ character, replacement }) =>
      escapeMrkdwn(
        replacement === undefined
          ? character
          : replacement === ""
            ? `${nameOf(character)} (could be left out)`
            : `${nameOf(character)} (${replacement} would do)`,
      ),
    );
  return named.length > 0
    ? `_${encoding}_: it takes more segments because of ${named.join(", ")}`
    : `_${encoding}_`;
}

/** What cannot be seen is named by its number. */
const nameOf = (character: string): string =>
  /^[\p{Z}\p{C}\p{M}]$/u.test(character)
    ? `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
    : character;

/** Findings that are shown; more would hide the text that they are about. */
const FINDINGS = 15;

/** One line for each finding, with the rule that it comes from. */
export function findingLines(
  findings: readonly BroadcastFinding[],
  deployment: Pick<Deployment, "languages">,
): readonly string[] {
  const lines = findings.map(
    ({ level, language, rule, words }) =>
      `${level === "block" ? ":no_entry:" : ":bulb:"} ${language ? `${languageName(language, deployment)}: ` : ""}${escapeMrkdwn(words)}${rule ? ` _${rule}_` : ""}`,
  );
  const more = lines.length - FINDINGS;
  return more > 0 ? [...lines.slice(0, FINDINGS), `and ${more} more`] : lines;
}

/** `R 30.00: R 18.00 by SMS and R 12.00 by WhatsApp` */
export function costWords({
  cost,
  costByChannel,
}: {
  readonly cost: number;
  readonly costByChannel: Readonly<Record<string, number>>;
}): string {
  const parts = Object.entries(costByChannel);
  return parts.length < 2
    ? rand(cost)
    : `${rand(cost)}: ${LIST.format(parts.map(([channel, one]) => `${rand(one)} by ${channelName(channel)}`))}`;
}
