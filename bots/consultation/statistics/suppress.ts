/**
 * Small cells are not published, nor can they be worked out from those that are.
 *
 * Primary suppression hides counts from 1 to k - 1. Complementary suppression hides more, until no line of the table
 * (cells and their total) gives a hidden one away: alone in its line, or in a line whose hidden cells together are so
 * few that each must be small (Statistics Netherlands, "Statistical Disclosure Control", Hundepool et al. 2012, ch. 4).
 */

/** Counts fewer than this are not published. Ten for what the law calls special: health, religion, politics, children. */
export const DEFAULT_THRESHOLD = 5;

/** A count as it is published: null where it is hidden. */
export type Published = number | null;

export interface PublishedTable {
  readonly cells: readonly (readonly Published[])[];
  readonly rowTotals: readonly Published[];
  readonly columnTotals: readonly Published[];
  readonly total: Published;
}

/** One question's counts, and their total. */
export function suppressLine(counts: readonly number[], k = DEFAULT_THRESHOLD): PublishedLine {
  const { cells, rowTotals } = suppressTable([counts], k);
  return { cells: cells[0] ?? [], total: rowTotals[0] ?? null };
}

export interface PublishedLine {
  readonly cells: readonly Published[];
  readonly total: Published;
}

/** A table of counts with the totals of its rows and columns. A single row has no column totals to speak of. */
export function suppressTable(counts: readonly (readonly number[])[], k = DEFAULT_THRESHOLD): PublishedTable {
  const height = counts.length;
  const width = counts[0]?.length ?? 0;
  // The totals are cells too: the last of each row, and the last row.
  const rows = counts.map((row) => [...row, total(row)]);
  const whole =
    height > 1
      ? [...rows, Array.from({ length: width + 1 }, (_, c) => total(rows.map((row) => row[c] ?? 0)))]
      : rows;
  const hidden = whole.map((row) => row.map((n) => n > 0 && n < k));
  const lines: (readonly (readonly [number, number])[])[] = [
    ...whole.map((row, r) => row.map((_, c) => [r, c] as const)),
    ...(height > 1 ? (whole[0] ?? []).map((_, c) => whole.map((_row, r) => [r, c] as const)) : []),
  ];
  const value = ([r, c]: readonly [number, number]): number => whole[r]?.[c] ?? 0;
  const isHidden = ([r, c]: readonly [number, number]): boolean => hidden[r]?.[c] ?? false;
  const hideOneOf = (line: readonly Cell[]): boolean => {
    const [next] = line
      .filter((cell) => !isHidden(cell))
      // Rather a cell than a total, rather a small one; an empty one hides little.
      .toSorted((a, b) => Number(isTotal(a)) - Number(isTotal(b)) || rank(value(a)) - rank(value(b)));
    const row = next && hidden[next[0]];
    if (!next || !row) return false;
    row[next[1]] = true;
    return true;
  };
  for (;;) {
    const unsafe = lines.find((line) => !isSafe(line, value, isHidden, k) && hasShown(line));
    if (unsafe) {
      hideOneOf(unsafe);
      continue;
    }
    // Line by line all is well; taken together the lines may still give a small one away.
    const given = givenAway(whole, hidden, lines, k);
    if (!given) break;
    const its = lines.filter((line) => line.some(([r, c]) => r === given[0] && c === given[1]));
    if (!its.some(hideOneOf)) hideOneOf(lines.flat());
  }
  const shown = whole.map((row, r) => row.map((n, c) => (hidden[r]?.[c] ? null : n)));
  const last = height > 1 ? shown[height] : shown[0];
  return {
    cells: shown.slice(0, height).map((row) => row.slice(0, width)),
    rowTotals: shown.slice(0, height).map((row) => row[width] ?? null),
    columnTotals: (last ?? []).slice(0, width),
    total: last?.[width] ?? null,
  };

  function hasShown(line: readonly Cell[]): boolean {
    return !line.every(isHidden);
  }
  function isTotal([r, c]: readonly [number, number]): boolean {
    return c === width || r === height;
  }
}

type Cell = readonly [number, number];

function isSafe(
  line: readonly Cell[],
  value: (cell: Cell) => number,
  isHidden: (cell: Cell) => boolean,
  k: number,
): boolean {
  const unknown = line.filter(isHidden);
  if (unknown.length === 0) return true;
  if (unknown.length === 1) return false;
  const lastHidden = isHidden(line.at(-1) ?? [0, 0]);
  // Whoever knows the rule must not conclude that every hidden one is small.
  return lastHidden || total(unknown.map(value)) >= 2 * k;
}

/**
 * A hidden cell of which somebody who adds and subtracts along the lines can tell that it is below `k`: the bounds of
 * every hidden cell are narrowed until nothing more follows.
 */
function givenAway(
  whole: readonly (readonly number[])[],
  hidden: readonly (readonly boolean[])[],
  lines: readonly (readonly Cell[])[],
  k: number,
): Cell | undefined {
  const most = Math.max(...whole.flat()) + k;
  const low = whole.map((row, r) => row.map((n, c) => (hidden[r]?.[c] ? 0 : n)));
  const high = whole.map((row, r) => row.map((n, c) => (hidden[r]?.[c] ? most : n)));
  const of = (bound: readonly (readonly number[])[], [r, c]: Cell): number => bound[r]?.[c] ?? 0;
  for (let changed = true; changed; ) {
    changed = false;
    const narrow = ([r, c]: Cell, from: number, to: number): void => {
      const [lowRow, highRow] = [low[r], high[r]];
      if (!lowRow || !highRow) return;
      if (from > (lowRow[c] ?? 0)) {
        lowRow[c] = from;
        changed = true;
      }
      if (to < (highRow[c] ?? 0)) {
        highRow[c] = to;
        changed = true;
      }
    };
    for (const line of lines) {
      const parts = line.slice(0, -1);
      const sum = line.at(-1);
      if (!sum) continue;
      const least = total(parts.map((cell) => of(low, cell)));
      const greatest = total(parts.map((cell) => of(high, cell)));
      narrow(sum, least, greatest);
      for (const cell of parts)
        narrow(cell, of(low, sum) - (greatest - of(high, cell)), of(high, sum) - (least - of(low, cell)));
    }
  }
  return lines.flat().find((cell) => hidden[cell[0]]?.[cell[1]] && of(high, cell) < k);
}

const rank = (n: number): number => (n === 0 ? Number.MAX_SAFE_INTEGER : n);
const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);
