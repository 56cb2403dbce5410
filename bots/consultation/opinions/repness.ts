import type { StatementResult } from "./results.ts";

/** One-sided 90 % of the normal distribution, above which Polis takes a test to have passed (math, stats.clj). */
export const Z_90_ONE_SIDED = 1.2816;

/** Statements that stand for a group, at most (Polis's math, repness.clj). */
const REPRESENTATIVE = 5;

/** A statement that tells what a group thinks and others think less. */
export interface Representative {
  readonly statement: string;
  readonly side: "agree" | "disagree";
  /** The group's share that took the side, (n + 1) / (votes + 2): drawn to a half while votes are few. */
  readonly share: number;
  /** Whether that share is above a half, as a z value. */
  readonly shareTest: number;
  /** The group's share over that of everybody else in the groups. */
  readonly ratio: number;
  /** Whether the group's share is above the others', as a z value. */
  readonly ratioTest: number;
  /** ratio × ratioTest × share × shareTest, by which the list is sorted. */
  readonly repness: number;
}

/** How much the groups, each taken by itself, share a statement. */
export interface GroupAware {
  readonly statement: string;
  /** Product over the groups of (agreed + 1) / (votes + 2). */
  readonly agree: number;
  /** The same for disagreeing. */
  readonly disagree: number;
}

/** `successes` of `n`, one added to the one and two to the other (Polis's pa and pd). */
export const smoothedShare = (successes: number, n: number): number => (successes + 1) / (n + 2);

/** Whether `successes` of `n` is above a half, as a z value, with one success added (Polis's prop-test). */
export const shareTest = (successes: number, n: number): number =>
  2 * Math.sqrt(n + 1) * ((successes + 1) / (n + 1) - 0.5);

/** Whether the first share is above the second, as a z value, with one added to each count (Polis's two-prop-test). */
export function twoShareTest(successes: number, n: number, otherSuccesses: number, otherN: number): number {
  const [s1, n1, s2, n2] = [successes + 1, n + 1, otherSuccesses + 1, otherN + 1];
  const pooled = (s1 + s2) / (n1 + n2);
  // With no votes but successes the shares are equal and nothing varies.
  if (pooled >= 1) return 0;
  return (s1 / n1 - s2 / n2) / Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
}

/** What stands for a group: both tests passed, the strongest first. `others` are the other groups' results. */
export function representatives(
  group: readonly StatementResult[],
  others: readonly (readonly StatementResult[])[],
): Representative[] {
  const found: Representative[] = [];
  for (const [column, own] of group.entries())
    for (const side of ["agree", "disagree"] as const) {
      let [count, votes] = [0, 0];
      for (const other of others) {
        count += other[column]?.[side].count ?? 0;
        votes += other[column]?.votes ?? 0;
      }
      const candidate = compare(own, side, count, votes);
      if (candidate.shareTest > Z_90_ONE_SIDED && candidate.ratioTest > Z_90_ONE_SIDED) found.push(candidate);
    }
  return found
    .sort((a, b) => b.repness - a.repness || (a.statement < b.statement ? -1 : 1))
    .slice(0, REPRESENTATIVE);
}

function compare(
  own: StatementResult,
  side: "agree" | "disagree",
  otherCount: number,
  otherVotes: number,
): Representative {
  const share = smoothedShare(own[side].count, own.votes);
  const test = shareTest(own[side].count, own.votes);
  const ratio = share / smoothedShare(otherCount, otherVotes);
  const ratioTest = twoShareTest(own[side].count, own.votes, otherCount, otherVotes);
  return {
    statement: own.statement,
    side,
    share,
    shareTest: test,
    ratio,
    ratioTest,
    repness: ratio * ratioTest * share * test,
  };
}

/** Group-aware consensus, the most agreed first: one group's no weighs as much as another's, whatever their sizes. */
export function groupAwareConsensus(groups: readonly (readonly StatementResult[])[]): GroupAware[] {
  const product = (column: number, side: "agree" | "disagree"): number =>
    groups.reduce((all, results) => {
      const result = results[column];
      return all * smoothedShare(result?.[side].count ?? 0, result?.votes ?? 0);
    }, 1);
  const statements = (groups[0] ?? []).map(({ statement }, column) => ({
    statement,
    agree: product(column, "agree"),
    disagree: product(column, "disagree"),
  }));
  return statements.sort((a, b) => b.agree - a.agree || (a.statement < b.statement ? -1 : 1));
}
