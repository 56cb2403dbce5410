/**
 * Participatory budgets: what people vote for, and how the money is shared out. Whole units of the currency throughout.
 *
 * Glossary
 * - **Project**: something that costs so much, all of it or nothing.
 * - **Ballot**: the projects that one person is for. In an approval vote all that they like, in a knapsack vote what they
 *   would buy.
 * - **Tie-break**: a fixed order of all projects, drawn from a seed that is published before the count.
 */
import { createHash } from "node:crypto";

export interface Project {
  readonly id: string;
  readonly name: string;
  /** More than 0. */
  readonly cost: number;
}

export interface Ballot {
  readonly voter: string;
  readonly projects: readonly string[];
}

export interface BudgetVote {
  readonly budget: number;
  readonly projects: readonly Project[];
  readonly ballots: readonly Ballot[];
}

/** A step of the count, as it is published. */
export interface Round {
  readonly project: string;
  readonly cost: number;
  readonly votes: number;
  /** Equal Shares: what each supporter pays for a unit of its cost, at most. As a fraction: nothing is rounded. */
  readonly price?: string;
}

export interface BudgetResult {
  readonly selected: readonly string[];
  readonly spent: number;
  readonly left: number;
  readonly rounds: readonly Round[];
  /** Equal Shares: what one voter had, as a fraction of the currency's unit. */
  readonly share?: string;
}

/** Votes by project; a project that is named twice on one ballot counts once, one that does not exist not at all. */
export function supportersOf({ projects, ballots }: BudgetVote): ReadonlyMap<string, readonly number[]> {
  const supporters = new Map<string, number[]>(projects.map(({ id }) => [id, []]));
  for (const [voter, { projects: chosen }] of ballots.entries())
    for (const id of new Set(chosen)) supporters.get(id)?.push(voter);
  return supporters;
}

/**
 * Who comes first where votes and costs are equal: by SHA-256 over the seed and the project's id, smallest first. Publish
 * the seed before the vote closes: nobody can then choose an order that suits them.
 */
export function tieBreak(projects: readonly Project[], seed: string): ReadonlyMap<string, number> {
  const digest = (id: string): string => createHash("sha256").update(`${seed}\n${id}`).digest("hex");
  const order = projects.map(({ id }) => id).toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1));
  return new Map(order.map((id, place) => [id, place]));
}

/** More votes, then the lower cost, then the tie-break. */
export function inOrderOfVotes(vote: BudgetVote, seed: string): readonly Project[] {
  const supporters = supportersOf(vote);
  const places = tieBreak(vote.projects, seed);
  const votes = (id: string): number => supporters.get(id)?.length ?? 0;
  return vote.projects.toSorted(
    (a, b) =>
      votes(b.id) - votes(a.id) || a.cost - b.cost || (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0),
  );
}
