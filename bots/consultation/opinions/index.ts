import { adjustedRand } from "./adjusted-rand.ts";
import { type ConsensusStatement, consensusStatements, divisiveStatements } from "./consensus.ts";
import { type Checks, findGroups, judge, LEAST_VOTERS, type Refusal } from "./gate.ts";
import { DEFAULT_SEED, type Random, seeded } from "./random.ts";
import { type GroupAware, groupAwareConsensus, type Representative, representatives } from "./repness.ts";
import { type StatementResult, statementResults } from "./results.ts";
import { uniformRows } from "./uniform.ts";
import { inConversation, pickRows, type Vote, type VoteMatrix, voteMatrix } from "./votes.ts";

export type { ConsensusStatement } from "./consensus.ts";
export type { Checks, Refusal } from "./gate.ts";
export type { GroupAware, Representative } from "./repness.ts";
export type { StatementResult } from "./results.ts";
export type { Vote, VoteValue } from "./votes.ts";

export interface OpinionOptions {
  /** All statements that were put to people, so that one without votes is in the results too. */
  readonly statements?: readonly string[];
  /** Another seed draws other shuffles, resamples and starts. */
  readonly seed?: number;
}

/** What the votes say; small counts are not suppressed here, and voters' ids are not for print. */
export type OpinionAnalysis = OpinionResults & (OpinionGroups | NoOpinionGroups);

export interface OpinionResults {
  readonly votes: number;
  readonly voters: number;
  /** Voters with at least seven votes, or one on every statement if there are fewer: only they are put in groups. */
  readonly inConversation: number;
  /** In the order of the ids. */
  readonly statements: readonly StatementResult[];
  readonly consensus: readonly ConsensusStatement[];
  readonly divisive: readonly StatementResult[];
  readonly uniform: UniformVoters;
  readonly checks: Checks;
}

/** Those in the conversation who voted one way throughout, and what the results are without them. */
export interface UniformVoters {
  readonly agreedWithAll: readonly string[];
  readonly disagreedWithAll: readonly string[];
  readonly statementsWithout: readonly StatementResult[];
  readonly consensusWithout: readonly ConsensusStatement[];
  readonly divisiveWithout: readonly StatementResult[];
}

export interface OpinionGroups {
  /** The largest first. */
  readonly groups: readonly OpinionGroup[];
  readonly groupAwareConsensus: readonly GroupAware[];
  /**
   * Adjusted Rand index between the groups and those found without uniform voters, among the others: 1 is the same.
   * Undefined when fewer than 100 others remain.
   */
  readonly sameWithoutUniform?: number;
  readonly noGroups?: never;
  readonly refusal?: never;
}

export interface OpinionGroup {
  readonly voters: readonly string[];
  readonly statements: readonly StatementResult[];
  readonly representative: readonly Representative[];
}

export interface NoOpinionGroups {
  /** Why, in words for the report. */
  readonly noGroups: string;
  readonly refusal: Refusal;
  readonly groups?: never;
  readonly groupAwareConsensus?: never;
  readonly sameWithoutUniform?: never;
}

/**
 * Results by statement, always; opinion groups only when there are enough voters and the groups are large, clearer than
 * chance and stable. Even then they may be two halves of one scale, not two camps. The order of the votes does not
 * matter; a second vote of one voter on one statement throws.
 */
export function analyseOpinions(votes: Iterable<Vote>, options: OpinionOptions = {}): OpinionAnalysis {
  const matrix = voteMatrix(votes, options.statements);
  const placed = inConversation(matrix);
  const random = seeded(options.seed ?? DEFAULT_SEED);
  const verdict = judge(placed, random);
  const statements = statementResults(matrix);
  const results: OpinionResults = {
    votes: statements.reduce((sum, result) => sum + result.votes, 0),
    voters: matrix.voters.length,
    inConversation: placed.voters.length,
    statements,
    consensus: consensusStatements(statements),
    divisive: divisiveStatements(statements),
    uniform: uniformVoters(matrix, placed),
    checks: verdict.checks,
  };
  if (verdict.refusal !== undefined) return { ...results, noGroups: verdict.words, refusal: verdict.refusal };
  return { ...results, ...describeGroups(placed, verdict.labels, random) };
}

function uniformVoters(matrix: VoteMatrix, placed: VoteMatrix): UniformVoters {
  const { agree, disagree } = uniformRows(placed);
  const ids = (rows: readonly number[]): string[] => rows.map((row) => placed.voters[row] as string);
  const uniform = new Set(ids([...agree, ...disagree]));
  const others = [...matrix.voters.keys()].filter((row) => !uniform.has(matrix.voters[row] as string));
  const without = statementResults(matrix, others);
  return {
    agreedWithAll: ids(agree),
    disagreedWithAll: ids(disagree),
    statementsWithout: without,
    consensusWithout: consensusStatements(without),
    divisiveWithout: divisiveStatements(without),
  };
}

function describeGroups(placed: VoteMatrix, labels: Uint8Array, random: Random): OpinionGroups {
  // Of equal sizes, the one whose first voter comes first: groupBy meets it first, and sorting keeps the order.
  const members = [...Map.groupBy(labels.keys(), (row) => labels[row] as number).values()].sort(
    (a, b) => b.length - a.length,
  );
  const results = members.map((rows) => statementResults(placed, rows));
  const without = sameWithoutUniform(placed, labels, random);
  return {
    groups: members.map((rows, at) => ({
      voters: rows.map((row) => placed.voters[row] as string),
      statements: results[at] as StatementResult[],
      representative: representatives(results[at] as StatementResult[], results.toSpliced(at, 1)),
    })),
    groupAwareConsensus: groupAwareConsensus(results),
    ...(without === undefined ? {} : { sameWithoutUniform: without }),
  };
}

function sameWithoutUniform(placed: VoteMatrix, labels: Uint8Array, random: Random): number | undefined {
  const { agree, disagree } = uniformRows(placed);
  const uniform = new Set([...agree, ...disagree]);
  if (uniform.size === 0) return 1;
  const others = [...placed.voters.keys()].filter((row) => !uniform.has(row));
  if (others.length < LEAST_VOTERS) return undefined;
  const found = findGroups(pickRows(placed, others), random).labels;
  return adjustedRand(
    Uint8Array.from(others, (row) => labels[row] as number),
    found,
  );
}
