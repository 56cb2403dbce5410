/**
 * Weights that make those who answered look like the population: raking, also called iterative proportional fitting.
 *
 * Glossary
 * - **Margin**: how the population is spread over the categories of one variable, as shares.
 * - **Group**: respondents with the same category in every margin; they all have the same weight.
 * - **Weight**: how many respondents one counts for; their mean is 1.
 * - **Design effect**: by how much unequal weights widen an interval (Kish 1965, section 11.7).
 *
 * Sources: Deming & Stephan 1940 (Ann. Math. Statist. 11:427); Kalton & Flores-Cervantes 2003 (J. Off. Stat. 19:81) for
 * trimming and for missing values; DeBell & Krosnick 2009 (ANES technical report nes012427), whose program anesrake
 * leaves those with a missing value at their present share.
 */
export interface Margin {
  readonly variable: string;
  /** By category; they need not sum to 1. */
  readonly shares: Readonly<Record<string, number>>;
}

export interface Group {
  /** By variable; one that is not there is unknown of these people. */
  readonly categories: Readonly<Record<string, string>>;
  /** Respondents. */
  readonly n: number;
}

export interface Raked {
  /** By group, in the order in which they came. */
  readonly weights: readonly number[];
  readonly converged: boolean;
  readonly passes: number;
  /** The largest difference between a weighted share and its margin. */
  readonly residual: number;
  readonly least: number;
  readonly most: number;
  /** n Σw² / (Σw)² */
  readonly designEffect: number;
  /** (Σw)² / Σw² */
  readonly effectiveSize: number;
  readonly table: readonly RakedShare[];
  /** What the reader has to know, in words. */
  readonly warnings: readonly string[];
}

export interface RakedShare {
  readonly variable: string;
  readonly category: string;
  readonly n: number;
  /** Of those whose category is known. */
  readonly before: number;
  readonly after: number;
  readonly target: number;
}

/** It cannot be done with these margins and these respondents; each with its remedy. */
export class CannotRake extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export interface RakeOptions {
  /** The largest weight, as a multiple of the mean; the smallest is its inverse. */
  readonly cap?: number;
  readonly tolerance?: number;
  readonly maxPasses?: number;
}

const DEFAULT_CAP = 5;
const DEFAULT_TOLERANCE = 1e-6;
const DEFAULT_PASSES = 1_000;
/** Fewer respondents in a category say too little to stand for it (anesrake collapses or refuses below this, too). */
const FEWEST = 10;
/** Margins that miss their whole by more than this were probably mistyped. */
const SUM_TOLERANCE = 0.005;

/** Throws {@link CannotRake} with everything that is in the way. */
export function rake(
  groups: readonly Group[],
  margins: readonly Margin[],
  { cap = DEFAULT_CAP, tolerance = DEFAULT_TOLERANCE, maxPasses = DEFAULT_PASSES }: RakeOptions = {},
): Raked {
  const problems = margins.flatMap((margin) => whatIsWrong(groups, margin));
  if (groups.every(({ n }) => n === 0)) problems.push("nobody has answered yet");
  if (problems.length > 0) throw new CannotRake(problems);
  const warnings: string[] = [];
  const targets = margins.map((margin) => ({
    variable: margin.variable,
    shares: normalised(margin, warnings),
  }));
  const weights = groups.map(() => 1);
  const total = sum(groups.map(({ n }) => n));

  let passes = 0;
  let residual = Number.POSITIVE_INFINITY;
  let before = Number.POSITIVE_INFINITY;
  let trimmed = false;
  while (passes < maxPasses) {
    passes++;
    for (const { variable, shares } of targets) scale(groups, weights, variable, shares);
    const cut = trim(groups, weights, cap, total);
    trimmed = cut;
    residual = worst(groups, weights, targets);
    if (residual < tolerance) break;
    // Trimmed weights may stand still short of their margins: there is nothing more to gain.
    if (cut && Math.abs(before - residual) < tolerance / 1_000) break;
    before = residual;
  }
  const converged = residual < tolerance;
  if (trimmed)
    warnings.push(
      `weights were held between 1/${cap} and ${cap}: the margins are missed by up to ${percent(residual)}`,
    );
  else if (!converged)
    warnings.push(
      `the weights did not settle in ${passes} passes (off by up to ${percent(residual)}): the margins contradict each other in these answers; use fewer margins or wider categories`,
    );
  const squares = sum(groups.map(({ n }, i) => n * at(weights, i) ** 2));
  const weighted = sum(groups.map(({ n }, i) => n * at(weights, i)));
  return {
    weights,
    converged,
    passes,
    residual,
    least: Math.min(...weights),
    most: Math.max(...weights),
    designEffect: (total * squares) / weighted ** 2,
    effectiveSize: weighted ** 2 / squares,
    table: targets.flatMap(({ variable, shares }) => sharesOf(groups, weights, variable, shares)),
    warnings,
  };
}

function whatIsWrong(groups: readonly Group[], { variable, shares }: Margin): string[] {
  const counted = countBy(groups, variable);
  const known = [...counted.keys()];
  if (known.length === 0)
    return [`${variable}: nobody's ${variable} is known; is it the name of a question?`];
  const problems: string[] = [];
  for (const [category, share] of Object.entries(shares)) {
    const n = counted.get(category) ?? 0;
    if (!(share > 0))
      problems.push(
        `${variable}, ${category}: a share of ${share}; leave the category out, or give it more than 0`,
      );
    else if (n < FEWEST)
      problems.push(
        `${variable}, ${category}: ${n} respondents, too few to stand for ${percent(share / sum(Object.values(shares)))} of the population; join it with another category`,
      );
  }
  for (const category of known)
    if (!Object.hasOwn(shares, category))
      problems.push(
        `${variable}, ${category}: ${counted.get(category)} respondents are in a category that the margins do not have; add it`,
      );
  return problems;
}

function normalised({ variable, shares }: Margin, warnings: string[]): Readonly<Record<string, number>> {
  const whole = sum(Object.values(shares));
  // Counts of people sum to anything; shares and percentages to 1 or 100.
  const nearest = [1, 100].find((each) => Math.abs(whole - each) / each < 0.1);
  if (nearest !== undefined && Math.abs(whole - nearest) / nearest > SUM_TOLERANCE)
    warnings.push(`${variable}: the margins sum to ${whole}, not to ${nearest}; they were stretched to fit`);
  return Object.fromEntries(Object.entries(shares).map(([category, share]) => [category, share / whole]));
}

/** One margin: those whose category is unknown keep the share that they have. */
function scale(
  groups: readonly Group[],
  weights: number[],
  variable: string,
  shares: Readonly<Record<string, number>>,
): void {
  const sums = weightBy(groups, weights, variable);
  const known = sum([...sums.values()]);
  groups.forEach(({ categories }, i) => {
    const category = categories[variable];
    const share = category === undefined ? undefined : shares[category];
    if (category !== undefined && share !== undefined)
      weights[i] = (at(weights, i) * share * known) / (sums.get(category) ?? 1);
  });
}

/**
 * Brings weights back inside their bounds, and their mean back to 1: what was cut from some is given to those that are not
 * at a bound, until nobody is outside. True: some were outside.
 */
function trim(groups: readonly Group[], weights: number[], cap: number, total: number): boolean {
  const sumOf = (of: (i: number) => boolean): number =>
    sum(groups.map(({ n }, i) => (of(i) ? n * at(weights, i) : 0)));
  const everybody = sumOf(() => true) / total;
  for (const i of weights.keys()) weights[i] = at(weights, i) / everybody;
  const held = new Set<number>();
  for (;;) {
    const outside = [...weights.keys()].filter(
      (i) => !held.has(i) && (at(weights, i) > cap + 1e-12 || at(weights, i) < 1 / cap - 1e-12),
    );
    if (outside.length === 0) return held.size > 0;
    for (const i of outside) {
      weights[i] = Math.min(cap, Math.max(1 / cap, at(weights, i)));
      held.add(i);
    }
    const free = sumOf((i) => !held.has(i));
    const scale = (total - sumOf((i) => held.has(i))) / free;
    // Nobody is left to give it to: the mean has to give way instead of the bounds.
    if (!(free > 0) || !(scale > 0)) return true;
    for (const i of weights.keys()) if (!held.has(i)) weights[i] = at(weights, i) * scale;
  }
}

function worst(
  groups: readonly Group[],
  weights: readonly number[],
  targets: readonly { variable: string; shares: Readonly<Record<string, number>> }[],
): number {
  return Math.max(
    ...targets.flatMap(({ variable, shares }) =>
      sharesOf(groups, weights, variable, shares).map(({ after, target }) => Math.abs(after - target)),
    ),
  );
}

function sharesOf(
  groups: readonly Group[],
  weights: readonly number[],
  variable: string,
  shares: Readonly<Record<string, number>>,
): readonly RakedShare[] {
  const counts = countBy(groups, variable);
  const sums = weightBy(groups, weights, variable);
  const n = sum([...counts.values()]);
  const whole = sum([...sums.values()]);
  return Object.entries(shares).map(([category, target]) => ({
    variable,
    category,
    n: counts.get(category) ?? 0,
    before: (counts.get(category) ?? 0) / n,
    after: (sums.get(category) ?? 0) / whole,
    target,
  }));
}

const countBy = (groups: readonly Group[], variable: string): ReadonlyMap<string, number> =>
  weightBy(
    groups,
    groups.map(() => 1),
    variable,
  );

function weightBy(
  groups: readonly Group[],
  weights: readonly number[],
  variable: string,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  groups.forEach(({ categories, n }, i) => {
    const category = categories[variable];
    if (category !== undefined) sums.set(category, (sums.get(category) ?? 0) + n * at(weights, i));
  });
  return sums;
}

const at = (numbers: readonly number[], i: number): number => numbers[i] ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
