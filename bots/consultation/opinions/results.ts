import { wilson } from "../statistics/wilson.ts";
import { rowOf, UNSEEN, type VoteMatrix } from "./votes.ts";

/** How many of a statement's votes were this one. */
export interface Share {
  readonly count: number;
  /** Of the votes on the statement, passes included; 0 when there are none. */
  readonly share: number;
  /** Wilson's interval at 95 %; with no votes it is the whole range. */
  readonly low: number;
  readonly high: number;
}

/** What voters said to one statement. */
export interface StatementResult {
  readonly statement: string;
  /** Votes seen: agree, disagree and pass together. */
  readonly votes: number;
  readonly agree: Share;
  readonly disagree: Share;
  readonly pass: Share;
}

/** Every statement's counts and intervals, in the order of the ids; `rows` narrows it to some voters. */
export function statementResults(
  matrix: VoteMatrix,
  rows: Iterable<number> = matrix.voters.keys(),
): StatementResult[] {
  const counts = matrix.statements.map(() => ({ agree: 0, disagree: 0, pass: 0 }));
  for (const row of rows)
    for (const [column, vote] of rowOf(matrix, row).entries()) {
      const count = counts[column];
      if (!count || vote === UNSEEN) continue;
      count[vote === 1 ? "agree" : vote === -1 ? "disagree" : "pass"] += 1;
    }
  return counts.map(({ agree, disagree, pass }, column) => {
    const votes = agree + disagree + pass;
    return {
      statement: matrix.statements[column] as string,
      votes,
      agree: shareOf(agree, votes),
      disagree: shareOf(disagree, votes),
      pass: shareOf(pass, votes),
    };
  });
}

function shareOf(count: number, votes: number): Share {
  const { low, high } = wilson(count, votes);
  return { count, share: count / Math.max(1, votes), low, high };
}
