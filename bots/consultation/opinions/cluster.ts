import { below, type Random } from "./random.ts";

/** Groups at most, and voters for each group beyond two (Polis's math, conversation.clj: min(5, 2 + n/12)). */
const MOST_GROUPS = 5;
const VOTERS_PER_GROUP = 12;

/** Fresh starts of k-means for each k, the tightest of which counts: one start can be unlucky. */
const STARTS = 4;

/** Steps of k-means; it settles long before. */
const STEPS = 50;

/** Voters of whom a silhouette is taken: it looks at every pair, so of more it is that of as many drawn. */
const SILHOUETTE_VOTERS = 1_000;

/** A split of points into groups. */
export interface Clustering {
  /** By point: its group, from 0. */
  readonly labels: Uint8Array;
  /** x0, y0, x1, y1, … */
  readonly centres: Float64Array;
  /** From -1 to 1: how much nearer points are to their own group than to the next (Rousseeuw 1987, J. Comput. Appl. Math. 20:53). */
  readonly silhouette: number;
}

/** Splits points into the number of groups, from two, that has the best silhouette; of equals, the fewest. */
export function cluster(points: Float64Array, random: Random): Clustering {
  const size = points.length / 2;
  const most = Math.min(MOST_GROUPS, 2 + Math.floor(size / VOTERS_PER_GROUP));
  const splits: Split[] = [];
  for (let k = 2; k <= most; k++) splits.push(kMeans(points, k, random));
  const scores = silhouettes(
    points,
    splits.map(({ labels }) => labels),
    drawn(size, random),
  );
  const best = scores.indexOf(Math.max(...scores));
  const { labels, centres } = splits[best] as Split;
  return { labels, centres, silhouette: scores[best] as number };
}

/** By point, the nearest of the centres. */
export function nearest(points: Float64Array, centres: Float64Array): Uint8Array {
  const labels = new Uint8Array(points.length / 2);
  for (let i = 0; i < labels.length; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let group = 0; group < centres.length / 2; group++) {
      const away = squared(points, i, centres, group);
      if (away >= least) continue;
      least = away;
      labels[i] = group;
    }
  }
  return labels;
}

/**
 * The mean silhouette of each labelling over the voters in `sample`, in one walk over their distances. One who is alone
 * in a group has 0, as in Rousseeuw; so has one at the same place as everybody else.
 */
export function silhouettes(
  points: Float64Array,
  labellings: readonly Uint8Array[],
  sample: readonly number[] = [...Array(points.length / 2).keys()],
): number[] {
  const picked = labellings.map((labels) => Uint8Array.from(sample, (row) => labels[row] as number));
  const sizes = picked.map((labels) => sumsByGroup(labels, new Float64Array(labels.length).fill(1)));
  const totals = new Float64Array(picked.length);
  const away = new Float64Array(sample.length);
  for (let i = 0; i < sample.length; i++) {
    for (let j = 0; j < sample.length; j++)
      away[j] = Math.sqrt(squared(points, sample[i] as number, points, sample[j] as number));
    for (let at = 0; at < picked.length; at++) {
      const labels = picked[at] as Uint8Array;
      const score = silhouetteOf(labels[i] as number, sumsByGroup(labels, away), sizes[at] as Float64Array);
      totals[at] = (totals[at] as number) + score;
    }
  }
  return Array.from(totals, (total) => total / Math.max(1, sample.length));
}

function sumsByGroup(labels: Uint8Array, values: Float64Array): Float64Array {
  const sums = new Float64Array(MOST_GROUPS);
  for (let i = 0; i < labels.length; i++) {
    const group = labels[i] as number;
    sums[group] = (sums[group] as number) + (values[i] as number);
  }
  return sums;
}

/** One voter's silhouette from the sums of distances to each group; the distance to itself is 0. */
function silhouetteOf(own: number, distances: Float64Array, sizes: Float64Array): number {
  const others = (sizes[own] as number) - 1;
  if (others === 0) return 0;
  const within = (distances[own] as number) / others;
  let next = Number.POSITIVE_INFINITY;
  for (let group = 0; group < sizes.length; group++) {
    const size = sizes[group] as number;
    if (group !== own && size > 0) next = Math.min(next, (distances[group] as number) / size);
  }
  const more = Math.max(within, next);
  return more > 0 && more < Number.POSITIVE_INFINITY ? (next - within) / more : 0;
}

interface Split {
  readonly labels: Uint8Array;
  readonly centres: Float64Array;
  /** The sum of squared distances to the centres. */
  readonly spread: number;
}

function kMeans(points: Float64Array, k: number, random: Random): Split {
  let best: Split | undefined;
  for (let start = 0; start < STARTS; start++) {
    const split = settle(points, spreadOut(points, k, random));
    if (!best || split.spread < best.spread) best = split;
  }
  return best as Split;
}

/** Lloyd's steps until nobody changes group. A centre that loses all its voters stays where it was. */
function settle(points: Float64Array, centres: Float64Array): Split {
  let labels = nearest(points, centres);
  for (let step = 0; step < STEPS; step++) {
    const sums = new Float64Array(centres.length);
    const sizes = new Float64Array(centres.length / 2);
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      sums[2 * label] = (sums[2 * label] as number) + (points[2 * i] as number);
      sums[2 * label + 1] = (sums[2 * label + 1] as number) + (points[2 * i + 1] as number);
      sizes[label] = (sizes[label] as number) + 1;
    }
    for (const [group, size] of sizes.entries()) {
      if (size === 0) continue;
      centres[2 * group] = (sums[2 * group] as number) / size;
      centres[2 * group + 1] = (sums[2 * group + 1] as number) / size;
    }
    const next = nearest(points, centres);
    if (next.every((label, i) => label === labels[i])) break;
    labels = next;
  }
  let spread = 0;
  for (let i = 0; i < labels.length; i++) spread += squared(points, i, centres, labels[i] as number);
  return { labels, centres, spread };
}

/** First centres: each a voter, drawn in proportion to the squared distance from those before (k-means++, Arthur & Vassilvitskii 2007). */
function spreadOut(points: Float64Array, k: number, random: Random): Float64Array {
  const size = points.length / 2;
  const centres = new Float64Array(2 * k);
  const away = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  let pick = below(random, size);
  for (let group = 0; group < k; group++) {
    centres.set(points.subarray(2 * pick, 2 * pick + 2), 2 * group);
    let total = 0;
    for (let i = 0; i < size; i++) {
      away[i] = Math.min(away[i] as number, squared(points, i, centres, group));
      total += away[i] as number;
    }
    let mark = random() * total;
    for (pick = 0; pick < size - 1; pick++) {
      mark -= away[pick] as number;
      if (mark < 0) break;
    }
  }
  return centres;
}

/** Everybody, or as many as a silhouette is taken of. */
function drawn(size: number, random: Random): number[] {
  const rows = [...Array(size).keys()];
  if (size <= SILHOUETTE_VOTERS) return rows;
  for (let i = 0; i < SILHOUETTE_VOTERS; i++) {
    const j = i + below(random, size - i);
    [rows[i], rows[j]] = [rows[j] as number, rows[i] as number];
  }
  return rows.slice(0, SILHOUETTE_VOTERS);
}

function squared(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const x = (a[2 * i] as number) - (b[2 * j] as number);
  const y = (a[2 * i + 1] as number) - (b[2 * j + 1] as number);
  return x * x + y * y;
}
