import { adjustedRand } from "./adjusted-rand.ts";
import { type Clustering, cluster, nearest } from "./cluster.ts";
import { findPlane, project } from "./project.ts";
import { below, type Random } from "./random.ts";
import { pickRows, UNSEEN, type VoteMatrix } from "./votes.ts";

/**
 * What groups must meet to be published. Sources: re-analysis of open Polis data for this project. Shuffled votes alone
 * have silhouettes of 0.33 to 0.43; London's 24 voters had 0.48 against 0.49 by chance and yet three groups were
 * published; Bowling Green's 1,576 had 0.45 against 0.34 and an adjusted Rand index of 0.94.
 */
export const LEAST_VOTERS = 100;
/** A group has this many voters or this share of them, whichever is more. */
export const LEAST_GROUP = 10;
export const LEAST_GROUP_SHARE = 0.05;
/** With 99 shuffles the fifth highest silhouette is the 95th percentile exactly (Davison & Hinkley 1997, section 4.2). */
export const SHUFFLES = 99;
export const RESAMPLES = 50;
/** The least mean adjusted Rand index between the groups and those found among resampled voters. */
export const LEAST_STABILITY = 0.7;

/** What was measured before the decision; what a failed check made needless is not there. */
export interface Checks {
  /** Those in the conversation. */
  readonly voters: number;
  readonly smallestGroup?: number;
  readonly silhouette?: number;
  /** 95th percentile of the silhouettes of votes shuffled within each statement. */
  readonly silhouetteByChance?: number;
  /** Mean adjusted Rand index over the resamples. */
  readonly stability?: number;
}

export type Refusal =
  | "too_few_voters"
  | "too_alike"
  | "group_too_small"
  | "no_clearer_than_chance"
  | "unstable";

export type Verdict = { readonly checks: Checks } & (
  | { readonly labels: Uint8Array; readonly refusal?: never }
  /** `words` say it to whoever reads the report. */
  | { readonly refusal: Refusal; readonly words: string; readonly labels?: never }
);

/** Finds groups among those in the conversation and decides whether they may be published; the cheapest check first. */
export function judge(matrix: VoteMatrix, random: Random): Verdict {
  let checks: Checks = { voters: matrix.voters.length };
  const refuse = (refusal: Refusal, because: string): Verdict => ({
    checks,
    refusal,
    words: `No stable opinion groups: ${because}`,
  });
  if (checks.voters < LEAST_VOTERS)
    return refuse(
      "too_few_voters",
      `${checks.voters} people voted on enough statements, and at least ${LEAST_VOTERS} are needed.`,
    );
  const { labels, silhouette } = findGroups(matrix, random);
  const sizes = [...Map.groupBy(labels, (label) => label).values()].map((members) => members.length);
  if (sizes.length < 2) return refuse("too_alike", "people voted too much alike to be told apart.");
  checks = { ...checks, smallestGroup: Math.min(...sizes), silhouette };
  const least = Math.max(LEAST_GROUP, Math.ceil(LEAST_GROUP_SHARE * checks.voters));
  if (Math.min(...sizes) < least)
    return refuse(
      "group_too_small",
      `the smallest would have ${checks.smallestGroup} of ${checks.voters} people, and at least ${least} are needed.`,
    );
  const silhouetteByChance = silhouetteOfShuffled(matrix, random);
  checks = { ...checks, silhouetteByChance };
  if (silhouette <= silhouetteByChance)
    return refuse(
      "no_clearer_than_chance",
      `they are no clearer than chance (clearness ${silhouette.toFixed(2)}; votes shuffled at random reach ${silhouetteByChance.toFixed(2)}).`,
    );
  const stability = stabilityOf(matrix, labels, random);
  checks = { ...checks, stability };
  if (stability < LEAST_STABILITY)
    return refuse(
      "unstable",
      `other groups come out when the voters are drawn again (agreement ${stability.toFixed(2)}; at least ${LEAST_STABILITY} is needed).`,
    );
  return { checks, labels };
}

/** Groups in the plane of these voters' own votes. */
export function findGroups(matrix: VoteMatrix, random: Random): Clustering {
  return cluster(project(matrix, findPlane(matrix, random)), random);
}

function silhouetteOfShuffled(matrix: VoteMatrix, random: Random): number {
  const reached = Array.from(
    { length: SHUFFLES },
    () => findGroups(shuffled(matrix, random), random).silhouette,
  );
  reached.sort((a, b) => a - b);
  return reached[Math.ceil(0.95 * (SHUFFLES + 1)) - 1] as number;
}

/**
 * Each statement's votes dealt out again among those who voted on it: every statement keeps its counts and every voter
 * what they saw, and nothing links one statement to another.
 */
export function shuffled(matrix: VoteMatrix, random: Random): VoteMatrix {
  const { voters, statements } = matrix;
  const cells = matrix.cells.slice();
  for (const column of statements.keys()) {
    const seen: number[] = [];
    for (let cell = column; cell < voters.length * statements.length; cell += statements.length)
      if (cells[cell] !== UNSEEN) seen.push(cell);
    for (let i = seen.length - 1; i > 0; i--) {
      const [one, other] = [seen[i] as number, seen[below(random, i + 1)] as number];
      [cells[one], cells[other]] = [cells[other] as number, cells[one] as number];
    }
  }
  return { voters, statements, cells };
}

/** Voters are drawn with replacement, groups found among them from scratch, and everybody put in the nearest. */
function stabilityOf(matrix: VoteMatrix, labels: Uint8Array, random: Random): number {
  let total = 0;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const drawn = pickRows(
      matrix,
      matrix.voters.map(() => below(random, matrix.voters.length)),
    );
    const plane = findPlane(drawn, random);
    const { centres } = cluster(project(drawn, plane), random);
    total += adjustedRand(labels, nearest(project(matrix, plane), centres));
  }
  return total / RESAMPLES;
}
