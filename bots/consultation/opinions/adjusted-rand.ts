/**
 * How far two labellings of the same voters put the same people together: 1 is fully, 0 is what chance does (adjusted
 * Rand index, Hubert & Arabie 1985, J. Classif. 2:193). What the groups are called does not matter.
 */
export function adjustedRand(a: Uint8Array, b: Uint8Array): number {
  const both = new Map<number, number>();
  const inA = new Map<number, number>();
  const inB = new Map<number, number>();
  const count = (into: Map<number, number>, key: number): void => {
    into.set(key, (into.get(key) ?? 0) + 1);
  };
  for (const [i, one] of a.entries()) {
    const other = b[i] as number;
    count(both, one * 256 + other);
    count(inA, one);
    count(inB, other);
  }
  const [together, pairsA, pairsB, pairs] = [
    pairsIn(both),
    pairsIn(inA),
    pairsIn(inB),
    (a.length * (a.length - 1)) / 2,
  ];
  const chance = pairs === 0 ? 0 : (pairsA * pairsB) / pairs;
  const most = (pairsA + pairsB) / 2;
  // Both put everybody together, or everybody apart: the same.
  return most === chance ? 1 : (together - chance) / (most - chance);
}

function pairsIn(sizes: Map<number, number>): number {
  let pairs = 0;
  for (const size of sizes.values()) pairs += (size * (size - 1)) / 2;
  return pairs;
}
