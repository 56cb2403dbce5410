import type { ThemeName } from "#storage";
import type { Theme } from "./themes.ts";

/** Answers under the name that a person gave them, or one group that nobody has named. */
export interface NamedTheme extends Omit<Theme, "language"> {
  readonly name: string | null;
  /** Several where themes of more than one language were given the same name. */
  readonly languages: readonly string[];
}

/** Of the words of a name so many must be a theme's: answers that came since may have moved the others. */
const SHARED = 0.5;
const TERMS = 8;
const QUOTES = 4;

/**
 * The name that fits a theme best: the one whose words are most of the theme's; of several the newest, which stands
 * first in `names`.
 */
export function nameOf(
  { language, terms }: Pick<Theme, "language" | "terms">,
  names: readonly ThemeName[],
): ThemeName | undefined {
  const fitting = names.flatMap((name) => {
    if (name.language !== language || name.terms.length === 0) return [];
    const shared = name.terms.filter((term) => terms.includes(term)).length / name.terms.length;
    return shared >= SHARED ? [{ name, shared }] : [];
  });
  return fitting.reduce<(typeof fitting)[number] | undefined>(
    (best, each) => (best && best.shared >= each.shared ? best : each),
    undefined,
  )?.name;
}

/** Themes of one question, those of the same name as one; the largest first. */
export function withNames(themes: readonly Theme[], names: readonly ThemeName[]): readonly NamedTheme[] {
  const groups = new Map<string, { readonly name: string | null; readonly members: Theme[] }>();
  for (const [i, theme] of themes.entries()) {
    const name = nameOf(theme, names)?.name ?? null;
    const key = name === null ? `${i}` : `name ${name.toLowerCase()}`;
    const group = groups.get(key) ?? { name, members: [] };
    groups.set(key, group);
    group.members.push(theme);
  }
  return [...groups.values()]
    .map(({ name, members }) => ({
      name,
      languages: [...new Set(members.map(({ language }) => language))],
      size: members.reduce((sum, { size }) => sum + size, 0),
      terms: [...new Set(inTurns(members.map(({ terms }) => terms)))].slice(0, TERMS),
      quotes: inTurns(members.map(({ quotes }) => quotes)).slice(0, QUOTES),
    }))
    .toSorted((a, b) => b.size - a.size);
}

/** The first of each, then the second of each, … */
function inTurns(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
