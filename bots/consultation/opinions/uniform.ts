import { rowOf, UNSEEN, type VoteMatrix } from "./votes.ts";

/** Rows of those whose every vote was to agree, and of those whose every vote was to disagree. */
export function uniformRows(matrix: VoteMatrix): { agree: number[]; disagree: number[] } {
  const all = (vote: number): number[] =>
    [...matrix.voters.keys()].filter((row) =>
      rowOf(matrix, row).every((cell) => cell === vote || cell === UNSEEN),
    );
  return { agree: all(1), disagree: all(-1) };
}
