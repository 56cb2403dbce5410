import { expect, test } from "vitest";
import {
  type BudgetVote,
  checkBallot,
  countEqualShares,
  countGreedy,
  faultsOf,
  type PaperTally,
} from "./index.ts";

const VOTE: BudgetVote = {
  budget: 100,
  kind: "knapsack",
  projects: [
    { id: "a", name: "A", cost: 60 },
    { id: "b", name: "B", cost: 50 },
    { id: "c", name: "C", cost: 40 },
  ],
  ballots: [
    { voter: "1", approves: ["a", "c"] },
    { voter: "2", approves: ["b"], source: "paper", station: "Town hall" },
  ],
  seed: "s",
};

test("a knapsack ballot may cost the whole budget, and not one unit more", () => {
  expect(checkBallot({ voter: "3", approves: ["a", "c"] }, VOTE)).toEqual([]);
  expect(checkBallot({ voter: "3", approves: ["a", "b"] }, VOTE)).toEqual([
    {
      code: "over_the_budget",
      what: "The projects of 3 cost 110 together; there is 100 to spend.",
      remedy: "Take away projects that cost 10 or more.",
    },
  ]);
  expect(checkBallot({ voter: "3", approves: ["a", "b"] }, { ...VOTE, kind: "approval" })).toEqual([]);
});

test("no rule counts a vote with a ballot that is not valid", () => {
  const bad: BudgetVote = { ...VOTE, ballots: [...VOTE.ballots, { voter: "3", approves: ["a", "b"] }] };
  for (const counted of [countGreedy(bad), countEqualShares(bad)])
    expect(counted).toMatchObject({ ok: false, faults: [{ code: "over_the_budget" }] });
});

test("a paper ballot counts as any other and is told apart", () => {
  expect(faultsOf(VOTE)).toEqual([]);
  expect(countEqualShares(VOTE)).toMatchObject({ ok: true, outcome: { ballots: 2, paper: 1 } });
});

const with_ = (more: Partial<BudgetVote>): BudgetVote => ({ ...VOTE, ...more });
const ballot = (voter: string, ...approves: string[]) =>
  with_({ ballots: [...VOTE.ballots, { voter, approves }] });
const tally = (more: Partial<PaperTally>) =>
  with_({ tallies: [{ station: "Hall", ballots: 5, votes: { a: 5, b: 0 }, ...more }] });
const projects = (...more: BudgetVote["projects"]) => with_({ projects: [...VOTE.projects, ...more] });

test.each<[string, BudgetVote, readonly string[]]>([
  ["a tally that adds up", tally({}), []],
  ["more votes than ballots", tally({ votes: { a: 6 } }), ["bad_tally"]],
  ["half a vote", tally({ votes: { a: 1.5 } }), ["bad_tally"]],
  ["fewer ballots than none", tally({ ballots: -1, votes: {} }), ["bad_tally"]],
  ["a tally of something else", tally({ votes: { pool: 1 } }), ["unknown_project"]],
  ["a tally from nowhere", tally({ station: " " }), ["bad_station"]],
  [
    "two tallies of one station",
    with_({ tallies: ["Hall", "Hall"].map((station) => ({ station, ballots: 0, votes: {} })) }),
    ["same_station_twice"],
  ],
  ["a budget of nothing", with_({ budget: 0, kind: "approval" }), ["bad_budget"]],
  ["a budget with cents", with_({ budget: 100.5 }), ["bad_budget"]],
  ["no seed", with_({ seed: "" }), ["bad_seed"]],
  ["a project for nothing", projects({ id: "d", name: "D", cost: 0 }), ["bad_project"]],
  ["an id with a comma", projects({ id: "d,e", name: "D", cost: 1 }), ["bad_project"]],
  ["an id with a blank at its end", projects({ id: "d ", name: "D", cost: 1 }), ["bad_project"]],
  ["a project twice", projects({ id: "a", name: "D", cost: 1 }), ["same_project_twice"]],
  ["too many projects", projects(...many(1_000)), ["too_many"]],
  ["an unknown project", ballot("3", "pool"), ["unknown_project"]],
  ["a project named twice", ballot("3", "b", "b"), ["project_named_twice"]],
  ["a voter twice", ballot("1", "b"), ["same_voter_twice"]],
  ["a voter without a mark", ballot(""), ["bad_voter"]],
  [
    "paper from nowhere",
    with_({ ballots: [{ voter: "1", approves: [], source: "paper", station: "" }] }),
    ["bad_station"],
  ],
])("%s", (_name, vote, codes) => {
  expect(faultsOf(vote).map(({ code }) => code)).toEqual(codes);
});

test("not more faults than anybody reads at once", () => {
  const ballots = many(500).map(({ id }) => ({ voter: id, approves: ["pool"] }));
  expect(faultsOf(with_({ ballots }))).toHaveLength(100);
});

function many(n: number) {
  return Array.from({ length: n }, (_, i) => ({ id: `p${i}`, name: "", cost: 1 }));
}
