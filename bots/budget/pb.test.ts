import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ballot, type BudgetVote, countEqualShares, type PbMeta, readPb, writePb } from "./index.ts";

const META: PbMeta = {
  description: 'Ward 3; "parks"',
  country: "South Africa",
  unit: "Umhlanzi",
  instance: "2027",
  rule: "equalshares/add1",
  dateBegin: "14.01.2027",
  dateEnd: "28.01.2027",
};
const VOTE: BudgetVote = {
  budget: 100,
  kind: "knapsack",
  projects: [
    { id: "a", name: "Park; pond", cost: 60, ward: "3" },
    { id: "b", name: "Lights\nand lamps", cost: 50 },
  ],
  ballots: [
    { voter: "+27821234567", approves: ["b"] },
    { voter: "hall 1", approves: [], source: "paper", station: "Hall" },
    { voter: "x", approves: ["a"] },
  ],
  seed: "blue crane",
};
const written = (vote: BudgetVote, meta = META, selected?: readonly string[]): string => {
  const file = writePb(vote, meta, selected);
  if (!file.ok) throw new Error(JSON.stringify(file.faults));
  return file.text;
};

test("a file as others read it, without the voters' names", () => {
  expect(written(VOTE, { ...META, more: { currency: "ZAR" } }, ["a"])).toBe(`META
key;value
description;"Ward 3; ""parks"""
country;South Africa
unit;Umhlanzi
instance;2027
rule;equalshares/add1
date_begin;14.01.2027
date_end;28.01.2027
num_projects;2
num_votes;3
budget;100
vote_type;approval
max_sum_cost;100
tie_break_seed;blue crane
currency;ZAR
PROJECTS
project_id;cost;votes;name;selected;ward
a;60;1;"Park; pond";1;3
b;50;1;"Lights
and lamps";0;
VOTES
voter_id;vote;voting_method;station
1;;paper;Hall
2;a;phone;
3;b;phone;
`);
});

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(";", '"', "\n", "\r", ",", " ", "\u00a0", "é", "a"), maxLength: 12 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("META", "VOTES", "key", "\ufeff", "=1+1"),
);
const anyFile = fc
  .record({
    budget: fc.integer({ min: 1, max: 100 }),
    projects: fc.array(fc.record({ name: text, cost: fc.integer({ min: 1, max: 60 }), ward: text }), {
      minLength: 1,
      maxLength: 6,
    }),
    ballots: fc.array(fc.record({ wants: fc.uniqueArray(fc.nat(5)), station: fc.option(text) }), {
      maxLength: 9,
    }),
    seed: text.filter((seed) => seed !== ""),
    meta: fc.record({
      description: text,
      country: text,
      unit: text,
      instance: text,
      rule: text,
      dateBegin: text,
      dateEnd: text,
    }),
    knapsack: fc.boolean(),
  })
  .map(({ budget, projects, ballots, seed, meta, knapsack }) => ({
    meta,
    vote: {
      budget,
      kind: knapsack ? "knapsack" : "approval",
      projects: projects.map(({ name, cost, ward }, i) => ({
        id: `p ${i}`,
        name,
        cost,
        ...(ward === "" ? {} : { ward }),
      })),
      ballots: ballots.map(({ wants, station }, i): Ballot => {
        const approves = wants
          .filter((n) => n < projects.length)
          .slice(0, knapsack ? 1 : 5)
          .filter((n) => !knapsack || (projects[n]?.cost ?? 0) <= budget)
          .map((n) => `p ${n}`);
        const voter = String(i);
        return station !== null && station.trim() !== ""
          ? { voter, approves, source: "paper", station }
          : { voter, approves };
      }),
      seed,
    } satisfies BudgetVote as BudgetVote,
  }));

/** What a file keeps of a ballot. */
const kept = (ballots: readonly Ballot[]): readonly string[] =>
  ballots
    .map((ballot) =>
      JSON.stringify([ballot.approves.toSorted(), ballot.source === "paper" ? ballot.station : null]),
    )
    .toSorted();

test("written and read again it is the same vote, and written once more the same file", () => {
  fc.assert(
    fc.property(anyFile, ({ vote, meta }) => {
      const file = written(vote, meta, ["p 0"]);
      const read = readPb(file);
      if (!read.ok) throw new Error(JSON.stringify([read.faults, file]));
      const again = read.file;
      expect(again.meta).toEqual(meta);
      expect(again.selected).toEqual(["p 0"]);
      const { ballots, ...rest } = again.vote;
      const { ballots: before, ...same } = vote;
      expect(rest).toEqual(same);
      expect(kept(ballots)).toEqual(kept(before));
      const whole: BudgetVote = { ...again.vote, seed: vote.seed };
      expect(written(whole, again.meta, again.selected)).toBe(file);
      expect(countEqualShares(whole)).toEqual(countEqualShares(vote));
    }),
    { numRuns: 300 },
  );
});

describe("what others write", () => {
  test("a byte order mark, CRLF, other columns, amounts with zeros, names with quotation marks", () => {
    const read = readPb(
      "\ufeffMETA\r\nkey;value\r\nbudget;100,00\r\nvote_type;approval\r\nlanguage;pl\r\n\r\nPROJECTS\r\n" +
        'name;project_id;cost;category\r\nPark "Stok";7;60.00;green\r\nVOTES\r\nvoter_id;age;vote;voting_method\r\n' +
        "v1;30;7;Internet\r\nv2;31; ;paper\r\n",
    );
    expect(read).toEqual({
      ok: true,
      file: {
        meta: {
          description: "",
          country: "",
          unit: "",
          instance: "",
          rule: "",
          dateBegin: "",
          dateEnd: "",
          more: { language: "pl" },
        },
        vote: {
          budget: 100,
          kind: "approval",
          projects: [{ id: "7", name: 'Park "Stok"', cost: 60 }],
          ballots: [
            { voter: "v1", approves: ["7"] },
            { voter: "v2", approves: [], source: "paper", station: "?" },
          ],
        },
      },
    });
  });

  const HEAD = "META\nkey;value\nbudget;10\nvote_type;approval\n";
  const PROJECTS = `${HEAD}PROJECTS\nproject_id;cost;votes;name\n1;5;1;"two\nlines"\n`;
  test.each([
    ["hello\n", 1, "does not begin with META"],
    ["", 1, "no section META"],
    [HEAD, 4, "no section PROJECTS"],
    [`${HEAD}PROJECTS\nproject_id;name\nVOTES\nvoter_id;vote\n`, 6, "no column cost"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n1;1\nVOTES\n`, 12, "two sections VOTES"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n1;1\n2;1,8\n`, 12, "votes for 8"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n1;1\n1;\n`, 12, "two ballots"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n1;1,1\n`, 11, "names 1 twice"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n`, 7, "votes of 1 is 1, but the file has 0"],
    [`${PROJECTS}1;5;1;x\nVOTES\nvoter_id;vote\n1;1\n`, 9, "two projects 1"],
    [`${PROJECTS}2;1.5;0;x\nVOTES\nvoter_id;vote\n1;1\n`, 9, "costs NaN"],
    [`${PROJECTS}VOTES\nvoter_id;vote\n1;1\n2;"1\n3;\n`, 12, "cannot be read"],
    [`${PROJECTS.replace("10", "ten")}VOTES\nvoter_id;vote\n1;1\n`, 3, "The budget is NaN"],
    [`${PROJECTS.replace("approval", "ordinal")}VOTES\nvoter_id;vote\n1;1\n`, 4, "vote_type is ordinal"],
    [`${PROJECTS.replace("PROJ", "num_votes;2\nPROJ")}VOTES\nvoter_id;vote\n1;1\n`, 5, "num_votes is 2"],
  ])("%j: line %i", (file, line, words) => {
    const read = readPb(file);
    expect(read.ok ? [] : read.faults).toContainEqual(
      expect.objectContaining({
        line,
        what: expect.stringContaining(words),
        remedy: expect.stringMatching(/./),
      }),
    );
  });
});

test.each([
  [{ ...VOTE, tallies: [{ station: "Hall", ballots: 1, votes: {} }] }, META, "tally_not_enough"],
  [VOTE, { ...META, more: { budget: "5" } }, "bad_file"],
  [{ ...VOTE, budget: 0.5 }, META, "bad_budget"],
] as const)("a file that would not tell the vote is not written", (vote, meta, code) => {
  expect(writePb(vote, meta)).toMatchObject({
    ok: false,
    faults: expect.arrayContaining([expect.objectContaining({ code })]),
  });
});
