import { type BudgetResult, type BudgetVote, inOrderOfVotes, type Round, supportersOf } from "./vote.ts";

/** The most votes first; what does not fit any more is passed over. Nothing without a vote is paid. */
export function greedy(vote: BudgetVote, seed: string, from: readonly string[] = []): BudgetResult {
  const supporters = supportersOf(vote);
  const costs = new Map(vote.projects.map(({ id, cost }) => [id, cost]));
  const selected = [...from];
  let left = vote.budget - from.reduce((sum, id) => sum + (costs.get(id) ?? 0), 0);
  const rounds: Round[] = [];
  for (const { id, cost } of inOrderOfVotes(vote, seed)) {
    const votes = supporters.get(id)?.length ?? 0;
    if (votes === 0 || cost > left || selected.includes(id)) continue;
    selected.push(id);
    left -= cost;
    rounds.push({ project: id, cost, votes });
  }
  return { selected, spent: vote.budget - left, left, rounds };
}
