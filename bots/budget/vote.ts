/**
 * A participatory budget vote: people say which projects they want, and the money is shared out by a rule that anybody
 * can repeat. Nothing here reads a clock, draws a lot or rounds.
 *
 * Glossary
 * - **Project**: what the money may buy, whole or not at all.
 * - **Ballot**: one person's projects. *Approval*: as many as they like. *Knapsack*: what they would buy themselves, so
 *   together it costs no more than the budget.
 * - **Paper ballot**: a ballot that was typed in from paper, with the station that it comes from.
 * - **Tally**: only the totals of a station. Enough for the greedy rule, not for Equal Shares.
 * - **Share**: the money that Equal Shares puts into each voter's hands.
 * - **Seed**: the word from which ties are broken, published before the count.
 */

/** Projects on one ballot paper; Wieliczka 2023 had 64. */
export const MAX_PROJECTS = 1_000;
/** Ballots in one count. */
export const MAX_BALLOTS = 1_000_000;
/** Whole units of the currency: the sum of every cost stays a safe integer. */
export const MAX_MONEY = 1_000_000_000_000;
/** Characters of an id, and of a name. */
export const MAX_ID = 100;
export const MAX_NAME = 1_000;
/** Faults that are told at once: who mends 100 finds the others next time. */
export const MAX_FAULTS = 100;

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Whole units of the currency, at least 1. */
  readonly cost: number;
  readonly ward?: string;
}

export interface PhoneBallot {
  readonly voter: string;
  readonly approves: readonly string[];
  readonly source?: "phone";
}

export interface PaperBallot {
  readonly voter: string;
  readonly approves: readonly string[];
  readonly source: "paper";
  readonly station: string;
}

export type Ballot = PhoneBallot | PaperBallot;

/**
 * What a station counted by hand. Equal Shares follows each voter's money and so needs to know which projects stand
 * together on a ballot: it refuses tallies. Only {@link countGreedy} takes them.
 */
export interface PaperTally {
  readonly station: string;
  /** Ballot papers counted, blank ones too. */
  readonly ballots: number;
  readonly votes: Readonly<Record<string, number>>;
}

export interface BudgetVote {
  /** Whole units of the currency. */
  readonly budget: number;
  readonly kind: "approval" | "knapsack";
  readonly projects: readonly Project[];
  readonly ballots: readonly Ballot[];
  readonly tallies?: readonly PaperTally[];
  readonly seed: string;
}

export type FaultCode =
  | "bad_budget"
  | "bad_seed"
  | "bad_project"
  | "same_project_twice"
  | "too_many"
  | "bad_voter"
  | "same_voter_twice"
  | "unknown_project"
  | "project_named_twice"
  | "over_the_budget"
  | "bad_station"
  | "same_station_twice"
  | "bad_tally"
  | "tally_not_enough"
  | "bad_file";

/** Why something is not counted, in words that staff can act on. */
export interface Fault {
  readonly code: FaultCode;
  /** In a file, from 1. */
  readonly line?: number;
  readonly what: string;
  readonly remedy: string;
}
