import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type BudgetVote,
  type Counted,
  countEqualShares,
  countGreedy,
  lotOf,
  type Outcome,
  type SharesTrail,
} from "./index.ts";

const project = (id: string, cost: number) => ({ id, name: id, cost });
/** So many people for each list of projects. */
const blocs = (...of: readonly (readonly [number, ...string[]])[]) =>
  of.flatMap(([n, ...approves], bloc) =>
    Array.from({ length: n }, (_, i) => ({ voter: `${bloc}-${i}`, approves })),
  );
const vote = (
  budget: number,
  projects: Readonly<Record<string, number>>,
  ballots: BudgetVote["ballots"],
): BudgetVote => ({
  budget,
  kind: "approval",
  projects: Object.entries(projects).map(([id, cost]) => project(id, cost)),
  ballots,
  seed: "seed",
});
const outcome = (counted: Counted): Outcome => {
  if (!counted.ok) throw new Error(JSON.stringify(counted.faults));
  return counted.outcome;
};
const greedy = (vote: BudgetVote): Outcome => outcome(countGreedy(vote));
const shares = (vote: BudgetVote, completion?: SharesTrail["completion"]): Outcome =>
  outcome(countEqualShares(vote, completion));
const won = ({ projects }: Outcome): readonly string[] =>
  projects
    .filter(({ result }) => result === "selected")
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ id }) => id);
const of = ({ projects }: Outcome, id: string) => projects.find((project) => project.id === id);

describe("the example of equalshares.net (Explanation)", () => {
  const COSTS = { bike: 700, gym: 400, park: 250, playground: 200, library: 100 };
  /** 11 voters as in its table, left to right; the last one differs between its two examples. */
  const town = (last: string): BudgetVote =>
    vote(
      1_100,
      COSTS,
      [
        ["bike", "gym"],
        ["bike", "gym", "park"],
        ["bike", "gym"],
        ["bike", "gym", "park"],
        ["bike", "gym", "park"],
        ["bike", "gym"],
        ["park", "playground", "library"],
        ["playground"],
        ["playground", "library"],
        ["park", "playground", "library"],
        [last],
      ].map((approves, i) => ({ voter: `voter ${i + 1}`, approves })),
    );

  test("1: the sports fans buy the bike path and have nothing left for the gym", () => {
    // Share 1100 / 11 = 100. Bike: 7 supporters pay 700 / 7 = 100, all they have; rho 1/7. Gym: its 6 supporters have 0.
    // Park: 2 of 5 have money, 200 < 250. Playground: 4 pay 200 / 4 = 50; rho 1/4, less than the library's 1/3.
    // Library: 3 with 50 left each pay 100 / 3; rho 1/3. Left: 1100 - 700 - 200 - 100 = 100.
    const counted = shares(town("bike"), "none");
    expect(won(counted)).toEqual(["bike", "playground", "library"]);
    expect(counted).toMatchObject({ spent: 1_000, leftover: 100, shares: { start: "100", share: "100" } });
    expect(counted.rounds).toEqual([
      shared(1, "bike", 7, 700, "1/7", "100", 7),
      shared(2, "playground", 4, 200, "1/4", "50", 4),
      shared(3, "library", 3, 100, "1/3", "100/3", 3),
    ]);
    // Two of the park's five have 100 - 50 - 100/3 each.
    expect(of(counted, "park")).toMatchObject({
      result: "not_selected",
      because: "supporters_cannot_pay",
      supportersHave: "100/3",
    });
    expect(won(greedy(town("bike")))).toEqual(["bike", "gym"]);
  });

  test("2: who has less than an equal part gives all", () => {
    // Gym: 7 pay 400/7; 300/7 left. Bike: 6 × 300/7 = 1800/7 < 700. Park: 250 / 5 = 50 is more than 300/7, so three give
    // 900/7 together, and two share 250 - 900/7 = 850/7: 425/7 each; rho 425/7 / 250 = 17/70. (The site rounds to 60.5.)
    // Playground: those two have 275/7 left, less than 200 / 4 = 50, and give 550/7; two give (200 - 550/7) / 2 = 425/7;
    // rho 17/56. Library: 0 + 275/7 + 0 < 100. Left: 1100 - 400 - 250 - 200 = 250.
    const counted = shares(town("gym"), "none");
    expect(counted.rounds).toEqual([
      shared(1, "gym", 7, 400, "1/7", "400/7", 7),
      { ...shared(2, "park", 5, 250, "17/70", "425/7", 2), emptied: 3, emptiedPaid: "900/7" },
      { ...shared(3, "playground", 4, 200, "17/56", "425/7", 2), emptied: 2, emptiedPaid: "550/7" },
    ]);
    expect(counted.leftover).toBe(250);
    expect(of(counted, "library")?.supportersHave).toBe("275/7");
  });
});

const shared = (
  round: number,
  project: string,
  votes: number,
  cost: number,
  rho: string,
  payment: string,
  inFull: number,
  tied: readonly string[] = [],
) => ({
  rule: "equal_shares",
  round,
  project,
  votes,
  cost,
  rho,
  payment,
  inFull,
  emptied: 0,
  emptiedPaid: "0",
  tied,
});

describe("a minority of 40 %", () => {
  const names = (side: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${side}${i + 1}`);
  const north = names("n", 10);
  const south = names("s", 10);
  const split = vote(
    10_000,
    Object.fromEntries([...north, ...south].map((id) => [id, 1_000])),
    blocs([60, ...north], [40, ...south]),
  );
  test("gets nothing under greedy: the 60 fill the budget", () => {
    expect(won(greedy(split)).toSorted()).toEqual(north.toSorted());
  });
  test("gets 40 % of the money under Equal Shares", () => {
    // 100 each: 60 people have 6,000 for 6 projects, 40 have 4,000 for 4.
    const winners = won(shares(split));
    expect(winners.filter((id) => id.startsWith("n"))).toHaveLength(6);
    expect(winners.filter((id) => id.startsWith("s"))).toHaveLength(4);
  });
});

describe("ties", () => {
  const costs = { dear: 50, a: 40, b: 40, c: 40 };
  const even = vote(1_000, costs, blocs([2, "dear", "a", "b", "c"]));
  const sha = (id: string): string => createHash("sha256").update(`seed\n${id}`, "utf8").digest("hex");
  const byLot = ["a", "b", "c"].toSorted((x, y) => (sha(x) < sha(y) ? -1 : 1));

  test("the lower cost, then SHA-256 of seed and id", () => {
    expect(lotOf("seed", "a")).toBe(sha("a"));
    expect(won(greedy(even))).toEqual([...byLot, "dear"]);
    expect(won(shares(even))).toEqual([...byLot, "dear"]);
    expect(shares(even).rounds[0]).toMatchObject({ tied: [...byLot.slice(1), "dear"] });
  });

  test("another seed draws another order", () => {
    const orders = Array.from({ length: 30 }, (_, i) => won(greedy({ ...even, seed: `${i}` })).join());
    expect(new Set(orders).size).toBeGreaterThan(3);
  });

  test("with the same rho, more votes come first, whatever they cost", () => {
    // 80 / 8 = 10 each. All: four pay 10, and have nothing. p: three votes, one of them without money, two pay 10: rho
    // 1/2. q: two votes, two pay 9: rho 1/2 too.
    const tied = vote(80, { all: 40, p: 20, q: 18 }, blocs([3, "all"], [1, "all", "p"], [2, "p"], [2, "q"]));
    expect(shares(tied, "none").rounds).toEqual([
      shared(1, "all", 4, 40, "1/4", "10", 4),
      shared(2, "p", 3, 20, "1/2", "10", 2, ["q"]),
      shared(3, "q", 2, 18, "1/2", "9", 2),
    ]);
  });
});

describe("greedy", () => {
  test("passes over what does not fit, and says so", () => {
    const counted = greedy(vote(100, { a: 60, b: 50, c: 40 }, blocs([5, "a"], [4, "b"], [3, "c"])));
    expect(counted.rounds).toEqual([
      { rule: "greedy", round: 1, project: "a", votes: 5, cost: 60, bought: true, left: 40 },
      { rule: "greedy", round: 2, project: "b", votes: 4, cost: 50, bought: false, left: 40 },
      { rule: "greedy", round: 3, project: "c", votes: 3, cost: 40, bought: true, left: 0 },
    ]);
    expect(of(counted, "b")).toMatchObject({ result: "not_selected", because: "did_not_fit" });
  });

  test("adds the tallies of paper stations, which Equal Shares refuses", () => {
    const mixed: BudgetVote = {
      ...vote(50, { a: 50, b: 50 }, blocs([2, "a"])),
      tallies: [{ station: "Hall", ballots: 4, votes: { b: 3 } }],
    };
    expect(greedy(mixed)).toMatchObject({ ballots: 6, paper: 4 });
    expect(won(greedy(mixed))).toEqual(["b"]);
    expect(countEqualShares(mixed)).toMatchObject({
      ok: false,
      faults: [{ code: "tally_not_enough", remedy: expect.stringContaining("one by one") }],
    });
  });
});

describe("completion", () => {
  test("add1 raises the share by whole units", () => {
    // Share 5: b costs its two 9/2 each; a would cost 11/2. With 6 both: 11 + 9 = 20.
    const counted = shares(vote(20, { a: 11, b: 9 }, blocs([2, "a"], [2, "b"])));
    expect(won(counted)).toEqual(["b", "a"]);
    expect(counted.shares).toEqual({ completion: "add1", start: "5", share: "6" });
  });

  test("add1 stops before it would spend too much, then votes may fill up", () => {
    // 30 / 4 = 7.5 each: p costs its two 7 each, r its one 4; 18 together. q costs its one voter 13.
    const town = vote(30, { p: 14, q: 13, r: 4 }, blocs([2, "p"], [1, "q"], [1, "r"]));
    // With 13 each: 14 + 13 + 4 = 31 > 30. So 12 counts.
    const counted = shares(town);
    expect(won(counted)).toEqual(["p", "r"]);
    expect(counted.shares).toEqual({
      completion: "add1",
      start: "15/2",
      share: "12",
      next: { share: "13", cost: 31 },
    });
    // u costs its one voter 12, so 12 each buys it: 14 + 4 + 12 = 30.
    const more = vote(30, { p: 14, q: 13, r: 4, u: 12 }, blocs([2, "p"], [1, "q"], [1, "r"], [1, "u"]));
    expect(won(shares(more))).toEqual(["p", "r", "u"]);
    // z comes before p, with as many votes for less: 6 each. p then needs 6 + 7 = 13 each, when q is bought too: too much.
    // 30 - 12 - 4 = 14 are left, which pay for p.
    const filled = vote(30, { p: 14, q: 13, r: 4, z: 12 }, blocs([2, "p", "z"], [1, "q"], [1, "r"]));
    expect(won(shares(filled))).toEqual(["z", "r"]);
    expect(won(shares(filled, "add1_then_greedy"))).toEqual(["z", "r", "p"]);
  });
});

describe("nothing makes it run for ever", () => {
  test("a project with no votes is not bought, though it would fit", () => {
    const counted = shares(vote(10, { a: 5, nobody: 1 }, blocs([1, "a"])), "add1_then_greedy");
    expect(won(counted)).toEqual(["a"]);
    expect(of(counted, "nobody")).toMatchObject({ votes: 0, because: "no_votes" });
    expect(greedy(vote(10, { a: 5, nobody: 1 }, blocs([1, "a"]))).leftover).toBe(5);
  });
  test("a blank ballot is a ballot that buys nothing", () => {
    // 12 / 4 = 3 each, and a costs 6: its one voter has 6 when the share was raised to 6.
    const counted = shares(vote(12, { a: 6 }, blocs([1, "a"], [3])));
    expect(counted).toMatchObject({ ballots: 4, blank: 3, leftover: 6, shares: { start: "3", share: "6" } });
    expect(won(counted)).toEqual(["a"]);
  });
  test.each([[[]], [blocs([3])]])("nobody voted for anything", (ballots) => {
    for (const completion of ["none", "add1", "add1_then_greedy"] as const)
      expect(shares(vote(12, { a: 6 }, ballots), completion)).toMatchObject({ spent: 0, rounds: [] });
    expect(greedy(vote(12, { a: 6 }, ballots)).spent).toBe(0);
  });
  test("a budget smaller than every project", () => {
    const poor = vote(5, { a: 6, b: 60 }, blocs([9, "a", "b"]));
    for (const counted of [shares(poor), greedy(poor)]) {
      expect(counted).toMatchObject({ spent: 0, leftover: 5 });
      expect(of(counted, "a")?.because).toBe("dearer_than_the_budget");
    }
  });
  test("a favourite that is dearer than the budget does not end the raising of shares", () => {
    const counted = shares(
      vote(20, { palace: 21, a: 11, b: 9 }, blocs([2, "a", "palace"], [2, "b", "palace"])),
    );
    expect(won(counted)).toEqual(["b", "a"]);
  });
  test("a few rich voters with equal costs: millions of shares, a handful of counts", () => {
    // 100 million for 10 voters. Each wants a project of their own, and the hall with all the others.
    const ids = Array.from({ length: 10 }, (_, i) => `p${i}`);
    const rich = vote(
      100_000_000,
      { ...Object.fromEntries(ids.map((id) => [id, 9_999_999])), hall: 50_000_000 },
      ids.map((id) => ({ voter: id, approves: [id, "hall"] })),
    );
    // The hall costs each 5,000,000. From 5,000,000 + 9,999,999 on, each can pay their own: all ten at once, too much.
    expect(shares(rich).shares).toMatchObject({ share: "14999998", next: { cost: 149_999_990 } });
  });
});

test("the outcome is JSON and names no voter", () => {
  const counted = shares(vote(20, { a: 11, b: 9 }, [{ voter: "+27821234567", approves: ["a", "b"] }]));
  expect(JSON.parse(JSON.stringify(counted))).toEqual(counted);
  expect(JSON.stringify(counted)).not.toContain("27821234567");
});
