import { createHash } from "node:crypto";
import type { BudgetVote, Project } from "./vote.ts";

/** People with the same ballot have the same money throughout: they are counted together. */
export interface Bloc {
  readonly size: number;
  /** Places in `candidates`, rising. */
  readonly wants: readonly number[];
}

export interface Candidate {
  readonly project: Project;
  readonly votes: number;
}

/** A vote made ready to count. It is the same in whatever order projects and ballots came. */
export interface Election {
  readonly budget: number;
  /** Ballots cast, blank ones and those of tallies too. */
  readonly ballots: number;
  readonly blank: number;
  /** The one that wins a tie first, so that a place is also a rank. */
  readonly candidates: readonly Candidate[];
  readonly blocs: readonly Bloc[];
  /** For each candidate, the places of the blocs that want it. */
  readonly supporters: readonly (readonly number[])[];
}

/**
 * A project's lot, the smaller wins: SHA-256 of the seed, a line feed and the id, in hex. To repeat it:
 * `printf '%s\n%s' "$seed" "$id" | sha256sum`. Publish the seed before the vote closes, and nobody can look for one that
 * suits them.
 */
export const lotOf = (seed: string, projectId: string): string =>
  createHash("sha256").update(`${seed}\n${projectId}`).digest("hex");

/** Expects what `faultsOf` passed. */
export function electionOf({ budget, projects, ballots, tallies = [], seed }: BudgetVote): Election {
  const votes = new Map(projects.map(({ id }) => [id, 0]));
  const add = (id: string, more: number): unknown => votes.set(id, (votes.get(id) ?? 0) + more);
  for (const { approves } of ballots) for (const id of approves) add(id, 1);
  for (const tally of tallies) for (const [id, more] of Object.entries(tally.votes)) add(id, more);
  const candidates = projects
    .map((project) => ({ project, votes: votes.get(project.id) ?? 0, lot: lotOf(seed, project.id) }))
    // The published tie-break: more votes, then the lower cost, then the lot.
    .toSorted((a, b) => b.votes - a.votes || a.project.cost - b.project.cost || (a.lot < b.lot ? -1 : 1))
    .map(({ project, votes }) => ({ project, votes }));
  const blocs = blocsOf(ballots, candidates);
  const supporters: number[][] = candidates.map(() => []);
  for (const [b, { wants }] of blocs.entries()) for (const candidate of wants) supporters[candidate]?.push(b);
  return {
    budget,
    ballots: tallies.reduce((sum, tally) => sum + tally.ballots, ballots.length),
    blank: ballots.filter(({ approves }) => approves.length === 0).length,
    candidates,
    blocs,
    supporters,
  };
}

function blocsOf(ballots: BudgetVote["ballots"], candidates: readonly Candidate[]): readonly Bloc[] {
  const place = new Map(candidates.map(({ project }, i) => [project.id, i]));
  const blocs = new Map<string, { size: number; wants: readonly number[] }>();
  for (const { approves } of ballots) {
    const wants = approves.flatMap((id) => place.get(id) ?? []).toSorted((a, b) => a - b);
    if (wants.length === 0) continue;
    const bloc = blocs.get(wants.join()) ?? { size: 0, wants };
    bloc.size++;
    blocs.set(wants.join(), bloc);
  }
  return [...blocs.values()];
}

/** What can win at all: somebody wants it, and the budget could pay for it. The others would stop no count. */
export const eligible = ({ candidates, budget }: Election): readonly number[] =>
  [...candidates.keys()].filter((i) => {
    const candidate = candidates[i];
    return candidate !== undefined && candidate.votes > 0 && candidate.project.cost <= budget;
  });
