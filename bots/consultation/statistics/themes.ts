/**
 * Open answers laid beside those that they resemble, for a person to read, name and merge: no model, no meaning, only
 * words that look alike. Groups are made within one language.
 *
 * Texts become weighted counts of their character 3-grams (which forgive spelling and the prefixes of Bantu languages:
 * McNamee & Mayfield 2004, Information Retrieval 7:73), weighted by how rare each is (tf-idf), and are joined by the
 * average similarity of their members until no two groups are alike enough (UPGMA, Sokal & Michener 1958).
 */
export interface OpenAnswer {
  readonly text: string;
  readonly language: string;
}

export interface Theme {
  readonly language: string;
  /** Answers in it. */
  readonly size: number;
  /** Words that are more frequent in it than elsewhere, the most telling first. */
  readonly terms: readonly string[];
  /** The most typical first, then those that differ most from what was quoted already. */
  readonly quotes: readonly string[];
}

export interface ThemeOptions {
  /** Average cosine from which on groups are joined. */
  readonly alike?: number;
  readonly quotes?: number;
}

/** Joining costs the square of their number; of more than this a sample is grouped and the rest is laid to the nearest. */
const GROUPED = 600;
const ALIKE = 0.17;
const QUOTES = 3;
const TERMS = 5;

type Vector = ReadonlyMap<string, number>;

/** Groups of answers, the largest first. The same answers in any order give the same groups. */
export function themesOf(
  answers: readonly OpenAnswer[],
  { alike = ALIKE, quotes = QUOTES }: ThemeOptions = {},
): readonly Theme[] {
  const languages = [...new Set(answers.map(({ language }) => language))].toSorted();
  return languages
    .flatMap((language) => {
      const texts = answers.flatMap((answer) =>
        answer.language === language && answer.text.trim() !== "" ? [answer.text.trim()] : [],
      );
      return grouped(texts.toSorted(), alike).map((members) => ({
        language,
        size: members.length,
        terms: termsOf(members, texts),
        quotes: quotesOf(members, quotes),
      }));
    })
    .toSorted((a, b) => b.size - a.size || compare(a.quotes[0] ?? "", b.quotes[0] ?? ""));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function grouped(texts: readonly string[], alike: number): readonly (readonly string[])[] {
  const vectors = vectorsOf(texts);
  const step = Math.max(1, Math.ceil(texts.length / GROUPED));
  const sample = texts.map((_, i) => i).filter((i) => i % step === 0);
  const groups = joined(sample, vectors, alike);
  const centres = groups.map((members) => centreOf(members.map((i) => vectors[i] ?? new Map())));
  for (const i of texts.keys()) {
    if (i % step === 0) continue;
    const near = nearest(vectors[i] ?? new Map(), centres, alike);
    if (near === undefined) {
      groups.push([i]);
      centres.push(vectors[i] ?? new Map());
    } else groups[near]?.push(i);
  }
  return groups.map((members) => members.map((i) => texts[i] ?? ""));
}

function nearest(vector: Vector, centres: readonly Vector[], alike: number): number | undefined {
  let best: number | undefined;
  let most = alike;
  for (const [i, centre] of centres.entries()) {
    const similarity = cosine(vector, centre);
    if (similarity > most) [best, most] = [i, similarity];
  }
  return best;
}

function joined(sample: readonly number[], vectors: readonly Vector[], alike: number): number[][] {
  const groups: (number[] | undefined)[] = sample.map((i) => [i]);
  const similar: number[][] = sample.map((a) =>
    sample.map((b) => cosine(vectors[a] ?? new Map(), vectors[b] ?? new Map())),
  );
  for (;;) {
    let [first, second, most] = [-1, -1, alike];
    for (let a = 0; a < groups.length; a++) {
      if (!groups[a]) continue;
      for (let b = a + 1; b < groups.length; b++) {
        const similarity = similar[a]?.[b] ?? 0;
        if (groups[b] && similarity > most) [first, second, most] = [a, b, similarity];
      }
    }
    const [into, from] = [groups[first], groups[second]];
    if (!into || !from) return groups.filter((group) => group !== undefined);
    // The average over all pairs of members, from the averages of the two (Lance & Williams 1967).
    for (let other = 0; other < groups.length; other++) {
      const [rowA, rowOther] = [similar[first], similar[other]];
      if (!groups[other] || !rowA || !rowOther) continue;
      const average =
        (into.length * (rowA[other] ?? 0) + from.length * (similar[second]?.[other] ?? 0)) /
        (into.length + from.length);
      rowA[other] = average;
      rowOther[first] = average;
    }
    into.push(...from);
    groups[second] = undefined;
  }
}

/** Lower case, without accents and marks, as one line. */
const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

function gramsOf(text: string): ReadonlyMap<string, number> {
  const padded = ` ${plain(text)} `;
  const grams = new Map<string, number>();
  for (let i = 0; i + 3 <= padded.length; i++) {
    const gram = padded.slice(i, i + 3);
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function vectorsOf(texts: readonly string[]): readonly Vector[] {
  const grams = texts.map(gramsOf);
  const inTexts = new Map<string, number>();
  for (const each of grams) for (const gram of each.keys()) inTexts.set(gram, (inTexts.get(gram) ?? 0) + 1);
  return grams.map((each) =>
    unit(
      new Map(
        [...each].map(([gram, n]) => [
          gram,
          (1 + Math.log(n)) * Math.log(1 + texts.length / (inTexts.get(gram) ?? 1)),
        ]),
      ),
    ),
  );
}

function unit(vector: Vector): Vector {
  const length = Math.sqrt([...vector.values()].reduce((sum, n) => sum + n ** 2, 0));
  return length === 0 ? vector : new Map([...vector].map(([key, n]) => [key, n / length]));
}

function centreOf(vectors: readonly Vector[]): Vector {
  const sum = new Map<string, number>();
  for (const vector of vectors) for (const [key, n] of vector) sum.set(key, (sum.get(key) ?? 0) + n);
  return unit(sum);
}

function cosine(a: Vector, b: Vector): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [key, n] of small) sum += n * (large.get(key) ?? 0);
  return sum;
}

const wordsOf = (text: string): readonly string[] =>
  plain(text)
    .split(" ")
    .filter((word) => word.length > 2);

/** By how much more often a word is in this group's answers than in all of its language. */
function termsOf(members: readonly string[], all: readonly string[]): readonly string[] {
  const share = (texts: readonly string[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const text of texts)
      for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
    return new Map([...counts].map(([word, n]) => [word, n / texts.length]));
  };
  const everywhere = share(all);
  return [...share(members)]
    .map(([word, here]) => ({ word, weight: here * Math.log(1 + here / (everywhere.get(word) ?? 1)) }))
    .toSorted((a, b) => b.weight - a.weight || compare(a.word, b.word))
    .slice(0, TERMS)
    .map(({ word }) => word);
}

/** Nearest to the middle first; then always the one that is least like those quoted already. */
function quotesOf(members: readonly string[], wanted: number): readonly string[] {
  const texts = [...new Set(members)];
  const vectors = vectorsOf(texts);
  const centre = centreOf(vectors);
  const quoted: number[] = [];
  while (quoted.length < Math.min(wanted, texts.length)) {
    const scores = texts.map((_, i) => {
      if (quoted.includes(i)) return Number.NEGATIVE_INFINITY;
      const vector = vectors[i] ?? new Map();
      return quoted.length === 0
        ? cosine(vector, centre)
        : -Math.max(...quoted.map((other) => cosine(vector, vectors[other] ?? new Map())));
    });
    quoted.push(scores.indexOf(Math.max(...scores)));
  }
  return quoted.map((i) => texts[i] ?? "");
}
