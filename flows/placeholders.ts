/**
 * What stands in braces in a broadcast's text.
 *
 * Glossary
 * - **Placeholder**: `{ward}` or `{street|your street}`: what is known of the person under this name, or the words
 *   after the bar. `name` is the person's name, any other a field of the contact.
 * - **Left out**: a placeholder without words of its own, for somebody of whom the fact is not known: it goes, and the
 *   punctuation that led to it.
 * - **Gap**: a bit mask over the fields of a text: which of them are not known of a person.
 * - **Variant**: the text for one gap. What is known stands in it as a token that no text and no value can hold.
 */
import { distance } from "fastest-levenshtein";

export const PLACEHOLDER_LIMITS = {
  /** Different fields in all texts of one broadcast: their variants double with each. */
  fields: 4,
  /** Characters of a person's value in a text. */
  value: 40,
} as const;

const PLACEHOLDER = /\{([a-z][a-z0-9_]{0,39})(?:\|([^{}|]{1,40}))?\}/g;
/** Stands before a field's number in a variant. Values are cleaned of it, and texts that hold it are refused. */
const MARK = "\u0001";
/** Stands for what is left out while the text around it is mended. */
const GONE = "\ue000";
/** What becomes one space in a value: line breaks, tabs, control characters; storage/audience.ts does the same. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const UNFIT = /[\u0001-\u0020\u007f-\u00a0\u2028\u2029]+/g;

export const tokenOf = (field: number): string => `${MARK}${field}`;

export interface Placeholder {
  readonly field: string;
  /** For people of whom it is not known. */
  readonly fallback?: string;
}

export const placeholdersOf = (text: string): readonly Placeholder[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, field = "", fallback]) => ({
    field,
    ...(fallback === undefined ? {} : { fallback }),
  }));

/** Every field that one of the texts names, each once, in a fixed order. */
export const fieldsOf = (texts: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set(Object.values(texts).flatMap((text) => placeholdersOf(text).map(({ field }) => field)))].sort();

/** The text without its placeholders: what is left in braces is none. */
export const withoutPlaceholders = (text: string): string => text.replace(PLACEHOLDER, "");

/** Characters that no text may hold. */
export const holdsMarks = (text: string): boolean => text.includes(MARK) || text.includes(GONE);

/** One variant for each gap, at its number: bit `n` of it is set when `fields[n]` is not known. */
export function variantsOf(text: string, fields: readonly string[]): readonly string[] {
  return Array.from({ length: 2 ** fields.length }, (_, gap) => variantOf(text, fields, gap));
}

function variantOf(text: string, fields: readonly string[], gap: number): string {
  const filled = text.replace(PLACEHOLDER, (_all, field: string, fallback: string | undefined) => {
    const at = fields.indexOf(field);
    const known = at >= 0 && (gap & (1 << at)) === 0;
    return known ? tokenOf(at) : (fallback ?? GONE);
  });
  return mend(filled);
}

function mend(text: string): string {
  if (!text.includes(GONE)) return text;
  return (
    text
      // "{name}, water is off": "Water is off"
      .replace(/^\ue000[\s,;:!.]*(.)/u, (_all, first: string) => first.toUpperCase())
      // "Dear {name}, water is off": "Dear, water is off"
      .replace(/[ \t]*\ue000/g, "")
      .trimStart()
  );
}

/** A person's value as it may stand in a text: on one line, and not too long. */
export const cleanValue = (value: string): string =>
  [...value.replace(UNFIT, " ").replace(/^ +| +$/g, "")].slice(0, PLACEHOLDER_LIMITS.value).join("");

/** The text as it goes out to somebody of whom `values` are known. What drawing up does for all, for one. */
export function fillFor(text: string, values: Readonly<Record<string, string | undefined>>): string {
  const fields = fieldsOf({ text });
  const cleaned = fields.map((field) => cleanValue(values[field] ?? ""));
  const gap = cleaned.reduce((bits, value, at) => (value === "" ? bits | (1 << at) : bits), 0);
  return fillVariant(variantOf(text, fields, gap), cleaned);
}

/** Puts values in place of the tokens. */
export const fillVariant = (variant: string, values: readonly string[]): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark is one.
  variant.replace(/\u0001(\d)/g, (_all, at: string) => values[Number(at)] ?? "");

/** The names that were probably meant, the nearest first. */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  const limit = name.length <= 3 ? 1 : name.length <= 8 ? 2 : 3;
  return known
    .map((candidate) => ({ candidate, off: distance(name, candidate) }))
    .filter(({ candidate, off }) => off <= limit || candidate.startsWith(name) || name.startsWith(candidate))
    .sort((a, b) => a.off - b.off || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
