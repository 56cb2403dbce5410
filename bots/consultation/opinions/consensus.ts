import type { Share, StatementResult } from "./results.ts";

/** The share that makes consensus: Polis's report calls 60 % voting one way a majority opinion. */
export const CONSENSUS = 0.6;

/** The share on each of the two sides that makes a statement divisive: our choice, a quarter. */
export const DIVISIVE = 0.25;

/** A statement that most voters answered alike. */
export interface ConsensusStatement extends StatementResult {
  /** What most of them said. */
  readonly side: "agree" | "disagree";
}

/**
 * Statements that surely, by the low end of the interval, more than 60 % agree with, or disagree with; the surest
 * first. One that a quarter surely opposes is divisive, not this.
 */
export function consensusStatements(results: readonly StatementResult[]): ConsensusStatement[] {
  const found: ConsensusStatement[] = [];
  for (const result of results) {
    const side = result.agree.count >= result.disagree.count ? "agree" : "disagree";
    if (result[side].low > CONSENSUS && !isDivisive(result)) found.push({ ...result, side });
  }
  return found.sort((a, b) => b[b.side].low - a[a.side].low || byId(a, b));
}

/** Statements with surely more than a quarter of the votes on each side; the most evenly split first. */
export function divisiveStatements(results: readonly StatementResult[]): StatementResult[] {
  return results.filter(isDivisive).sort((a, b) => smaller(b).low - smaller(a).low || byId(a, b));
}

const isDivisive = (result: StatementResult): boolean => smaller(result).low > DIVISIVE;

const smaller = ({ agree, disagree }: StatementResult): Share =>
  agree.count < disagree.count ? agree : disagree;

const byId = (a: StatementResult, b: StatementResult): number => (a.statement < b.statement ? -1 : 1);
