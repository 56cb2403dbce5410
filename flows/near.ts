import { distance } from "fastest-levenshtein";

/** Slips of the hand that are forgiven, by the length of the word that was meant. */
export function tolerance(length: number): number {
  if (length <= 3) return 0;
  if (length <= 5) return 1;
  return length <= 9 ? 2 : 3;
}

export type Match<T> =
  | { readonly kind: "one"; readonly of: T }
  /** Nearly as close to two of them: never a guess. */
  | { readonly kind: "two"; readonly first: T; readonly second: T }
  | { readonly kind: "none" };

/** The one candidate that is a few slips away from what was said. Both sides are folded. */
export function nearMiss<T>(
  said: string,
  candidates: readonly { readonly word: string; readonly of: T }[],
): Match<T> {
  const best = new Map<T, number>();
  for (const { word, of } of candidates) {
    const limit = tolerance(word.length);
    if (limit === 0 || Math.abs(word.length - said.length) > limit) continue;
    const off = distance(said, word);
    if (off <= limit && off < (best.get(of) ?? Number.POSITIVE_INFINITY)) best.set(of, off);
  }
  const [first, second] = [...best].sort((a, b) => a[1] - b[1]);
  if (!first) return { kind: "none" };
  return second ? { kind: "two", first: first[0], second: second[0] } : { kind: "one", of: first[0] };
}
