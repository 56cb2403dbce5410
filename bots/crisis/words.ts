import type { CrisisEvent, CrisisRefusal } from "#flows";
import type { Crisis } from "#storage";
import type { Deployment } from "#templates";
import { nameOf, type People } from "./people.ts";

/** What people call it by: C-12. */
export const referenceOf = (crisis: Pick<Crisis, "number">): string => `C-${crisis.number}`;

/** What a crisis is shown as, with its mode: nobody takes a drill for real, or the other way round. */
export function titleOf(crisis: Pick<Crisis, "number" | "title" | "mode">): string {
  return `${crisis.mode === "drill" ? "EXERCISE " : ""}${referenceOf(crisis)} ${crisis.title}`;
}

/** HH:MM on the municipality's clock. */
export function clockOf(moment: string | Date, deployment: Pick<Deployment, "timezone">): string {
  return new Intl.DateTimeFormat("en-ZA", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: deployment.timezone,
  }).format(new Date(moment));
}

/** One sentence of the timeline. */
export function wordsOf(
  event: CrisisEvent,
  people: People,
  deployment: Pick<Deployment, "timezone">,
): string {
  const name = (id: string | undefined): string => nameOf(people, id);
  switch (event.kind) {
    case "declared":
      return "The crisis was declared.";
    case "tier_paged":
      return `Paged ${event.people.map(name).join(", ")} (${event.tier}).`;
    case "tier_skipped":
      return `Nobody can be reached in ${event.tier}: the next tier is called at once.`;
    case "tier_silent":
      return `No answer from ${event.tier} in time: the next tier is called.`;
    case "tier_declined":
      return `Everybody in ${event.tier} said that they can't: the next tier is called at once.`;
    case "acknowledged":
      return `${name(event.by)} acknowledged and has it now.`;
    case "unreachable":
      return `No page reached ${name(event.by)}: the number or the carrier refused them all.`;
    case "declined":
      return `${name(event.by)} can't.`;
    case "handed_back":
      return `${name(event.by)} handed it back: the ladder is climbed from its foot.`;
    case "exhausted":
      return `NOBODY HAS ANSWERED (climb ${event.climbs}). Everyone is alarmed and it starts over from the top.`;
    case "asked_again":
      return `${name(event.owner)} has been silent and is asked again.`;
    case "owner_silent":
      return `${name(event.owner)} did not answer: it is nobody's again, the ladder is climbed from its foot.`;
    case "severity":
      return `${name(event.by)} set the severity to ${event.level}.`;
    case "update_late":
      return `The update promised for ${clockOf(event.dueAt, deployment)} is late.`;
    case "all_clear":
      return `${name(event.by)} gave the all-clear; its statement goes to approval.`;
    case "closed":
      return event.by === undefined ? "Closed: the all-clear is out." : `${name(event.by)} closed it.`;
    case "cancelled":
      return `${name(event.by)} cancelled it.`;
  }
}

/** Who did it, as the timeline and the audit log write it. */
export function actorOf(event: CrisisEvent): string {
  return "by" in event && event.by !== undefined ? `staff:${event.by}` : "system";
}

export const REFUSALS: Readonly<Record<CrisisRefusal, string>> = {
  ended: "This crisis is over: there is nothing left to acknowledge.",
  standing_down: "The all-clear was given for this crisis; its statement waits for approval.",
  nothing_to_decline: "It is not yours, so there is nothing to hand back.",
  unknown_severity: "The protocol has no such severity.",
  not_all_clear: "Give the all-clear first; then it can be closed.",
};
