import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustedRand } from "./adjusted-rand.ts";
import { cluster, silhouettes } from "./cluster.ts";
import { shuffled } from "./gate.ts";
import { analyseOpinions, type Vote, type VoteValue } from "./index.ts";
import { findPlane, project } from "./project.ts";
import { below, seeded } from "./random.ts";
import { groupAwareConsensus, representatives, shareTest, smoothedShare, twoShareTest } from "./repness.ts";
import { statementResults } from "./results.ts";
import { inConversation, UNSEEN, voteMatrix } from "./votes.ts";

const STATEMENTS = 12;
const SHARED = "s11";

const idOf = (prefix: string, number: number): string => `${prefix}${String(number).padStart(3, "0")}`;

/** Votes by a rule that gives the chance to agree; a tenth pass, a fifth of the statements are unseen. */
function poll(seed: number, voters: number, chance: (voter: number, statement: number) => number): Vote[] {
  const random = seeded(seed);
  const votes: Vote[] = [];
  for (let voter = 0; voter < voters; voter++)
    for (let statement = 0; statement < STATEMENTS; statement++) {
      const [seen, passes, agrees] = [random() < 0.8, random() < 0.1, random() < chance(voter, statement)];
      if (!seen) continue;
      const vote: VoteValue = passes ? 0 : agrees ? 1 : -1;
      votes.push({ voter: idOf("v", voter), statement: `s${statement}`, vote });
    }
  return votes;
}

/** Voters before `border` like the even statements, the others the odd ones; all like the last. */
const camps = (border: number) => (voter: number, statement: number) => {
  if (`s${statement}` === SHARED) return 0.97;
  return voter < border === (statement % 2 === 0) ? 0.95 : 0.05;
};

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const [random, copy] = [seeded(seed), [...items]];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

describe("two camps of 150", () => {
  const votes = poll(1, 300, camps(150));
  const analysis = analyseOpinions(votes);

  test("are found exactly", () => {
    expect(analysis.noGroups).toBeUndefined();
    const placed = new Set(inConversation(voteMatrix(votes)).voters);
    const camp = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => idOf("v", from + i)).filter((id) => placed.has(id));
    expect(placed.size).toBeGreaterThan(280);
    expect(analysis.groups?.map(({ voters }) => voters).sort()).toEqual([camp(0, 150), camp(150, 300)]);
    expect(analysis.checks.stability).toBeGreaterThan(0.95);
    expect(analysis.checks.silhouette).toBeGreaterThan(analysis.checks.silhouetteByChance as number);
  });

  test("share a statement, which leads the group-aware consensus and is not divisive", () => {
    expect(analysis.groupAwareConsensus?.[0]?.statement).toBe(SHARED);
    expect(analysis.groupAwareConsensus?.[0]?.agree).toBeGreaterThan(0.6);
    expect(analysis.groupAwareConsensus?.[1]?.agree).toBeLessThan(0.2);
    expect(analysis.consensus.map(({ statement, side }) => [statement, side])).toEqual([[SHARED, "agree"]]);
    expect(analysis.divisive).toHaveLength(11);
  });

  test("are represented by what only they think", () => {
    for (const { voters, representative } of analysis.groups ?? []) {
      const evens = (voters[0] as string) < idOf("v", 150);
      expect(representative).toHaveLength(5);
      for (const { statement, side, share } of representative) {
        const even = Number(statement.slice(1)) % 2 === 0;
        expect(side).toBe(even === evens ? "agree" : "disagree");
        expect(share).toBeGreaterThan(0.7);
      }
    }
  });

  test("are the same in whatever order the votes come, and without those who voted one way", () => {
    expect(analyseOpinions(shuffle(votes, 7), { statements: shuffle(["s3", SHARED, "s0"], 8) })).toEqual(
      analysis,
    );
    expect(analysis.uniform.agreedWithAll).toEqual([]);
    expect(analysis.sameWithoutUniform).toBe(1);
  });

  test("stay the same when 20 people agree with everything, who are counted", () => {
    const agreeing = Array.from({ length: 20 * STATEMENTS }, (_, i): Vote => {
      return { voter: idOf("x", i % 20), statement: `s${Math.floor(i / 20)}`, vote: 1 };
    });
    const more = analyseOpinions([...votes, ...agreeing]);
    expect(more.uniform.agreedWithAll).toHaveLength(20);
    expect(more.uniform.disagreedWithAll).toEqual([]);
    expect(more.uniform.statementsWithout).toEqual(analysis.statements);
    expect(more.statements[0]?.agree.count).toBe((analysis.statements[0]?.agree.count ?? 0) + 20);
  });
});

describe("no groups are published", () => {
  test.each([11, 12, 13])("where votes are random (%i)", (seed) => {
    const analysis = analyseOpinions(poll(seed, 200, () => 0.5));
    expect(analysis.groups).toBeUndefined();
    expect(analysis.noGroups).toMatch(/^No stable opinion groups: /);
    expect(analysis.statements).toHaveLength(STATEMENTS);
  });

  test("where statements differ in support but nothing links them", () => {
    const analysis = analyseOpinions(poll(21, 200, (_, statement) => statement / 12));
    expect(analysis.groups).toBeUndefined();
    expect(analysis.consensus.length).toBeGreaterThan(0);
  });

  test("with fewer than 100 voters in the conversation, however clear the camps", () => {
    const analysis = analyseOpinions(poll(31, 90, camps(45)));
    expect(analysis.refusal).toBe("too_few_voters");
    expect(analysis.noGroups).toContain("at least 100 are needed");
    expect(analysis.consensus).toHaveLength(1);
  });

  test("when one group has less than 5 % of the voters", () => {
    const analysis = analyseOpinions(poll(41, 312, camps(12)));
    expect(analysis.refusal).toBe("group_too_small");
    expect(analysis.checks.smallestGroup).toBeLessThan(16);
  });

  test("when everybody votes alike", () => {
    const analysis = analyseOpinions(poll(51, 150, () => 1).filter(({ vote }) => vote === 1));
    expect(analysis.refusal).toBe("too_alike");
    expect(analysis.uniform.agreedWithAll).toHaveLength(analysis.inConversation);
  });

  test("when opinions go round evenly, so that where they are cut is arbitrary", () => {
    const opinion = (voter: number, statement: number): number =>
      Math.cos(2 * Math.PI * (voter / 200 - statement / STATEMENTS)) > 0 ? 0.95 : 0.05;
    const analysis = analyseOpinions(poll(61, 200, opinion));
    expect(analysis.refusal).toBe("unstable");
  });

  test("without any votes", () => {
    const analysis = analyseOpinions([], { statements: ["b", "a"] });
    expect(analysis.statements.map(({ statement, votes }) => [statement, votes])).toEqual([
      ["a", 0],
      ["b", 0],
    ]);
    expect(analysis.statements[0]?.agree).toEqual({ count: 0, share: 0, low: 0, high: 1 });
    expect(analysis.refusal).toBe("too_few_voters");
  });
});

describe("the formulas", () => {
  test("of shares and their tests", () => {
    expect(smoothedShare(8, 10)).toBe(9 / 12);
    // 2 √11 (9/11 - 1/2)
    expect(shareTest(8, 10)).toBeCloseTo(2.1105794, 7);
    // (9/11 - 3/11) / √(12/22 · 10/22 · 2/11) = √6.6
    expect(twoShareTest(8, 10, 2, 10)).toBeCloseTo(Math.sqrt(6.6), 12);
    expect(twoShareTest(4, 4, 9, 9)).toBe(0);
  });

  /** Results of one statement with these counts. */
  const results = (agree: number, disagree: number, pass: number) => {
    const values = [
      ...Array<VoteValue>(agree).fill(1),
      ...Array<VoteValue>(disagree).fill(-1),
      ...Array<VoteValue>(pass).fill(0),
    ];
    return statementResults(
      voteMatrix(values.map((vote, i) => ({ voter: idOf("v", i), statement: "s", vote }))),
    );
  };

  test("of representative statements and group-aware consensus", () => {
    const [one, two] = [results(8, 1, 1), results(2, 5, 3)];
    const [found] = representatives(one, [two]);
    expect(found).toMatchObject({ statement: "s", side: "agree", share: 0.75, ratio: 3 });
    expect(found?.repness).toBeCloseTo(3 * Math.sqrt(6.6) * 0.75 * 2.1105794, 5);
    // Its disagreement is clearly above the other's, but only half of it disagreed.
    expect(representatives(two, [one])).toEqual([]);
    expect(groupAwareConsensus([one, two])).toEqual([
      { statement: "s", agree: (9 / 12) * (3 / 12), disagree: (2 / 12) * (6 / 12) },
    ]);
  });

  test("of the adjusted Rand index", () => {
    const index = (a: number[], b: number[]): number => adjustedRand(Uint8Array.from(a), Uint8Array.from(b));
    // The first three are the examples of scikit-learn's adjusted_rand_score.
    expect(index([0, 0, 1, 1], [1, 1, 0, 0])).toBe(1);
    expect(index([0, 0, 1, 2], [0, 0, 1, 1])).toBeCloseTo(4 / 7, 12);
    expect(index([0, 0, 0, 0], [0, 1, 2, 3])).toBe(0);
    // No pair together in both, 2 · 2 / 6 expected, 2 at most.
    expect(index([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12);
  });

  test("of the silhouette", () => {
    // On a line at 0, 1 and 4, 5: 3.5/4.5 for the outer ones, 2.5/3.5 for the inner.
    const points = Float64Array.of(0, 0, 1, 0, 4, 0, 5, 0);
    expect(silhouettes(points, [Uint8Array.of(0, 0, 1, 1)])[0]).toBeCloseTo((3.5 / 4.5 + 2.5 / 3.5) / 2, 12);
    expect(silhouettes(points, [Uint8Array.of(0, 0, 0, 0)])).toEqual([0]);
    // Alone in its group: 0. Of the others, within 3.5, 2 and 2.5, to the one alone 1, 4 and 5.
    expect(silhouettes(points, [Uint8Array.of(0, 1, 1, 1)])[0]).toBeCloseTo(
      (0 + (1 - 3.5) / 3.5 + (4 - 2) / 4 + (5 - 2.5) / 5) / 4,
      12,
    );
  });

  test("of the plane: the axes are the principal components, points are stretched by what was unseen", () => {
    const rows: (readonly [VoteValue, VoteValue])[] = [
      [1, 1],
      [1, 1],
      [-1, -1],
      [-1, -1],
      [1, -1],
      [-1, 1],
    ];
    const matrix = voteMatrix(
      rows.flatMap((row, i) => row.map((vote, j) => ({ voter: `v${i}`, statement: `s${j}`, vote }))),
    );
    const plane = findPlane(matrix, seeded());
    const [first, second] = plane.axes;
    expect([...plane.means]).toEqual([0, 0]);
    expect((first[0] ?? 0) * (first[1] ?? 0)).toBeCloseTo(0.5, 9);
    expect((second[0] ?? 0) * (second[1] ?? 0)).toBeCloseTo(-0.5, 9);
    const half = { voters: ["v"], statements: ["s0", "s1"], cells: Int8Array.of(1, UNSEEN) };
    const axes = [Float64Array.of(1, 0), Float64Array.of(0, 1)] as const;
    expect([...project(half, { means: Float64Array.of(0.5, 0), axes })]).toEqual([0.5 * Math.SQRT2, 0]);
  });

  test("of k-means: three heaps are three groups", () => {
    const random = seeded(3);
    const centres = [0, 0, 10, 0, 5, 9] as const;
    const points = Float64Array.from({ length: 120 }, (_, i) => {
      return (centres[2 * (Math.floor(i / 2) % 3) + (i % 2)] ?? 0) + random();
    });
    const { labels, silhouette } = cluster(points, random);
    expect(
      adjustedRand(
        labels,
        labels.map((_, i) => i % 3),
      ),
    ).toBe(1);
    expect(silhouette).toBeGreaterThan(0.8);
  });
});

describe("votes", () => {
  const anyVotes = fc.uniqueArray(
    fc.record({
      voter: fc.integer({ min: 0, max: 30 }).map(String),
      statement: fc.integer({ min: 0, max: 12 }).map(String),
      vote: fc.constantFrom<VoteValue>(1, -1, 0),
    }),
    { selector: ({ voter, statement }) => `${voter} ${statement}`, maxLength: 300 },
  );

  test("are all counted, once", () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const analysis = analyseOpinions(votes);
        expect(analysis.votes).toBe(votes.length);
        for (const { statement, votes: seen, agree, disagree, pass } of analysis.statements) {
          expect(seen).toBe(votes.filter((vote) => vote.statement === statement).length);
          expect(agree.count + disagree.count + pass.count).toBe(seen);
          for (const { share, low, high } of [agree, disagree, pass])
            expect(low <= share + 1e-12 && share <= high + 1e-12).toBe(true);
        }
        const listed = [...analysis.consensus, ...analysis.divisive].map(({ statement }) => statement);
        expect(new Set(listed).size).toBe(listed.length);
      }),
    );
  });

  test("keep their counts by statement and their places when shuffled", () => {
    fc.assert(
      fc.property(anyVotes, fc.nat(), (votes, seed) => {
        const matrix = voteMatrix(votes);
        const mixed = shuffled(matrix, seeded(seed));
        const places = (cells: Int8Array): Int8Array => cells.map((cell) => Number(cell === UNSEEN));
        expect(statementResults(mixed)).toEqual(statementResults(matrix));
        expect(places(mixed.cells)).toEqual(places(matrix.cells));
      }),
    );
  });

  test("are one per voter and statement", () => {
    const vote: Vote = { voter: "v", statement: "s", vote: 1 };
    expect(() => analyseOpinions([vote, { ...vote, vote: -1 }])).toThrow("two votes");
  });

  test("of those who voted seven times, or on all of fewer statements, place them", () => {
    const votes = (statements: number, cast: number): Vote[] =>
      Array.from({ length: statements + cast }, (_, i) => {
        const all = i < statements;
        return { voter: all ? "all" : "some", statement: `s${all ? i : i - statements}`, vote: 1 };
      });
    expect(inConversation(voteMatrix(votes(10, 6))).voters).toEqual(["all"]);
    expect(inConversation(voteMatrix(votes(10, 7))).voters).toEqual(["all", "some"]);
    expect(inConversation(voteMatrix(votes(3, 2))).voters).toEqual(["all"]);
  });
});
