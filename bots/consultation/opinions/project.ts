import type { Random } from "./random.ts";
import { rowOf, UNSEEN, type VoteMatrix } from "./votes.ts";

/** Steps of each power iteration, as in Polis (math, pca.clj). */
const POWER_STEPS = 100;

/** A direction along which the votes vary less than this share of what they vary in all is rounding. */
const NOTHING = 1e-12;

/** The two directions in which voters differ most. */
export interface Plane {
  /** Each statement's mean vote, which also stands in for an unseen one. */
  readonly means: Float64Array;
  readonly axes: readonly [Float64Array, Float64Array];
}

/** The first two principal components of the votes, by power iteration with deflation. */
export function findPlane(matrix: VoteMatrix, random: Random): Plane {
  const means = columnMeans(matrix);
  const covariance = covariances(matrix, means);
  const first = leadingAxis(covariance, means.length, random);
  return { means, axes: [first, leadingAxis(covariance, means.length, random, first)] };
}

/**
 * Voters as points x0, y0, x1, y1, …: only their seen votes, times √(statements / votes), so that one who saw few does
 * not land in the middle for it.
 */
export function project(matrix: VoteMatrix, { means, axes: [first, second] }: Plane): Float64Array {
  const points = new Float64Array(2 * matrix.voters.length);
  for (let row = 0; row < matrix.voters.length; row++) {
    let [x, y, seen] = [0, 0, 0];
    const votes = rowOf(matrix, row);
    for (let column = 0; column < votes.length; column++) {
      const vote = votes[column] as number;
      if (vote === UNSEEN) continue;
      const away = vote - (means[column] as number);
      x += away * (first[column] as number);
      y += away * (second[column] as number);
      seen += 1;
    }
    const scale = Math.sqrt(matrix.statements.length / Math.max(1, seen));
    points[2 * row] = x * scale;
    points[2 * row + 1] = y * scale;
  }
  return points;
}

function columnMeans(matrix: VoteMatrix): Float64Array {
  const sums = new Float64Array(matrix.statements.length);
  const seen = new Float64Array(matrix.statements.length);
  for (let row = 0; row < matrix.voters.length; row++) {
    const votes = rowOf(matrix, row);
    for (let column = 0; column < votes.length; column++) {
      const vote = votes[column] as number;
      if (vote === UNSEEN) continue;
      sums[column] = (sums[column] as number) + vote;
      seen[column] = (seen[column] as number) + 1;
    }
  }
  return sums.map((sum, column) => sum / Math.max(1, seen[column] as number));
}

/** Sums of products of the votes' distances from their means; an unseen vote is at the mean and adds nothing. */
function covariances(matrix: VoteMatrix, means: Float64Array): Float64Array {
  const size = means.length;
  const products = new Float64Array(size * size);
  const away = new Float64Array(size);
  for (let row = 0; row < matrix.voters.length; row++) {
    const votes = rowOf(matrix, row);
    for (let i = 0; i < size; i++)
      away[i] = votes[i] === UNSEEN ? 0 : (votes[i] as number) - (means[i] as number);
    for (let i = 0; i < size; i++) {
      const one = away[i] as number;
      if (one === 0) continue;
      for (let j = i; j < size; j++)
        products[i * size + j] = (products[i * size + j] as number) + one * (away[j] as number);
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) products[i * size + j] = products[j * size + i] as number;
  return products;
}

/**
 * The direction of most variance, at right angles to `beside`; all zeros where nothing varies. It starts at a drawn
 * direction: a fixed one, such as all ones, can stand at right angles to what tells two camps apart.
 */
function leadingAxis(
  covariance: Float64Array,
  size: number,
  random: Random,
  beside?: Float64Array,
): Float64Array {
  let total = 0;
  for (let i = 0; i < size; i++) total += covariance[i * size + i] as number;
  let axis = new Float64Array(size).map(() => 2 * random() - 1);
  if (beside) takeOut(axis, beside);
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += (covariance[i * size + j] as number) * (axis[j] as number);
      next[i] = sum;
    }
    if (beside) takeOut(next, beside);
    const length = Math.sqrt(dot(next, next));
    if (length <= NOTHING * total) return new Float64Array(size);
    axis = next.map((value) => value / length);
  }
  return axis;
}

/** Deflation: removes from `axis` what points along `beside`. */
function takeOut(axis: Float64Array, beside: Float64Array): void {
  const along = dot(axis, beside);
  for (let i = 0; i < axis.length; i++) axis[i] = (axis[i] as number) - along * (beside[i] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
