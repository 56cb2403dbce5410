import { IntlMessageFormat } from "intl-messageformat";
import { MAX_TEXT, MAX_VALUE, type Text } from "./flow.ts";

/** A value by its name, or undefined. `raw`: for plural and select, where the id counts and not the label. */
export type Lookup = (name: string, raw: boolean) => string | number | boolean | undefined;

/** One sentence in one language, parsed. */
export interface Sentence {
  /** Names that stand in it. */
  readonly names: readonly string[];
  render(lookup: Lookup): string;
}

type Node = ReturnType<IntlMessageFormat["getAst"]>[number];
/** Of @formatjs/icu-messageformat-parser, which exports them as an enum. */
const LITERAL = 0;
const ARGUMENT = 1;
const DATE = 3;
const SELECT = 5;
const PLURAL = 6;
const POUND = 7;
/** Before names whose id or number is wanted, and not what is shown. */
const RAW = "raw ";

/** Parses ICU MessageFormat; `{contact.ward}` may have dots. Throws SyntaxError. */
export function parseSentence(source: string, language: string): Sentence {
  const dotted = source.replace(/\{\s*[A-Za-z_]\w*(?:\.\w+)+/g, (name) => name.replaceAll(".", "__"));
  const locales = [language, "en"];
  const nodes = new IntlMessageFormat(dotted, locales, undefined, { ignoreTag: true }).getAst();
  const raw = new Map<string, Node["type"]>();
  const shown = new Set<string>();
  collect(nodes, raw, shown);
  const names = [...new Set([...shown, ...raw.keys()])].map(undot);
  const only = nodes.length === 1 ? nodes[0] : undefined;
  if (nodes.length === 0 || only?.type === LITERAL) {
    const fixed = only?.type === LITERAL ? only.value : "";
    return { names, render: () => fixed };
  }
  if (raw.size === 0) return { names, render: (lookup) => join(nodes, lookup) };
  const format = new IntlMessageFormat(nodes, locales);
  return {
    names,
    render(lookup) {
      let missing = false;
      const values: Record<string, string | number | Date> = {};
      for (const name of shown) {
        const value = lookup(undot(name), false);
        missing ||= value === undefined;
        values[name] = shorten(value);
      }
      for (const [name, type] of raw) {
        const value = lookup(undot(name), true);
        if (type === SELECT) values[RAW + name] = String(value ?? "other");
        // Noon: the day is the same in every time zone.
        else if (type === DATE) values[RAW + name] = new Date(`${value ?? "1970-01-01"}T12:00:00Z`);
        else values[RAW + name] = Number(value ?? 0) || 0;
      }
      return finish(String(format.format(values)), missing);
    },
  };
}

/** The fast way: literals and plain values only. */
function join(nodes: readonly Node[], lookup: Lookup): string {
  let missing = false;
  let text = "";
  for (const node of nodes) {
    if (node.type === LITERAL) text += node.value;
    else if (node.type === ARGUMENT) {
      const value = lookup(undot(node.value), false);
      missing ||= value === undefined;
      text += shorten(value);
    }
  }
  return finish(text, missing);
}

function collect(nodes: readonly Node[], raw: Map<string, Node["type"]>, shown: Set<string>): void {
  for (const node of nodes) {
    if (node.type === LITERAL || node.type === POUND) continue;
    if (node.type === ARGUMENT) shown.add(node.value);
    else if ("value" in node) {
      raw.set(node.value, node.type);
      // The same name may be shown beside it: `{come}: {come, select, true {…} other {…}}`.
      node.value = RAW + node.value;
    }
    if (node.type === SELECT || node.type === PLURAL)
      for (const option of Object.values(node.options)) collect(option.value, raw, shown);
  }
}

const undot = (name: string): string => name.replaceAll("__", ".");

/** A value as it may stand in a text: one line, of bounded length. */
function shorten(value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  const line = typeof value === "string" ? value.replace(/\s+/g, " ").trim() : String(value);
  return line.length > MAX_VALUE ? `${line.slice(0, MAX_VALUE - 3).toWellFormed()}...` : line;
}

/** Where a value is missing the gap closes: "Thank you ." becomes "Thank you." */
function finish(text: string, missing: boolean): string {
  const closed = missing
    ? text
        .replace(/[^\S\n]+([.,!?;:])/g, "$1")
        .replace(/[^\S\n]{2,}/g, " ")
        .trim()
    : text;
  return closed.length > MAX_TEXT ? `${closed.slice(0, MAX_TEXT - 3).toWellFormed()}...` : closed;
}

// ── Texts in several languages ──────────────────────────────────────────────────────────────────────────

/** The language of a text that is used for `language`: itself, what stands in for it, the first offered, any. */
export function languageOf(
  text: Text,
  language: string,
  offered: readonly string[],
  fallbacks: Readonly<Record<string, readonly string[]>> | undefined,
): string | undefined {
  if (text[language] !== undefined) return language;
  for (const other of fallbacks?.[language] ?? []) if (text[other] !== undefined) return other;
  for (const other of offered) if (text[other] !== undefined) return other;
  return Object.keys(text)[0];
}

const parsed = new WeakMap<Text, Map<string, Sentence>>();

/** The sentence of a text in one of the languages that it has; parsed once. Throws SyntaxError. */
export function sentenceOf(text: Text, language: string): Sentence {
  let languages = parsed.get(text);
  if (!languages) {
    languages = new Map();
    parsed.set(text, languages);
  }
  let sentence = languages.get(language);
  if (!sentence) {
    sentence = parseSentence(text[language] ?? "", language);
    languages.set(language, sentence);
  }
  return sentence;
}
