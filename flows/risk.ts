/**
 * How much care a broadcast needs before it goes out: who has to approve it, and why.
 *
 * Glossary
 * - **Points**: what each circumstance adds; the deployment sets them.
 * - **Needs**: one role for each approval that is wanted; each has to come from a different person.
 * - **Person**: a human being, however many accounts they have.
 */
import type { MessageClass } from "./broadcast.ts";

/** From `from` on (people, or the deployment's currency) it adds so many points; the highest that applies counts. */
export interface RiskStep {
  readonly from: number;
  readonly points: number;
}

export interface RiskRules {
  readonly people: readonly RiskStep[];
  readonly cost: readonly RiskStep[];
  readonly classes: Readonly<Partial<Record<MessageClass, number>>>;
  /** Its author says that it is delicate. */
  readonly sensitive: number;
  /** It starts within the quiet hours. */
  readonly night: number;
  /** Nothing with this wording was ever sent. */
  readonly firstUse: number;
  /** A text holds a link. */
  readonly links: number;
  /** Who has to approve, from so many points on. The first is from 0. */
  readonly approvals: readonly { readonly from: number; readonly by: readonly string[] }[];
}

export interface RiskFacts {
  readonly people: number;
  /** In the deployment's currency. */
  readonly cost: number;
  readonly messageClass: MessageClass;
  readonly sensitive: boolean;
  readonly night: boolean;
  readonly firstUse: boolean;
  readonly links: boolean;
}

export interface Risk {
  readonly points: number;
  /** What it adds up from, the weightiest first. */
  readonly reasons: readonly { readonly points: number; readonly words: string }[];
  /** A role for each approval that is wanted. */
  readonly needs: readonly string[];
}

const CLASS_REASONS: Readonly<Record<MessageClass, string>> = {
  emergency: "an emergency, sent at any hour",
  service: "about a service",
  consultation: "about a consultation",
  awareness: "a campaign",
};

/** Adds the points up, and says which approvals they call for. */
export function riskOf(facts: RiskFacts, rules: RiskRules): Risk {
  const highest = (steps: readonly RiskStep[], value: number): number =>
    Math.max(0, ...steps.filter(({ from }) => value >= from).map(({ points }) => points));
  const reasons = [
    { points: highest(rules.people, facts.people), words: "many people" },
    { points: highest(rules.cost, facts.cost), words: "its cost" },
    { points: rules.classes[facts.messageClass] ?? 0, words: CLASS_REASONS[facts.messageClass] },
    { points: facts.sensitive ? rules.sensitive : 0, words: "marked as delicate" },
    { points: facts.night ? rules.night : 0, words: "it starts within the quiet hours" },
    { points: facts.firstUse ? rules.firstUse : 0, words: "this wording was never sent before" },
    { points: facts.links ? rules.links : 0, words: "it holds a link" },
  ]
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0);
  const level = rules.approvals.filter(({ from }) => points >= from).reduce(higher, { from: -1, by: [] });
  return { points, reasons, needs: level.by };
}

type Level = RiskRules["approvals"][number];
const higher = (a: Level, b: Level): Level => (b.from > a.from ? b : a);

/** An approval that was given, by whom, with what power. */
export interface GivenApproval {
  /** The same for every account of one human being. */
  readonly person: string;
  readonly roles: readonly string[];
}

/**
 * The roles whose approval is still wanting. Each person stands for one of them at most, whichever leaves the fewest
 * open: an approver who is a crisis lead too counts as whatever the others are not.
 */
export function missingApprovals(
  needs: readonly string[],
  given: readonly GivenApproval[],
): readonly string[] {
  const people = new Map<string, Set<string>>();
  for (const { person, roles } of given)
    people.set(person, new Set([...(people.get(person) ?? []), ...roles]));
  // Kuhn's algorithm: who stands for which need is changed as long as that fills one more.
  const standsFor = new Map<number, string>();
  const place = (person: string, tried: Set<number>): boolean =>
    needs.some((role, need) => {
      if (tried.has(need) || !people.get(person)?.has(role)) return false;
      tried.add(need);
      const holder = standsFor.get(need);
      if (holder !== undefined && !place(holder, tried)) return false;
      standsFor.set(need, person);
      return true;
    });
  for (const person of people.keys()) place(person, new Set());
  return needs.filter((_role, need) => !standsFor.has(need));
}

const LINK = /\b(?:https?:\/\/|www\.)\S|\b[\w-]+\.(?:gov|org|co|com|net|info)(?:\.za)?\b/i;

/** Whether a text leads its readers somewhere else. */
export const holdsLink = (text: string): boolean => LINK.test(text);
