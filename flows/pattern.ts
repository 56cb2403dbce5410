import { RE2JS } from "re2js";

/** Characters of a pattern. */
export const MAX_PATTERN = 200;
const MAX_REMEMBERED = 200;
const remembered = new Map<string, RE2JS>();

/**
 * A pattern that a whole text must fit, in RE2's syntax (https://github.com/google/re2/wiki/Syntax): without look-around
 * and back-references, so that no text can make it slow. Throws what RE2JS throws when it is none.
 */
export function compilePattern(source: string): RE2JS {
  const known = remembered.get(source);
  if (known) return known;
  const pattern = RE2JS.compile(source);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(source, pattern);
  return pattern;
}

/** Whether the whole text fits. */
export const fits = (text: string, source: string): boolean => compilePattern(source).matches(text);
