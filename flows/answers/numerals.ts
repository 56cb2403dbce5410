import { fold } from "../fold.ts";
import { WORDS } from "../words/index.ts";

/**
 * Readings of the one number in a text, likeliest first; none when there is no number, or more than one.
 * "1,5" is 1.5 here, "1,200" may be 1200 or 1.2: the question's bounds decide.
 */
export function readNumber(text: string, languages: readonly string[]): readonly number[] {
  const digits = [
    ...text.normalize("NFKC").matchAll(/[-\u2212]?\d[\d.,\u00a0\u202f]*(?: \d{3}(?!\d)(?:[.,]\d+)?)*/g),
  ];
  if (digits.length > 1) return [];
  const only = digits[0];
  if (only) return readDigits(only[0], text.slice(0, only.index));
  return readWords(fold(text).split(" "), languages);
}

function readDigits(found: string, before: string): readonly number[] {
  const plain = found
    .replace(/[\s\u00a0\u202f]/g, "")
    .replace(/\u2212/, "-")
    .replace(/[.,]+$/, "");
  // A hyphen after a word or a digit is no minus: "ward-5", "covid-19".
  const number = plain.startsWith("-") && /[\p{L}\p{N}]$/u.test(before) ? plain.slice(1) : plain;
  if (/^-?\d+$/.test(number)) return [Number(number)];
  if (/^-?\d{1,3}([.,])\d{3}(\1\d{3})*$/.test(number)) {
    const grouped = Number(number.replace(/[.,]/g, ""));
    const several = (number.match(/[.,]/g) ?? []).length > 1;
    return several ? [grouped] : [grouped, Number(number.replace(",", "."))];
  }
  if (/^-?\d+[.,]\d+$/.test(number)) return [Number(number.replace(",", "."))];
  const both = /^-?\d{1,3}(?:([.,])\d{3})+([.,])\d+$/.exec(number);
  if (both && both[1] !== both[2]) {
    const [group = "", point = ""] = both.slice(1);
    return [Number(number.replaceAll(group, "").replace(point, "."))];
  }
  return [];
}

/** "twenty three", "two hundred", "een-en-twintig": simple words added up; anything in between is passed over. */
function readWords(words: readonly string[], languages: readonly string[]): readonly number[] {
  for (const language of languages) {
    const numbers = WORDS[language]?.numbers;
    if (!numbers) continue;
    const found = words
      .flatMap((word) => word.split("-"))
      .flatMap((word) => (Object.hasOwn(numbers, word) ? [numbers[word] ?? 0] : []));
    if (found.length === 0) continue;
    const total = addUp(found);
    return total === undefined ? [] : [total];
  }
  return [];
}

/** Number words make one number only in a pattern such as 2·100 + 30 + 4; else there were several. */
function addUp(parts: readonly number[]): number | undefined {
  if (parts.length === 1) return parts[0];
  let total = 0;
  let current = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (part === 100 || part === 1_000) {
      current = (current || 1) * part;
      if (part === 1_000) {
        total += current;
        current = 0;
      }
      last = part;
      continue;
    }
    const tensThenOnes = last >= 100 || (last >= 20 && last % 10 === 0 && part < 10 && part > 0);
    const onesThenTens = last < 10 && part >= 20 && part % 10 === 0;
    if (last !== Number.POSITIVE_INFINITY && !tensThenOnes && !onesThenTens) return undefined;
    current += part;
    last = part;
  }
  return total + current;
}
