import { type Candidate, type Election, lotOf } from "./election.ts";
import { type BudgetVote, type Fault, MAX_FAULTS, type Project } from "./vote.ts";

/** A project that was looked at when the money went by votes alone. */
export interface GreedyRound {
  readonly rule: "greedy";
  readonly round: number;
  readonly project: string;
  readonly votes: number;
  readonly cost: number;
  /** False: it did not fit any more and was passed over. */
  readonly bought: boolean;
  readonly left: number;
}

/**
 * A purchase of Equal Shares. Fractions are written in lowest terms, `100/3`. Each supporter gave `payment`, or all that
 * they had if it was less: `inFull` × `payment` + `emptiedPaid` = `cost`.
 */
export interface SharesRound {
  readonly rule: "equal_shares";
  readonly round: number;
  readonly project: string;
  readonly votes: number;
  readonly cost: number;
  /** The price of a unit of its cost to a supporter: 1 / rho is its effective number of votes. */
  readonly rho: string;
  readonly payment: string;
  readonly inFull: number;
  readonly emptied: number;
  readonly emptiedPaid: string;
  /** Those with the same rho, which lost the tie-break. */
  readonly tied: readonly string[];
}

export type Round = GreedyRound | SharesRound;

export interface ProjectOutcome {
  readonly id: string;
  readonly name: string;
  readonly cost: number;
  readonly ward?: string;
  readonly votes: number;
  /** What breaks a tie of votes and cost, the smaller first; see {@link lotOf}. */
  readonly lot: string;
  readonly result: "selected" | "not_selected";
  /** From 1, in the order of selection. */
  readonly order?: number;
  readonly rho?: string;
  readonly because?: "no_votes" | "dearer_than_the_budget" | "did_not_fit" | "supporters_cannot_pay";
  /** Equal Shares: the money that the supporters of what was not selected have left, together. */
  readonly supportersHave?: string;
}

/** The whole count, as it is published: nothing but JSON, and no voter is named in it. */
export interface Outcome {
  readonly rule: "greedy" | "equal_shares";
  readonly kind: BudgetVote["kind"];
  readonly seed: string;
  readonly budget: number;
  readonly spent: number;
  readonly leftover: number;
  /** Blank ballots count as ballots: under Equal Shares they have a share, which buys nothing. */
  readonly ballots: number;
  readonly blank: number;
  /** Of the ballots, those that came on paper, one by one or in tallies. */
  readonly paper: number;
  /** Those that win ties first. */
  readonly projects: readonly ProjectOutcome[];
  readonly rounds: readonly Round[];
  readonly shares?: SharesTrail;
}

export interface SharesTrail {
  readonly completion: "none" | "add1" | "add1_then_greedy";
  /** The budget divided by the ballots. */
  readonly start: string;
  /** With which the rounds were bought. */
  readonly share: string;
  /** Why it was not raised further: what the next share would have cost. */
  readonly next?: { readonly share: string; readonly cost: number };
}

/** A count, or all that keeps it from being made. */
export type Counted =
  | { readonly ok: true; readonly outcome: Outcome }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export const refused = (faults: readonly Fault[]): Counted => ({
  ok: false,
  faults: faults.slice(0, MAX_FAULTS),
});

type Short = Pick<ProjectOutcome, "because" | "supportersHave">;

/** Puts the rounds of a count together; `short`: why one that could have been selected was not. */
export function outcomeOf(
  vote: BudgetVote,
  election: Election,
  rounds: readonly Round[],
  shares?: SharesTrail,
  short: (candidate: number) => Short = () => ({ because: "did_not_fit" }),
): Outcome {
  const { budget, candidates, ballots, blank } = election;
  const bought = rounds.filter((round) => round.rule === "equal_shares" || round.bought);
  const spent = bought.reduce((sum, { cost }) => sum + cost, 0);
  const won = new Map(
    bought.map((round, i) => [
      round.project,
      {
        result: "selected" as const,
        order: i + 1,
        ...(round.rule === "equal_shares" ? { rho: round.rho } : {}),
      },
    ]),
  );
  return {
    rule: shares ? "equal_shares" : "greedy",
    kind: vote.kind,
    seed: vote.seed,
    budget,
    spent,
    leftover: budget - spent,
    ballots,
    blank,
    paper: (vote.tallies ?? []).reduce(
      (sum, tally) => sum + tally.ballots,
      vote.ballots.filter(({ source }) => source === "paper").length,
    ),
    projects: candidates.map((candidate, i) => ({
      ...listed(candidate.project),
      votes: candidate.votes,
      lot: lotOf(vote.seed, candidate.project.id),
      ...(won.get(candidate.project.id) ?? {
        result: "not_selected",
        ...(impossible(candidate, budget) ?? short(i)),
      }),
    })),
    rounds,
    ...(shares ? { shares } : {}),
  };
}

const listed = ({
  id,
  name,
  cost,
  ward,
}: Project): Pick<ProjectOutcome, "id" | "name" | "cost" | "ward"> => ({
  id,
  name,
  cost,
  ...(ward === undefined ? {} : { ward }),
});

function impossible({ project, votes }: Candidate, budget: number): Short | undefined {
  if (votes === 0) return { because: "no_votes" };
  return project.cost > budget ? { because: "dearer_than_the_budget" } : undefined;
}
