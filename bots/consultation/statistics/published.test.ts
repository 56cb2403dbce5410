import { describe, expect, test } from "vitest";
import { type Group, type Margin, rake } from "./rake.ts";

/**
 * Raking against what others have published. Where only a few digits were printed we agree with those; to 1e-6 we agree
 * with an exact solution of the same problem that knows nothing of iterative proportional fitting: {@link solve}.
 */

type Table = Readonly<Record<string, Readonly<Record<string, number>>>>;

const groupsOf = (table: Table, row: string, column: string): readonly Group[] =>
  Object.entries(table).flatMap(([r, columns]) =>
    Object.entries(columns).map(([c, n]) => ({ categories: { [row]: r, [column]: c }, n })),
  );

/**
 * The raked weights by Newton's method on the dual: of all weights exp(λ of each category) those that meet the margins,
 * which minimise Σ n·w − t·λ (Deville, Särndal & Sautory 1993, J. Am. Stat. Assoc. 88:1013). Their mean is 1.
 */
function solve(groups: readonly Group[], margins: readonly Margin[]): readonly number[] {
  const total = groups.reduce((sum, { n }) => sum + n, 0);
  // The last category of every margin but the first follows from the others.
  const wanted = margins.flatMap(({ variable, shares }, m) => {
    const whole = Object.values(shares).reduce((sum, share) => sum + share, 0);
    const all = Object.entries(shares).map(([category, share]) => ({
      variable,
      category,
      target: (share / whole) * total,
    }));
    return m === 0 ? all : all.slice(0, -1);
  });
  const isIn = groups.map(({ categories }) =>
    wanted.map(({ variable, category }) => (categories[variable] === category ? 1 : 0)),
  );
  const lambda = wanted.map(() => 0);
  const weights = () =>
    isIn.map((row) => Math.exp(row.reduce<number>((x, one, j) => x + one * (lambda[j] ?? 0), 0)));
  for (let step = 0; step < 100; step++) {
    const masses = weights().map((w, i) => w * (groups[i]?.n ?? 0));
    const sumOver = (of: (row: readonly number[]) => number): number =>
      isIn.reduce((sum, row, i) => sum + of(row) * (masses[i] ?? 0), 0);
    const gap = wanted.map(({ target }, j) => target - sumOver((row) => row[j] ?? 0));
    if (Math.max(...gap.map(Math.abs)) < 1e-11 * total) return weights();
    const hessian = wanted.map((_, j) =>
      wanted.map((__, k) => sumOver((row) => (row[j] ?? 0) * (row[k] ?? 0))),
    );
    for (const [j, move] of linear(hessian, gap).entries()) lambda[j] = (lambda[j] ?? 0) + move;
  }
  throw new Error("Newton's method did not settle");
}

/** Gauss with pivots. */
function linear(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const at = (r: number, c: number): number => rows[r]?.[c] ?? 0;
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .map((_, r) => r)
      .reduce((a, r) => (r >= c && Math.abs(at(r, c)) > Math.abs(at(a, c)) ? r : a), c);
    [rows[c], rows[pivot]] = [rows[pivot] ?? [], rows[c] ?? []];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = at(r, c) / at(c, c);
      rows[r] = (rows[r] ?? []).map((value, k) => value - factor * at(c, k));
    }
  }
  return rows.map((row, r) => (row[n] ?? 0) / at(r, r));
}

const EXACT = { tolerance: 1e-13, cap: 1_000, maxPasses: 10_000 };

function expectExact(groups: readonly Group[], margins: readonly Margin[]): readonly number[] {
  const { weights } = rake(groups, margins, EXACT);
  for (const [i, weight] of solve(groups, margins).entries())
    expect(Math.abs((weights[i] ?? 0) - weight), `group ${i}`).toBeLessThan(1e-6);
  return weights;
}

test("schools of California: R's survey package, reference output of its test rakecheck (Lumley, survey 4.5)", () => {
  // Its data set apiclus1: 183 schools by type and by whether they met their target, with the sums of two variables.
  const schools = [
    { stype: "E", wide: "No", n: 12, api00: 7_156, enroll: 5_243 },
    { stype: "E", wide: "Yes", n: 132, api00: 86_281, enroll: 57_088 },
    { stype: "H", wide: "No", n: 3, api00: 1_978, enroll: 2_237 },
    { stype: "H", wide: "Yes", n: 11, api00: 6_682, enroll: 13_587 },
    { stype: "M", wide: "No", n: 8, api00: 4_851, enroll: 5_983 },
    { stype: "M", wide: "Yes", n: 17, api00: 10_935, enroll: 16_460 },
  ];
  const groups = schools.map(({ stype, wide, n }) => ({ categories: { stype, wide }, n }));
  const weights = expectExact(groups, [
    { variable: "stype", shares: { E: 4_421, H: 755, M: 1_018 } },
    { variable: "wide", shares: { No: 1_072, Yes: 5_122 } },
  ]);
  const weighted = (of: "n" | "api00" | "enroll") =>
    schools.reduce((sum, school, i) => sum + school[of] * (weights[i] ?? 0), 0);
  // Printed: a mean of 641.23 and a total of 3647280, by Newton's method; 3647300 by fitting until it is off by one.
  expect(weighted("api00") / weighted("n")).toBeCloseTo(641.23, 2);
  expect((weighted("enroll") * 6_194) / weighted("n")).toBeCloseTo(3_647_280, -1);
});

test("people of an election study, some of whom said nothing: R's package ipf, its README (Kenny 2026, ipf 0.0.1)", () => {
  // Its data set anes24, 966 people by sex and race; targets, results and digits as the README prints them.
  const groups: readonly Group[] = [
    ...groupsOf(
      {
        Female: { White: 322, Black: 69, Hispanic: 64, Asian: 9, Other: 31 },
        Male: { White: 307, Black: 48, Hispanic: 49, Asian: 19, Other: 32 },
      },
      "sex",
      "race",
    ),
    { categories: { sex: "Female" }, n: 8 },
    { categories: { sex: "Male" }, n: 3 },
    { categories: { race: "White" }, n: 3 },
    { categories: { race: "Black" }, n: 1 },
    { categories: { race: "Hispanic" }, n: 1 },
  ];
  const raked = rake(
    groups,
    [
      { variable: "sex", shares: { Male: 0.48, Female: 0.52 } },
      { variable: "race", shares: { White: 0.59, Black: 0.14, Hispanic: 0.19, Asian: 0.06, Other: 0.02 } },
    ],
    { tolerance: 1e-7 },
  );
  expect(raked.converged).toBe(true);
  expect(raked.designEffect).toBeCloseTo(1.1146, 4);
  expect(raked.effectiveSize).toBeCloseTo(867, 0);
  expect(raked.least).toBeCloseTo(0.301, 3);
  expect(raked.most).toBeCloseTo(2.056, 3);
  const weightOf = (sex: string | undefined, race: string | undefined) =>
    raked.weights[groups.findIndex(({ categories }) => categories.sex === sex && categories.race === race)];
  expect(weightOf("Female", "White")).toBeCloseTo(0.885, 3);
  expect(weightOf("Male", "White")).toBeCloseTo(0.898, 3);
  expect(weightOf("Male", undefined)).toBeCloseTo(1.01, 2);
  expect(weightOf("Female", "Black")).toBeCloseTo(1.13, 2);
  expect(weightOf("Male", "Hispanic")).toBeCloseTo(1.6, 2);
});

describe("tables whose margins are published, against the exact solution", () => {
  test.each<[string, Table, Margin[]]>([
    [
      "Ardilly and Tillé's, as R's TeachingSampling has it (IPFP, example 1)",
      {
        a1: { b1: 80, b2: 170, b3: 150 },
        a2: { b1: 90, b2: 80, b3: 210 },
        a3: { b1: 10, b2: 80, b3: 130 },
      },
      [
        { variable: "a", shares: { a1: 430, a2: 360, a3: 210 } },
        { variable: "b", shares: { b1: 150, b2: 300, b3: 550 } },
      ],
    ],
    [
      "the tests' of Python's ipfn (Forthommel, numpy_2D), ten people for each of its one",
      {
        r1: { c1: 80, c2: 40, c3: 60, c4: 70 },
        r2: { c1: 30, c2: 60, c3: 50, c4: 20 },
        r3: { c1: 90, c2: 110, c3: 30, c4: 10 },
      },
      [
        { variable: "a", shares: { r1: 20, r2: 18, r3: 22 } },
        { variable: "b", shares: { c1: 18, c2: 16, c3: 12, c4: 14 } },
      ],
    ],
  ])("%s", (_source, table, margins) => {
    expectExact(groupsOf(table, "a", "b"), margins);
  });

  test("three margins at once: those of ipfn's cube (numpy_3D, its single margins), ten people for each of its one", () => {
    const cube = [
      [
        [1, 2, 1],
        [3, 5, 5],
        [6, 2, 2],
        [1, 7, 2],
      ],
      [
        [5, 4, 2],
        [5, 5, 5],
        [3, 8, 7],
        [2, 7, 6],
      ],
    ];
    const groups = cube.flatMap((plane, i) =>
      plane.flatMap((line, j) =>
        line.map((n, k) => ({ categories: { dma: `${i}`, size: `${j}`, age: `${k}` }, n: 10 * n })),
      ),
    );
    const margins = [
      { variable: "dma", shares: { 0: 52, 1: 48 } },
      { variable: "size", shares: { 0: 20, 1: 30, 2: 35, 3: 15 } },
      { variable: "age", shares: { 0: 35, 1: 40, 2: 25 } },
    ];
    expectExact(groups, margins);
    const exact = solve(groups, margins);
    // Kish 1965, section 11.7, from the exact weights.
    const sum = (power: number) =>
      groups.reduce((total, { n }, i) => total + n * (exact[i] ?? 0) ** power, 0);
    const { designEffect, effectiveSize } = rake(groups, margins, EXACT);
    expect(Math.abs(designEffect - (sum(0) * sum(2)) / sum(1) ** 2)).toBeLessThan(1e-6);
    expect(Math.abs(effectiveSize - sum(1) ** 2 / sum(2))).toBeLessThan(1e-6);
  });
});
