import type { MessageClass } from "#flows";
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
