import { add1, type Completed } from "./add1.ts";
import { buy } from "./buy.ts";
import { fault, faultsOf } from "./check.ts";
import { type Election, electionOf } from "./election.ts";
import { type Fraction, written } from "./fraction.ts";
import { byVotes } from "./greedy.ts";
import { type Counted, outcomeOf, refused, type SharesRound, type SharesTrail } from "./outcome.ts";
import type { BudgetVote } from "./vote.ts";

/**
 * The Method of Equal Shares: everybody who voted has the same share of the budget, and a project is bought by those who
 * want it, so that a group with a part of the votes decides on about that part of the money. `completion` spends what it
 * leaves over: `add1` by larger shares, `add1_then_greedy` then by votes. See {@link buy} and {@link add1} for the rules.
 */
export function countEqualShares(vote: BudgetVote, completion: SharesTrail["completion"] = "add1"): Counted {
  const faults = [
    ...(vote.tallies ?? []).map(({ station }) =>
      fault(
        "tally_not_enough",
        `${station} gave only totals; Equal Shares must know which projects stand together on a ballot.`,
        "Enter its paper ballots one by one, or count by the greedy rule.",
      ),
    ),
    ...faultsOf(vote),
  ];
  if (faults.length > 0) return refused(faults);
  const election = electionOf(vote);
  // Without a ballot there is nobody to divide among, and nothing to buy.
  const start: Fraction = { over: BigInt(election.budget), under: BigInt(Math.max(election.ballots, 1)) };
  const { share, basket, next }: Completed =
    completion === "none" ? { share: start, basket: buy(election, start) } : add1(election, start);
  const bought = basket.purchases.map(({ candidate }) => candidate);
  return {
    ok: true,
    outcome: outcomeOf(
      vote,
      election,
      [
        ...roundsOf(election, basket.purchases),
        ...(completion === "add1_then_greedy" ? byVotes(election, bought) : []),
      ],
      {
        completion,
        start: written(start),
        share: written(share),
        ...(next ? { next: { share: written(next.share), cost: next.cost } } : {}),
      },
      (candidate) => ({
        because: "supporters_cannot_pay",
        supportersHave: written(basket.leftOf(candidate)),
      }),
    ),
  };
}

function roundsOf(
  { candidates }: Election,
  purchases: Completed["basket"]["purchases"],
): readonly SharesRound[] {
  const idOf = (place: number): string => candidates[place]?.project.id ?? "";
  return purchases.map(({ candidate, rho, payment, inFull, emptied, emptiedPaid, tied }, i) => ({
    rule: "equal_shares",
    round: i + 1,
    project: idOf(candidate),
    votes: candidates[candidate]?.votes ?? 0,
    cost: candidates[candidate]?.project.cost ?? 0,
    rho: written(rho),
    payment: written(payment),
    inFull,
    emptied,
    emptiedPaid: written(emptiedPaid),
    tied: tied.map(idOf),
  }));
}
