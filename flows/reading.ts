/** How easily a text is read. */
export interface Reading {
  readonly words: number;
  readonly sentences: number;
  /** Of the longest sentence. */
  readonly longestSentence: number;
  /** Flesch's reading ease: 60 to 70 is plain English, lower is harder. Absent: the language has no measure here. */
  readonly ease?: number;
}

/** Texts with fewer words say nothing: the measure was made on samples of a hundred. */
const ENOUGH_WORDS = 20;

/**
 * English by R. Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948) 221–233:
 * 206.835 − 1.015 × words per sentence − 84.6 × syllables per word. For the other languages of South Africa there is no
 * measure that its authors and its readers agree on: for them only the length of sentences is counted.
 */
export function readingOf(text: string, language: string): Reading {
  const sentences = text
    .split(/(?<=[.!?])\s+(?=\p{L}|\p{N}|\{)|\n+/u)
    .map((sentence) => wordsIn(sentence))
    .filter((words) => words.length > 0);
  const words = sentences.flat();
  const counted = {
    words: words.length,
    sentences: sentences.length,
    longestSentence: Math.max(0, ...sentences.map((sentence) => sentence.length)),
  };
  if (language !== "en" || words.length < ENOUGH_WORDS) return counted;
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  const ease = 206.835 - 1.015 * (words.length / sentences.length) - 84.6 * (syllables / words.length);
  return { ...counted, ease: Math.round(ease) };
}

const wordsIn = (text: string): readonly string[] => text.match(/\p{L}[\p{L}\p{M}'’-]*/gu) ?? [];

/** Groups of vowels, without a silent e at the end; "the", "table" and "tree" count by their sound. */
export function syllablesOf(word: string): number {
  const letters = word.toLowerCase().replace(/[^a-z]/g, "");
  const sounded = letters.replace(
    /(?:[^laeiouyscxzgh]es|[^laeiouydt]ed|[^laeiouy]e)$/,
    (end) => end[0] ?? "",
  );
  return Math.max(1, sounded.match(/[aeiouy]+/g)?.length ?? 0);
}
