/**
 * What a statement must hold before anybody may approve it, and how it is drafted from a protocol.
 *
 * Glossary (beside protocol.ts)
 * - **Statement**: one matter told to the public; has **versions**, of which one is in force.
 * - **Kind** of a version: holding, update, correction (something was wrong), retraction (withdrawn), all_clear.
 * - **Finding**: what a check found; `block` stops the submission, `advise` is shown to author and approver.
 */
import type { Text } from "./flow.ts";
import { HOLDING_PARTS, type HoldingTexts, PROTOCOL_LIMITS } from "./protocol.ts";

export type StatementKind = "holding" | "update" | "correction" | "retraction" | "all_clear";

/** Values for the placeholders of a prepared text; `area` per language where the words differ. */
export interface StatementFacts {
  readonly area: Text;
  readonly time: string;
  readonly next_update: string;
  readonly municipality: string;
  readonly contact: string;
}

export type StatementRule =
  | "language_missing"
  | "too_long"
  | "placeholder_left"
  | "numbers_differ"
  | "pasted"
  | "identity_number"
  | "short_link"
  | "no_next_update"
  | "your_area"
  | "area_not_named"
  | "exercise_marker"
  | "nothing_replaced"
  | "vague_time"
  | "shouting";

export interface Finding {
  readonly level: "block" | "advise";
  readonly rule: StatementRule;
  readonly language?: string;
  /** What is wrong and what to do, in words for its author. */
  readonly words: string;
}

export interface StatementDraft {
  readonly kind: StatementKind;
  readonly texts: Text;
  /** Names of the places it is about, any of which the text should hold. */
  readonly places: readonly string[];
  readonly languages: readonly string[];
  readonly defaultLanguage: string;
  readonly replaces: boolean;
}

/** What may follow a released version; a first version is `holding`, `update` or `all_clear`. */
export const FOLLOWERS: Readonly<Record<StatementKind, readonly StatementKind[]>> = {
  holding: ["update", "correction", "retraction", "all_clear"],
  update: ["update", "correction", "retraction", "all_clear"],
  correction: ["update", "correction", "retraction", "all_clear"],
  retraction: ["update", "correction", "all_clear"],
  all_clear: ["correction", "retraction"],
};

/** A prepared text with its facts. A placeholder without a value stays, and blocks the submission. */
export function fill(text: string, language: string, facts: StatementFacts): string {
  const { area, ...plain } = facts;
  const values: Readonly<Record<string, string | undefined>> = {
    ...plain,
    area: area[language] ?? Object.values(area)[0],
  };
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] || placeholder);
}

/** The holding statement of a protocol in each of its languages. */
export function draftHolding(holding: Readonly<Record<string, HoldingTexts>>, facts: StatementFacts): Text {
  return mapTexts(holding, (parts, language) =>
    HOLDING_PARTS.map((part) => fill(parts[part], language, facts)).join("\n"),
  );
}

export function draftAllClear(texts: Text, facts: StatementFacts): Text {
  return mapTexts(texts, (text, language) => fill(text, language, facts));
}

/** Put before every message of a drill, in every language alike, so that nobody takes it for real. */
export function markExercise(text: string): string {
  return `EXERCISE EXERCISE EXERCISE\n${text}\nEXERCISE`;
}

const CLOCK = /\b([01]?\d|2[0-3])[:h]([0-5]\d)\b/;
const SHORT_LINK = /\b(bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|cutt\.ly)\//i;
const VAGUE = /\b(soon|shortly|in due course|as soon as possible)\b/i;
/** Share of letters in capitals from which it reads as shouting (Warn Room guidance). */
const SHOUTING = 0.3;

/** All findings, blocking ones first. */
export function checkStatement(draft: StatementDraft): readonly Finding[] {
  const findings: Finding[] = [];
  const block = (rule: StatementRule, words: string, language?: string): void => {
    findings.push({ level: "block", rule, words, ...(language === undefined ? {} : { language }) });
  };
  const advise = (rule: StatementRule, words: string, language?: string): void => {
    findings.push({ level: "advise", rule, words, ...(language === undefined ? {} : { language }) });
  };

  if ((draft.kind === "correction" || draft.kind === "retraction") && !draft.replaces)
    block("nothing_replaced", `A ${draft.kind} must belong to a version that was released.`);
  for (const language of draft.languages) {
    if (!draft.texts[language]) block("language_missing", "This language has no text yet.", language);
  }
  for (const [language, text] of Object.entries(draft.texts)) {
    if (text.trim() === "") continue;
    if (text.length > PROTOCOL_LIMITS.text)
      block("too_long", `${text.length} characters; at most ${PROTOCOL_LIMITS.text} can be sent.`, language);
    const placeholder = /\{\w*\}|\[[^\]]*\]|\bTODO\b|\bXXX\b/.exec(text)?.[0];
    if (placeholder) block("placeholder_left", `"${placeholder}" is still to be filled in.`, language);
    if (/\bEXERCISE\b/.test(text))
      block(
        "exercise_marker",
        "EXERCISE is added by the system in a drill; take it out of the text.",
        language,
      );
    if (SHORT_LINK.test(text))
      block("short_link", "A shortened link looks like fraud; write the full address.", language);
    if ((text.match(/(?<!\d)\d{13}(?!\d)/g) ?? []).some(isIdentityNumber))
      block("identity_number", "It holds an identity number; take it out.", language);
    if (draft.kind === "holding" && !CLOCK.test(text))
      block("no_next_update", "Say at what time the next update comes, for example 16:30.", language);
    if (draft.kind === "update" && !CLOCK.test(text))
      advise("no_next_update", "Say at what time the next update comes.", language);
    const named = draft.places.some((place) => text.toLowerCase().includes(place.toLowerCase()));
    if (!named && /\byour area\b/i.test(text))
      block("your_area", `"your area" means every area to those it reaches; name the place.`, language);
    else if (!named && draft.places.length > 0)
      advise("area_not_named", `It names none of: ${draft.places.join(", ")}.`, language);
    if (VAGUE.test(text)) advise("vague_time", "Give a time instead of a vague promise.", language);
    if (isShouting(text)) advise("shouting", "Many capitals or exclamation marks read as panic.", language);
  }
  compareLanguages(draft, block);
  return findings.sort((a, b) => Number(a.level === "advise") - Number(b.level === "advise"));
}

type Report = (rule: StatementRule, words: string, language?: string) => void;

/** The strongest cheap check on a translation: the same numbers and times everywhere, and not the same text. */
function compareLanguages({ texts, defaultLanguage }: StatementDraft, block: Report): void {
  const source = texts[defaultLanguage];
  if (!source) return;
  const expected = numbersIn(source);
  for (const [language, text] of Object.entries(texts)) {
    if (language === defaultLanguage || text.trim() === "") continue;
    if (text.trim() === source.trim())
      block("pasted", `The text is the same as in "${defaultLanguage}"; translate it.`, language);
    const found = numbersIn(text);
    const missing = minus(expected, found);
    const extra = minus(found, expected);
    if (missing.length > 0 || extra.length > 0)
      block(
        "numbers_differ",
        [
          missing.length > 0 ? `lacks ${missing.join(", ")}` : "",
          extra.length > 0 ? `has ${extra.join(", ")} of its own` : "",
        ]
          .filter(Boolean)
          .join(" and ")
          .replace(/^/, `Beside "${defaultLanguage}" it `)
          .concat("; numbers and times must be the same in every language."),
        language,
      );
  }
}

/** Numbers with their spaces and time signs evened out: `16h30` and `16:30` are the same. */
function numbersIn(text: string): readonly string[] {
  return (text.replace(/(\d)h(\d{2})\b/g, "$1:$2").match(/\d+(?:[.:,]\d+)*/g) ?? []).toSorted();
}

function minus(from: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return from.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** South African identity numbers end in a Luhn check digit. */
function isIdentityNumber(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

function isShouting(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const capitals = letters.filter((letter) => letter !== letter.toLowerCase());
  return text.includes("!!") || (letters.length > 20 && capitals.length / letters.length > SHOUTING);
}

function mapTexts<T>(texts: Readonly<Record<string, T>>, make: (text: T, language: string) => string): Text {
  return Object.fromEntries(
    Object.entries(texts).map(([language, text]) => [language, make(text, language)]),
  );
}
