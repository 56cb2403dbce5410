/** Counts again in the plainest way, voter by voter and unit by unit, and compares. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buy } from "./buy.ts";
import { electionOf } from "./election.ts";
import {
  type BudgetVote,
  type Counted,
  countEqualShares,
  countGreedy,
  lotOf,
  type Outcome,
} from "./index.ts";
import { surelyBuys } from "./surely.ts";

type Exact = readonly [bigint, bigint];
const less = ([a, b]: Exact, [c, d]: Exact): boolean => a * d < c * b;
const minus = ([a, b]: Exact, [c, d]: Exact): Exact => [a * d - c * b, b * d];
const by = ([a, b]: Exact, n: number): Exact => [a, b * BigInt(n)];
const read = (text: string): Exact => {
  const [over = "", under = "1"] = text.split("/");
  return [BigInt(over), BigInt(under)];
};

/** Equal Shares as in the paper, for one share; ids in the order of purchase. */
function plainly({ projects, ballots, budget, seed }: BudgetVote, share: Exact): readonly string[] {
  const money = ballots.map(() => share);
  const fans = (id: string): readonly number[] =>
    [...ballots.keys()].filter((v) => ballots[v]?.approves.includes(id));
  const order = projects
    .filter(({ id, cost }) => fans(id).length > 0 && cost <= budget)
    .toSorted(
      (a, b) =>
        fans(b.id).length - fans(a.id).length ||
        a.cost - b.cost ||
        (lotOf(seed, a.id) < lotOf(seed, b.id) ? -1 : 1),
    );
  const bought: string[] = [];
  for (;;) {
    let best: { id: string; rho: Exact; pays: Exact } | undefined;
    for (const { id, cost } of order.filter((project) => !bought.includes(project.id))) {
      const poorest = fans(id)
        .map((v) => money[v] ?? share)
        .toSorted((a, b) => (less(a, b) ? -1 : 1));
      let rest: Exact = [BigInt(cost), 1n];
      for (const [i, has] of poorest.entries()) {
        const pays = by(rest, poorest.length - i);
        if (less(has, pays)) rest = minus(rest, has);
        else {
          const rho = by(pays, cost);
          if (!best || less(rho, best.rho)) best = { id, rho, pays };
          break;
        }
      }
    }
    if (!best) return bought;
    for (const v of fans(best.id)) {
      const has = money[v] ?? share;
      money[v] = less(has, best.pays) ? [0n, 1n] : minus(has, best.pays);
    }
    bought.push(best.id);
  }
}

const costOf = ({ projects }: BudgetVote, ids: readonly string[]): number =>
  projects.reduce((sum, { id, cost }) => sum + (ids.includes(id) ? cost : 0), 0);

/** add1 without skipping a single share. */
function unitByUnit(vote: BudgetVote): readonly string[] {
  const { budget, ballots, projects } = vote;
  if (ballots.length === 0) return [];
  let bought = plainly(vote, [BigInt(budget), BigInt(ballots.length)]);
  const wanted = projects.filter(
    ({ id, cost }) => cost <= budget && ballots.some(({ approves }) => approves.includes(id)),
  );
  for (let share = Math.floor(budget / ballots.length) + 1; bought.length < wanted.length; share++) {
    const next = plainly(vote, [BigInt(share), 1n]);
    if (costOf(vote, next) > budget) break;
    bought = next;
  }
  return bought;
}

const anyVote = fc
  .record({
    budget: fc.integer({ min: 1, max: 80 }),
    costs: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 7 }),
    ballots: fc.array(fc.uniqueArray(fc.nat(6), { maxLength: 5 }), { maxLength: 14 }),
    knapsack: fc.boolean(),
    seed: fc.string({ minLength: 1, maxLength: 4 }),
  })
  .map(({ budget, costs, ballots, knapsack, seed }): BudgetVote => {
    const kept = (places: readonly number[]): readonly string[] => {
      let left = knapsack ? budget : Number.POSITIVE_INFINITY;
      return places.flatMap((i) => {
        const cost = costs[i];
        if (cost === undefined || cost > left) return [];
        left -= cost;
        return [`p${i}`];
      });
    };
    return {
      budget,
      kind: knapsack ? "knapsack" : "approval",
      projects: costs.map((cost, i) => ({ id: `p${i}`, name: `Project ${i}`, cost })),
      ballots: ballots.map((places, i) => ({ voter: String(i), approves: kept(places) })),
      seed,
    };
  });

const outcome = (counted: Counted): Outcome => {
  if (!counted.ok) throw new Error(JSON.stringify(counted.faults));
  return counted.outcome;
};
const won = ({ projects }: Outcome): readonly string[] =>
  projects
    .filter(({ result }) => result === "selected")
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ id }) => id);

describe.each<[string, (vote: BudgetVote) => Counted]>([
  ["greedy", countGreedy],
  ["Equal Shares alone", (vote) => countEqualShares(vote, "none")],
  ["Equal Shares with add1", (vote) => countEqualShares(vote)],
  ["Equal Shares with add1 and votes", (vote) => countEqualShares(vote, "add1_then_greedy")],
])("%s", (_name, count) => {
  test("never costs more than the budget, buys nothing that nobody wants, and does not depend on any order", () => {
    fc.assert(
      fc.property(
        anyVote.chain((vote) =>
          fc.record({
            vote: fc.constant(vote),
            projects: fc.shuffledSubarray([...vote.projects], { minLength: vote.projects.length }),
            ballots: fc.shuffledSubarray([...vote.ballots], { minLength: vote.ballots.length }),
          }),
        ),
        ({ vote, projects, ballots }) => {
          const counted = outcome(count(vote));
          const ids = won(counted);
          expect(costOf(vote, ids)).toBe(counted.spent);
          expect(counted.spent).toBeLessThanOrEqual(vote.budget);
          expect(counted.leftover).toBe(vote.budget - counted.spent);
          for (const id of ids) expect(vote.ballots.some(({ approves }) => approves.includes(id))).toBe(true);
          expect(outcome(count({ ...vote, projects, ballots }))).toEqual(counted);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("by the audit trail nobody pays more than their share, and every purchase is paid to the last cent", () => {
  fc.assert(
    fc.property(anyVote, fc.constantFrom("none", "add1"), (vote, completion) => {
      const { rounds, shares } = outcome(countEqualShares(vote, completion));
      const money = vote.ballots.map(() => read(shares?.share ?? ""));
      for (const round of rounds) {
        if (round.rule !== "equal_shares") continue;
        const payment = read(round.payment);
        expect(by(payment, round.cost)).toSatisfy(
          (rho: Exact) => !less(rho, read(round.rho)) && !less(read(round.rho), rho),
        );
        let rest: Exact = [BigInt(round.cost), 1n];
        let inFull = 0;
        for (const [v, { approves }] of vote.ballots.entries()) {
          if (!approves.includes(round.project)) continue;
          const has = money[v] ?? [0n, 1n];
          const pays = less(has, payment) ? has : payment;
          if (!less(has, payment)) inFull++;
          money[v] = minus(has, pays);
          rest = minus(rest, pays);
        }
        expect(rest[0]).toBe(0n);
        expect(inFull).toBe(round.inFull);
        for (const [over] of money) expect(over).toBeGreaterThanOrEqual(0n);
      }
    }),
    { numRuns: 300 },
  );
});

test("the plain count, unit by unit, finds the same", () => {
  fc.assert(
    fc.property(anyVote, (vote) => {
      expect(won(outcome(countEqualShares(vote)))).toEqual(unitByUnit(vote));
    }),
    { numRuns: 300 },
  );
});

test("a skipped share buys the same, and the quick count never says anything else", () => {
  fc.assert(
    fc.property(anyVote, fc.integer({ min: 1, max: 60 }), (vote, share) => {
      const election = electionOf(vote);
      const bought = (share: number): readonly number[] =>
        buy(election, { over: BigInt(share), under: 1n }).purchases.map(({ candidate }) => candidate);
      const first = bought(share);
      const { same } = buy(election, { over: BigInt(share), under: 1n }, 25n);
      for (let more = 1; more <= Number(same); more++) expect(bought(share + more)).toEqual(first);
      const sure = surelyBuys(election, share);
      if (sure) expect(sure).toEqual(first);
    }),
    { numRuns: 400 },
  );
});

/** Like a town: thousands of different ballots, where no share can be skipped. The numbers are drawn by SHA-256. */
function town(voters: number, projects: number, budget: number): BudgetVote {
  const draw = (key: string, below: number): number =>
    Number.parseInt(lotOf(key, "draw").slice(0, 8), 16) % below;
  return {
    budget,
    kind: "approval",
    projects: Array.from({ length: projects }, (_, i) => ({
      id: `p${i}`,
      name: `Project ${i}`,
      cost: Math.floor(budget / 100) * (1 + draw(`cost ${i}`, 9)) + draw(`cents ${i}`, 500),
    })),
    ballots: Array.from({ length: voters }, (_, v) => {
      const chosen = Array.from(
        { length: 1 + draw(`many ${v}`, 8) },
        (_, i) => `p${draw(`${v} ${i}`, projects)}`,
      );
      return { voter: String(v), approves: [...new Set(chosen)] };
    }),
    seed: "town",
  };
}

test("the quick count is nearly always sure in a town, and right", () => {
  const election = electionOf(town(600, 30, 1_000_000));
  let sure = 0;
  for (let share = 1_700; share < 1_740; share++) {
    const quick = surelyBuys(election, share);
    if (quick) sure++;
    else continue;
    expect(quick).toEqual(
      buy(election, { over: BigInt(share), under: 1n }).purchases.map(({ candidate }) => candidate),
    );
  }
  expect(sure).toBeGreaterThan(35);
});

test("in a town too, quick counts and skipped shares lead where unit by unit leads", () => {
  const vote = town(300, 25, 60_000);
  const election = electionOf(vote);
  let share = 200n;
  let last = buy(election, { over: share, under: 1n });
  for (;;) {
    const next = buy(election, { over: share + 1n, under: 1n });
    if (next.cost > vote.budget) break;
    share += 1n;
    last = next;
  }
  const counted = outcome(countEqualShares(vote));
  expect(counted.shares).toMatchObject({ start: "200", share: String(share) });
  expect(won(counted)).toEqual(
    last.purchases.map(({ candidate }) => election.candidates[candidate]?.project.id),
  );
});

test("5,000 ballots on 60 projects are counted to the end", () => {
  const counted = outcome(countEqualShares(town(5_000, 60, 2_000_000)));
  expect(counted.ballots).toBe(5_000);
  expect(counted.spent).toBeGreaterThan(1_700_000);
  expect(counted.shares?.next?.cost).toBeGreaterThan(2_000_000);
});
