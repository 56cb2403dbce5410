import { faultsOf } from "./check.ts";
import { type Election, electionOf, eligible } from "./election.ts";
import { type Counted, type GreedyRound, outcomeOf, refused } from "./outcome.ts";
import type { BudgetVote } from "./vote.ts";

/**
 * The most votes first; what does not fit any more is passed over. Ties go to the lower cost, then to the lot. Takes
 * tallies too.
 */
export function countGreedy(vote: BudgetVote): Counted {
  const faults = faultsOf(vote);
  if (faults.length > 0) return refused(faults);
  const election = electionOf(vote);
  return { ok: true, outcome: outcomeOf(vote, election, byVotes(election)) };
}

/** Spends what is left on what was not bought yet. `bought`: places in `election.candidates`, in `rounds` rounds. */
export function byVotes(election: Election, bought: readonly number[] = []): readonly GreedyRound[] {
  const { candidates, budget } = election;
  let left = bought.reduce((rest, i) => rest - (candidates[i]?.project.cost ?? 0), budget);
  const rounds: GreedyRound[] = [];
  for (const i of eligible(election)) {
    const candidate = candidates[i];
    if (!candidate || bought.includes(i)) continue;
    const { project, votes } = candidate;
    const fits = project.cost <= left;
    if (fits) left -= project.cost;
    rounds.push({
      rule: "greedy",
      round: bought.length + rounds.length + 1,
      project: project.id,
      votes,
      cost: project.cost,
      bought: fits,
      left,
    });
  }
  return rounds;
}
