import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalShares } from "./equal-shares.ts";
import { fraction, plus, written } from "./fraction.ts";
import { greedy } from "./greedy.ts";
import { PbError, readPb, writePb } from "./pabulib.ts";
import { type BudgetVote, supportersOf, tieBreak } from "./vote.ts";

const project = (id: string, cost: number) => ({ id, name: id, cost });
/** So many people for each list of projects. */
const votes = (...blocs: readonly (readonly [number, ...string[]])[]) =>
  blocs.flatMap(([n, ...projects], bloc) =>
    Array.from({ length: n }, (_, i) => ({ voter: `${bloc}-${i}`, projects })),
  );

describe("shared by votes", () => {
  test("the most votes first, what does not fit is passed over, nothing without a vote is paid", () => {
    const vote: BudgetVote = {
      budget: 100,
      projects: [project("a", 60), project("b", 50), project("c", 40), project("d", 1)],
      ballots: votes([5, "a"], [4, "b"], [3, "c"]),
    };
    expect(greedy(vote, "s")).toMatchObject({ selected: ["a", "c"], spent: 100, left: 0 });
  });

  test("of as many votes the cheaper, then the published order", () => {
    const projects = [project("a", 50), project("b", 40), project("c", 40)];
    const vote: BudgetVote = { budget: 80, projects, ballots: votes([2, "a", "b", "c"]) };
    const places = tieBreak(projects, "seed");
    const [first, second] = ["b", "c"].toSorted((x, y) => (places.get(x) ?? 0) - (places.get(y) ?? 0));
    expect(greedy(vote, "seed").selected).toEqual([first, second]);
    expect(greedy({ ...vote, projects: projects.toReversed() }, "seed").selected).toEqual([first, second]);
  });
});

describe("shared equally", () => {
  test("a minority has its share of the money, which votes alone would not give it", () => {
    // 60 people like the three projects of the north, 40 those of the south; 100 each buys 10 projects of 1,000.
    const north = ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10"];
    const south = ["s1", "s2", "s3", "s4", "s5"];
    const vote: BudgetVote = {
      budget: 10_000,
      projects: [...north, ...south].map((id) => project(id, 1_000)),
      ballots: votes([60, ...north], [40, ...south]),
    };
    expect(greedy(vote, "s").selected.every((id) => id.startsWith("n"))).toBe(true);
    // Each person has 100: the north can pay 6 projects, the south 4.
    const shared = equalShares(vote, "s");
    expect(shared.selected.filter((id) => id.startsWith("n"))).toHaveLength(6);
    expect(shared.selected.filter((id) => id.startsWith("s"))).toHaveLength(4);
    expect(shared).toMatchObject({ spent: 10_000, left: 0 });
  });

  test("worked by hand: who has less pays all, the others the rest", () => {
    // Share 90 / 3 = 30. p (cost 60) is liked by all: 20 each, price 1/3 of the cost a person. q (cost 25) by the third
    // alone, who has 10 left: not affordable. r (cost 18) by the first and the second, 10 left each: 9 each.
    const vote: BudgetVote = {
      budget: 90,
      projects: [project("p", 60), project("q", 25), project("r", 18)],
      ballots: votes([2, "p", "r"], [1, "p", "q"]),
    };
    const { rounds, selected, spent } = equalShares(vote, "s");
    expect(rounds.slice(0, 2)).toEqual([
      { project: "p", cost: 60, votes: 3, price: "1/3" },
      { project: "r", cost: 18, votes: 2, price: "1/2" },
    ]);
    expect(selected).toEqual(["p", "r"]);
    expect(spent).toBe(78);
  });

  test("what is left over is used: one unit more for everybody, as long as nothing is overspent", () => {
    // Share 5: nobody can pay 11 alone, two pay 5.5 each only when everybody has a unit more.
    const vote: BudgetVote = {
      budget: 20,
      projects: [project("a", 11), project("b", 9)],
      ballots: votes([2, "a"], [2, "b"]),
    };
    expect(equalShares(vote, "s")).toMatchObject({ selected: ["b", "a"], spent: 20, share: "6" });
  });

  test("projects that nobody voted for and people who voted for nothing do not stop the count", () => {
    const vote: BudgetVote = {
      budget: 10,
      projects: [project("a", 5), project("nobody", 1)],
      ballots: votes([1, "a"], [3], [1, "gone"]),
    };
    expect(equalShares(vote, "s")).toMatchObject({ selected: ["a"], left: 5 });
    expect(equalShares({ ...vote, ballots: [] }, "s")).toMatchObject({ selected: [], left: 10 });
    expect(equalShares({ ...vote, projects: [project("a", 50)] }, "s").selected).toEqual([]);
  });
});

const anyVote = fc
  .record({
    budget: fc.integer({ min: 1, max: 60 }),
    costs: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
    ballots: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }), { maxLength: 12 }),
  })
  .map(
    ({ budget, costs, ballots }): BudgetVote => ({
      budget,
      projects: costs.map((cost, i) => project(`p${i}`, cost)),
      ballots: ballots.map((chosen, i) => ({ voter: String(i), projects: chosen.map((n) => `p${n}`) })),
    }),
  );

describe.each([
  ["by votes", greedy],
  ["equally", equalShares],
] as const)("%s", (_name, count) => {
  test("never more than there is, nothing without a vote, each project once, whatever the order", () => {
    fc.assert(
      fc.property(anyVote, (vote) => {
        const result = count(vote, "seed");
        const costs = new Map(vote.projects.map(({ id, cost }) => [id, cost]));
        const spent = result.selected.reduce((sum, id) => sum + (costs.get(id) ?? Number.NaN), 0);
        expect(spent).toBe(result.spent);
        expect(spent).toBeLessThanOrEqual(vote.budget);
        expect(result.left).toBe(vote.budget - spent);
        expect(new Set(result.selected).size).toBe(result.selected.length);
        const supporters = supportersOf(vote);
        for (const id of result.selected) expect(supporters.get(id)?.length).toBeGreaterThan(0);
        const other = { ...vote, projects: vote.projects.toReversed(), ballots: vote.ballots.toReversed() };
        expect(count(other, "seed")).toEqual(result);
        // Nothing that could still be paid and that somebody wants is left out.
        for (const { id, cost } of vote.projects)
          if (!result.selected.includes(id) && (supporters.get(id)?.length ?? 0) > 0)
            expect(cost).toBeGreaterThan(result.left);
      }),
      { numRuns: 400 },
    );
  });
});

describe("a file that anybody can count again", () => {
  const meta = {
    description: 'Ward, 3; "parks"',
    country: "South Africa",
    unit: "Umhlanzi",
    instance: "2027",
    rule: "equalshares",
  };

  test("written and read again it gives the same result, and names nobody", () => {
    fc.assert(
      fc.property(anyVote, fc.string({ maxLength: 20 }), (vote, name) => {
        const named = {
          ...vote,
          projects: vote.projects.map((p) => ({ ...p, name: `${name};"${p.id}"\n` })),
        };
        const file = writePb(named, meta);
        const again = readPb(file);
        expect(again.projects.map(({ id, cost }) => [id, cost])).toEqual(
          vote.projects.map(({ id, cost }) => [id, cost]),
        );
        expect(equalShares(again, "s").selected).toEqual(equalShares(vote, "s").selected);
      }),
      { numRuns: 100 },
    );
    const file = writePb(
      { budget: 5, projects: [project("a", 5)], ballots: [{ voter: "+27821234567", projects: ["a"] }] },
      meta,
      ["a"],
    );
    expect(file).not.toContain("27821234567");
    expect(file).toContain("a;5;1;a;1");
  });

  test.each([
    ["PROJECTS\nproject_id;cost\n1;0\n", /line 3: a project needs/],
    ["META\nkey;value\nbudget;10\nPROJECTS\nproject_id;cost\n1;5\n1;5\n", /line 7: project 1 is there twice/],
    [
      "META\nkey;value\nbudget;10\nPROJECTS\nproject_id;cost\n1;5\nVOTES\nvoter_id;vote\n1;2\n",
      /line 9: a vote for 2/,
    ],
    ["META\nkey;value\nPROJECTS\nproject_id;cost\n1;5\n", /no budget/],
    ["META\nkey;value\nbudget;5\nvote_type;ordinal\n", /only approval votes/],
    ["hello\n", /line 1: the file begins with META/],
    ['META\nkey;"value\n', /Quote Not Closed/],
  ])("%j is refused", (file, words) => {
    expect(() => readPb(file)).toThrow(PbError);
    expect(() => readPb(file)).toThrow(words);
  });
});

test("fractions are exact", () => {
  expect(written(plus(fraction(1, 3), fraction(1, 6)))).toBe("1/2");
  expect(written(plus(fraction(1, 3), fraction(-1, 3)))).toBe("0");
});
