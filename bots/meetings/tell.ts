import { type Meeting, PRIORITY, type Priority, type Reachable } from "#storage";
import type { Deployment, MessageKey } from "#templates";
import { templateFor } from "../approved-template.ts";
import type { Unit } from "../unit.ts";

/** Kind of every message to people about a meeting. */
export const MEETING = "meeting";

type Values = Readonly<Record<string, string | number>>;

/** `Sat 28 Nov 18:00`, in a person's language and the municipality's time. */
export function whenOf(at: string, language: string, { timezone }: Pick<Deployment, "timezone">): string {
  const parts = new Intl.DateTimeFormat(language, {
    timeZone: timezone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(at));
  const part = (type: string): string => (parts.find((p) => p.type === type)?.value ?? "").replace(".", "");
  return `${part("weekday")} ${part("day")} ${part("month")} ${part("hour")}:${part("minute")}`;
}

/** What the sentences about a meeting may say of it. */
export const factsOf = (
  { title, startsAt, place, keyword }: Meeting,
  language: string,
  deployment: Deployment,
): Values => ({ title, when: whenOf(startsAt, language, deployment), place, keyword });

/**
 * Writes to people who did not just write to us, each in their language. Who said STOP is not among the reachable; whom
 * staff took over from the bot is: that a meeting is cancelled is no part of their conversation.
 */
export async function tell<P extends Pick<Reachable, "contactId" | "language" | "address">>(
  unit: Unit,
  meeting: Meeting,
  people: readonly P[],
  key: MessageKey,
  { values, priority = PRIORITY.bulk }: { values?: (person: P) => Values; priority?: Priority } = {},
): Promise<void> {
  const { content } = unit.app;
  const { deployment } = content;
  await unit.send(
    people.map((person) => {
      const language = person.language ?? deployment.defaultLanguage;
      const text = content.say(key, language, {
        ...factsOf(meeting, language, deployment),
        ...values?.(person),
      });
      const carried = person.address.startsWith("whatsapp:")
        ? templateFor(text, language, deployment)
        : undefined;
      return {
        to: person.address,
        contactId: person.contactId,
        text,
        priority,
        kind: MEETING,
        ref: meeting.id,
        ...(carried ? { approvedAs: carried.approvedAs } : {}),
      };
    }),
  );
}
