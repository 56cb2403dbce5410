/**
 * Opinion groups from votes on statements, in the way of Polis (Small et al. 2021, Recerca 26(2), "Polis: scaling
 * deliberation by mapping high dimensional opinion spaces"). What is here was written from the published formulas.
 *
 * Glossary
 * - **Statement**: one sentence that people vote on.
 * - **Vote**: agree 1, disagree -1, pass 0. A statement that somebody was not shown, or left out, is **unseen**.
 * - **In the conversation**: who voted often enough to be placed; everybody's votes count in the results.
 * - **Plane**: the two directions in which voters differ most; every voter in the conversation is a point in it.
 * - **Group**: voters who are near to each other in the plane.
 * - **Uniform voter**: one who agreed with everything, or disagreed with everything.
 */

export type VoteValue = 1 | -1 | 0;

/** One person's vote on one statement. */
export interface Vote {
  readonly voter: string;
  readonly statement: string;
  readonly vote: VoteValue;
}

/** Votes by voter (rows) and statement (columns), both in the order of their ids. */
export interface VoteMatrix {
  readonly voters: readonly string[];
  readonly statements: readonly string[];
  /** Row by row; UNSEEN where there is no vote. */
  readonly cells: Int8Array;
}

/** In a cell: no vote. */
export const UNSEEN = 2;

/** Votes that put a voter in the conversation, or all statements if there are fewer (Polis's math, conversation.clj). */
export const VOTES_TO_COUNT = 7;

/**
 * The votes as a matrix. `statements` adds those that nobody has voted on. The order of the votes does not matter, so
 * there is one per voter and statement at most: a second is the caller's bug.
 */
export function voteMatrix(votes: Iterable<Vote>, statements: Iterable<string> = []): VoteMatrix {
  const all = [...votes];
  const voterIds = [...new Set(all.map(({ voter }) => voter))].sort();
  const statementIds = [...new Set([...statements, ...all.map(({ statement }) => statement)])].sort();
  const rows = new Map(voterIds.map((id, row) => [id, row]));
  const columns = new Map(statementIds.map((id, column) => [id, column]));
  const cells = new Int8Array(voterIds.length * statementIds.length).fill(UNSEEN);
  for (const { voter, statement, vote } of all) {
    const cell = (rows.get(voter) as number) * statementIds.length + (columns.get(statement) as number);
    if (cells[cell] !== UNSEEN) throw new Error("A voter has two votes on one statement.");
    cells[cell] = vote;
  }
  return { voters: voterIds, statements: statementIds, cells };
}

/** The votes of one row, unseen ones included. */
export function rowOf({ statements, cells }: VoteMatrix, row: number): Int8Array {
  return cells.subarray(row * statements.length, (row + 1) * statements.length);
}

/** The same statements with these rows, in this order; a row may come twice. */
export function pickRows(matrix: VoteMatrix, rows: readonly number[]): VoteMatrix {
  const cells = new Int8Array(rows.length * matrix.statements.length);
  for (const [to, from] of rows.entries()) cells.set(rowOf(matrix, from), to * matrix.statements.length);
  return { voters: rows.map((row) => matrix.voters[row] as string), statements: matrix.statements, cells };
}

/** Those who voted often enough to be placed. */
export function inConversation(matrix: VoteMatrix): VoteMatrix {
  const enough = Math.min(VOTES_TO_COUNT, matrix.statements.length);
  const seen = (row: number): number => rowOf(matrix, row).filter((vote) => vote !== UNSEEN).length;
  return pickRows(
    matrix,
    [...matrix.voters.keys()].filter((row) => seen(row) >= enough),
  );
}
