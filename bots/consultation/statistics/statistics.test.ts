import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CannotRake, type Group, rake } from "./rake.ts";
import { DEFAULT_THRESHOLD, type Published, suppressLine, suppressTable } from "./suppress.ts";
import { wilson, withFinitePopulation } from "./wilson.ts";

describe("Wilson's interval", () => {
  test.each([
    // Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    [81, 263, 1.959963984540054, 0.2553, 0.3662, 4],
    [15, 148, 1.959963984540054, 0.0624, 0.1605, 4],
    [0, 20, 1.959963984540054, 0, 0.1611, 4],
    [1, 29, 1.959963984540054, 0.0061, 0.1718, 4],
    // R package cards, snapshot of proportion_ci_wilson: five of ten at 90 %, 32 of 32 and 0 of 32 at 95 %.
    [5, 10, 1.6448536269514722, 0.2692718, 0.7307282, 7],
    [32, 32, 1.959963984540054, 0.8928208, 1, 7],
    [0, 32, 1.959963984540054, 0, 0.1071792, 7],
  ])("%i of %i", (k, n, z, low, high, digits) => {
    const interval = wilson(k, n, z);
    expect(interval.low).toBeCloseTo(low, digits);
    expect(interval.high).toBeCloseTo(high, digits);
  });

  test("is the whole range where nobody was asked, and never a point", () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, p) => {
        const { low, high } = wilson(p * n, n);
        expect(low).toBeLessThanOrEqual(p + 1e-12);
        expect(high).toBeGreaterThanOrEqual(p - 1e-12);
        expect(high - low).toBeGreaterThan(0);
        expect(low >= 0 && high <= 1).toBe(true);
      }),
    );
  });

  test("narrows when a noticeable part of the population answered, and not before", () => {
    expect(withFinitePopulation(100, 10_000)).toBe(100);
    // Cochran 1977, section 2.6: n(N - 1) / (N - n).
    expect(withFinitePopulation(400, 1_000)).toBeCloseTo((400 * 999) / 600, 12);
    expect(withFinitePopulation(50, 50)).toBe(Number.POSITIVE_INFINITY);
    expect(wilson(10, withFinitePopulation(20))).toEqual(wilson(10, 20));
  });
});

describe("raking", () => {
  const cells = (table: Readonly<Record<string, Readonly<Record<string, number>>>>): Group[] =>
    Object.entries(table).flatMap(([row, columns]) =>
      Object.entries(columns).map(([column, n]) => ({ categories: { row, column }, n })),
    );

  test("a two by two table: the margins are met and the odds ratio stays (Bishop, Fienberg & Holland 1975, 3.5)", () => {
    // Klemens, "Raking to complete missing data" (Apophenia): a survey of 7, 9, 12, 7 brought to 5, 15 and 10, 10; here
    // ten times as many.
    const groups = cells({ a: { x: 70, y: 90 }, b: { x: 120, y: 70 } });
    const raked = rake(
      groups,
      [
        { variable: "row", shares: { a: 5, b: 15 } },
        { variable: "column", shares: { x: 10, y: 10 } },
      ],
      { tolerance: 1e-12 },
    );
    const [ax = 0, ay = 0, bx = 0, by = 0] = groups.map(
      ({ n }, i) => (n * (raked.weights[i] ?? 0) * 20) / 350,
    );
    // Of all tables with these margins one has the odds ratio 49/108: x² (1 - r) + x (5 + 10 r - 5 + ... ) solved by hand.
    const r = (70 * 70) / (90 * 120);
    // ax (10 - 5 + ax) = r (5 - ax)(10 - ax)
    const [a2, b2, c2] = [1 - r, 5 + 15 * r, -50 * r];
    const exact = (-b2 + Math.sqrt(b2 ** 2 - 4 * a2 * c2)) / (2 * a2);
    expect(ax).toBeCloseTo(exact, 9);
    expect(ay).toBeCloseTo(5 - exact, 9);
    expect(bx).toBeCloseTo(10 - exact, 9);
    expect(by).toBeCloseTo(5 + exact, 9);
    expect(raked.converged).toBe(true);
  });

  test("one margin is post-stratification: weights are shares over shares, with Kish's design effect", () => {
    const groups: Group[] = [
      { categories: { sex: "f" }, n: 70 },
      { categories: { sex: "m" }, n: 30 },
    ];
    const raked = rake(groups, [{ variable: "sex", shares: { f: 0.51, m: 0.49 } }]);
    expect(raked.weights[0]).toBeCloseTo(0.51 / 0.7, 12);
    expect(raked.weights[1]).toBeCloseTo(0.49 / 0.3, 12);
    // n Σw² / (Σw)², worked by hand: 100 (70 · 0.728571² + 30 · 1.633333²) / 100².
    expect(raked.designEffect).toBeCloseTo(1.171904761904762, 12);
    expect(raked.effectiveSize).toBeCloseTo(100 / 1.171904761904762, 9);
    expect(raked.table[0]).toMatchObject({ category: "f", n: 70, before: 0.7, target: 0.51 });
  });

  test("those whose category is unknown keep their share", () => {
    const groups: Group[] = [
      { categories: { sex: "f" }, n: 60 },
      { categories: { sex: "m" }, n: 20 },
      { categories: {}, n: 20 },
    ];
    const { weights } = rake(groups, [{ variable: "sex", shares: { f: 1, m: 1 } }]);
    expect(weights[2]).toBeCloseTo(1, 12);
    expect(weights[0]).toBeCloseTo(40 / 60, 12);
    expect(weights[1]).toBeCloseTo(40 / 20, 12);
  });

  test("weights are held within their bounds, and that is said", () => {
    const groups: Group[] = [
      { categories: { ward: "1" }, n: 490 },
      { categories: { ward: "2" }, n: 10 },
    ];
    const raked = rake(groups, [{ variable: "ward", shares: { "1": 0.5, "2": 0.5 } }]);
    expect(raked.most).toBeLessThanOrEqual(5 + 1e-9);
    expect(raked.least).toBeGreaterThanOrEqual(1 / 5 - 1e-9);
    expect(raked.converged).toBe(false);
    expect(raked.warnings.join()).toMatch(/held between 1\/5 and 5.*missed by up to/);
  });

  test("no weight leaves its bounds, however far the margins are", () => {
    const size = fc.integer({ min: 10, max: 900 });
    const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });
    fc.assert(
      fc.property(size, size, size, share, (a, b, c, p) => {
        const groups: Group[] = [
          { categories: { k: "a" }, n: a },
          { categories: { k: "b" }, n: b },
          { categories: { k: "c" }, n: c },
        ];
        const shares = { a: p, b: (1 - p) / 2, c: (1 - p) / 2 };
        const raked = rake(groups, [{ variable: "k", shares }]);
        expect(raked.most).toBeLessThanOrEqual(5 + 1e-6);
        expect(raked.least).toBeGreaterThanOrEqual(1 / 5 - 1e-6);
        if (raked.converged) expect(raked.warnings.join()).not.toContain("missed by");
      }),
      { numRuns: 300 },
    );
  });

  test("margins that contradict each other in the sample are said not to settle", () => {
    const groups: Group[] = [
      { categories: { a: "x", b: "p" }, n: 20 },
      { categories: { a: "y", b: "q" }, n: 20 },
    ];
    const margins = [
      { variable: "a", shares: { x: 0.5, y: 0.5 } },
      { variable: "b", shares: { p: 0.6, q: 0.4 } },
    ];
    const raked = rake(groups, margins);
    expect(raked.converged).toBe(false);
    expect(raked.warnings.join()).toContain("did not settle");
  });

  test.each([
    [{ f: 0.5, m: 0.5, x: 0.1 }, "sex, x: 0 respondents, too few"],
    [{ f: 0.5, m: 0 }, "sex, m: a share of 0"],
    [{ f: 1 }, "sex, m: 30 respondents are in a category that the margins do not have"],
  ])("%j is refused with its remedy", (shares, words) => {
    const groups: Group[] = [
      { categories: { sex: "f" }, n: 70 },
      { categories: { sex: "m" }, n: 30 },
    ];
    expect(() => rake(groups, [{ variable: "sex", shares: shares as Record<string, number> }])).toThrow(
      words,
    );
    expect(() => rake(groups, [{ variable: "ward", shares: { "1": 1 } }])).toThrow(CannotRake);
  });

  test("margins that do not sum to a whole are stretched, and that is said", () => {
    const groups: Group[] = [
      { categories: { sex: "f" }, n: 70 },
      { categories: { sex: "m" }, n: 30 },
    ];
    const { warnings } = rake(groups, [{ variable: "sex", shares: { f: 0.5, m: 0.47 } }]);
    expect(warnings).toEqual(["sex: the margins sum to 0.97, not to 1; they were stretched to fit"]);
    expect(rake(groups, [{ variable: "sex", shares: { f: 2_600, m: 2_500 } }]).warnings).toEqual([]);
  });

  test("whatever can be met is met, with positive weights of mean 1, in any order of margins", () => {
    const size = fc.integer({ min: 10, max: 200 });
    const share = fc.double({ min: 0.2, max: 0.8, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(size, size, size, size), share, share, ([a, b, c, d], p, q) => {
        const groups = cells({ r1: { c1: a, c2: b }, r2: { c1: c, c2: d } });
        const margins = [
          { variable: "row", shares: { r1: p, r2: 1 - p } },
          { variable: "column", shares: { c1: q, c2: 1 - q } },
        ];
        const raked = rake(groups, margins, { cap: 1_000 });
        expect(raked.converged).toBe(true);
        for (const { after, target } of raked.table) expect(Math.abs(after - target)).toBeLessThan(1e-6);
        expect(raked.least).toBeGreaterThan(0);
        const n = a + b + c + d;
        const mean = groups.reduce((sum, g, i) => sum + g.n * (raked.weights[i] ?? 0), 0) / n;
        expect(mean).toBeCloseTo(1, 9);
        expect(raked.effectiveSize).toBeLessThanOrEqual(n + 1e-9);
        const other = rake(groups, margins.toReversed(), { cap: 1_000, tolerance: 1e-9 });
        for (const [i, weight] of other.weights.entries())
          expect(weight).toBeCloseTo(raked.weights[i] ?? 0, 4);
      }),
      { numRuns: 200 },
    );
  });
});

describe("small cells", () => {
  test.each([
    [[40, 30, 20], [40, 30, 20], 90],
    // Alone it could be worked out from the total: the next smallest goes too.
    [[40, 30, 3], [40, null, null], 73],
    // Two small ones that give each other away.
    [[40, 1, 1], [null, null, null], 42],
    [[40, 30, 1, 1], [40, null, null, null], 72],
    [[0, 0, 40], [0, 0, 40], 40],
    // Nobody and a few: an empty cell hides nothing, so the total goes.
    [[0, 3], [0, null], null],
  ])("%j is published as %j of %s", (counts, cells, total) => {
    expect(suppressLine(counts)).toEqual({ cells, total });
  });

  test("a table: rows, columns and totals give nothing away", () => {
    const { cells, rowTotals, columnTotals, total } = suppressTable([
      [20, 3, 15],
      [30, 25, 18],
      [12, 14, 40],
    ]);
    expect(cells[0]?.[1]).toBeNull();
    for (const line of [...cells, ...[0, 1, 2].map((c) => cells.map((row) => row[c] ?? null))])
      expect(line.filter((cell) => cell === null).length).not.toBe(1);
    expect([rowTotals, columnTotals, total]).toEqual([[38, 73, 66], [62, 42, 73], 177]);
  });

  /** What somebody who knows the table's sums can tell of each hidden cell: bounds, by propagation to a fixed point. */
  function bounds(shown: readonly (readonly Published[])[]): { low: number; high: number }[][] {
    const top = 1e6;
    const known = shown.map((row) =>
      row.map((n) => (n === null ? { low: 0, high: top } : { low: n, high: n })),
    );
    const height = known.length;
    const width = known[0]?.length ?? 0;
    const lines = [
      ...known,
      ...Array.from({ length: width }, (_, c) => known.map((row) => row[c] ?? { low: 0, high: top })),
    ].filter((_, i) => height > 1 || i === 0);
    for (let changed = true; changed; ) {
      changed = false;
      for (const line of lines) {
        const sum = line.at(-1);
        const parts = line.slice(0, -1);
        if (!sum) continue;
        const narrow = (cell: { low: number; high: number }, low: number, high: number) => {
          if (low > cell.low || high < cell.high) changed = true;
          cell.low = Math.max(cell.low, low);
          cell.high = Math.min(cell.high, high);
        };
        const low = parts.reduce((total, cell) => total + cell.low, 0);
        const high = parts.reduce((total, cell) => total + cell.high, 0);
        narrow(sum, low, high);
        for (const cell of parts) narrow(cell, sum.low - (high - cell.high), sum.high - (low - cell.low));
      }
    }
    return known;
  }

  test("no hidden cell can be bounded below the threshold", () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 60 }));
    const table = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 5 }))
      .chain(([height, width]) =>
        fc.array(fc.array(count, { minLength: width, maxLength: width }), {
          minLength: height,
          maxLength: height,
        }),
      );
    fc.assert(
      fc.property(table, (counts) => {
        const { cells, rowTotals, columnTotals, total } = suppressTable(counts);
        const rows = cells.map((row, r) => [...row, rowTotals[r] ?? null]);
        const shown = counts.length > 1 ? [...rows, [...columnTotals, total]] : rows;
        // What is published is true, and nothing small is.
        for (const [r, row] of counts.entries())
          for (const [c, n] of row.entries()) {
            const told = cells[r]?.[c];
            if (told !== null) expect(told).toBe(n);
            if (n > 0 && n < DEFAULT_THRESHOLD) expect(told).toBeNull();
          }
        for (const [r, row] of bounds(shown).entries())
          for (const [c, { high }] of row.entries())
            if (shown[r]?.[c] === null) expect(high).toBeGreaterThanOrEqual(DEFAULT_THRESHOLD);
      }),
      { numRuns: 2_000 },
    );
  });
});
