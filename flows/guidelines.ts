/**
 * What a message has to look like, by the program's rules and by the municipality's own (templates/guidelines.yaml).
 *
 * Glossary
 * - **Guideline**: one rule with an id of its own; for some kinds of message and some languages, or for all.
 * - **Finding**: what a rule has against a text, named by it.
 */
import type { BroadcastFinding } from "./broadcast.ts";
import { fold } from "./fold.ts";
import { isShortener, isWithin, linksIn } from "./links.ts";
import { withoutPlaceholders } from "./placeholders.ts";
import { readingOf } from "./reading.ts";

export interface Guideline {
  readonly id: string;
  readonly level: "block" | "advise";
  /** Kinds of message that it is about; empty: all. */
  readonly kinds: readonly string[];
  readonly rule: /** One of these has to stand in it. */
    | { readonly kind: "required"; readonly what: string; readonly anyOf: WordsByLanguage }
    /** It has to end with one of these. */
    | { readonly kind: "signature"; readonly anyOf: WordsByLanguage }
    /** Words, each with better ones. */
    | { readonly kind: "avoid"; readonly words: Readonly<Record<string, Readonly<Record<string, string>>>> }
    | { readonly kind: "tone"; readonly tone: Tone };
}

type WordsByLanguage = Readonly<Record<string, readonly string[]>>;

export interface Tone {
  readonly exclamationMarks?: number;
  /** Words in capital letters of more than four, beside those that are listed. */
  readonly capitals?: { readonly atMost: number; readonly except: readonly string[] };
  readonly sentenceWords?: number;
  /** Flesch's reading ease, of English texts. */
  readonly readingEase?: number;
}

export interface Guidelines {
  readonly rules: readonly Guideline[];
  /** Domains to which links may lead, with those below them; empty: any. */
  readonly domains: readonly string[];
  readonly domainLevel: "block" | "advise";
}

export const NO_GUIDELINES: Guidelines = { rules: [], domains: [], domainLevel: "advise" };

export interface Sending {
  /** The kind of message. */
  readonly kind: string;
  /** A name in place of a number: nobody can answer it. */
  readonly senderName?: string;
  /** Words with which people opt out, upper case. */
  readonly stopWords: readonly string[];
}

/** What the rules have against one text; a text that is not written yet has no faults. */
export function checkWording(
  text: string,
  language: string,
  guidelines: Guidelines,
  sending: Sending,
): readonly BroadcastFinding[] {
  if (text.trim() === "") return [];
  const about = (level: "block" | "advise", rule: string, words: string): BroadcastFinding => ({
    level,
    part: "text",
    language,
    rule,
    words,
  });
  return [
    ...linkFindings(text, guidelines, about),
    ...senderFindings(text, sending, about),
    ...guidelines.rules
      .filter(({ kinds }) => kinds.length === 0 || kinds.includes(sending.kind))
      .flatMap(({ id, level, rule }) =>
        against(rule, text, language).map((words) => about(level, id, words)),
      ),
  ];
}

type About = (level: "block" | "advise", rule: string, words: string) => BroadcastFinding;

function linkFindings(text: string, { domains, domainLevel }: Guidelines, about: About): BroadcastFinding[] {
  return linksIn(withoutPlaceholders(text)).flatMap((link) => [
    ...(isShortener(link)
      ? [
          about(
            "advise",
            "short-link",
            `Short links look like fraud, and networks block them: write the whole address instead of ${link.text}.`,
          ),
        ]
      : domains.length > 0 && !isWithin(link, domains)
        ? [
            about(
              domainLevel,
              "foreign-link",
              `${link.domain} is not one of ours: link to ${domains.slice(0, 3).join(", ")}, or have it added to guidelines.yaml.`,
            ),
          ]
        : []),
    ...(link.insecure
      ? [about("advise", "insecure-link", `Phones warn of ${link.text}: begin it with https://.`)]
      : []),
  ]);
}

const REPLY = /\b(?:reply|respond|sms back|antwoord|phendula|araba|fetola|hlamula|phindzela|fhindula)\b/i;
const REACHABLE = /\+?\d[\d\s-]{6,}\d|@/;

function senderFindings(text: string, { senderName, stopWords }: Sending, about: About): BroadcastFinding[] {
  if (senderName === undefined) return [];
  const asks = REPLY.exec(text)?.[0] ?? stopWords.find((word) => words(text).includes(word));
  return [
    ...(asks
      ? [
          about(
            "block",
            "sender-name",
            `"${asks}" asks for an answer, and nobody can answer ${senderName}: it is a name, no number. Give a number or an address instead.`,
          ),
        ]
      : []),
    ...(!asks && !REACHABLE.test(text) && linksIn(text).length === 0
      ? [
          about(
            "advise",
            "sender-name",
            `Nobody can answer ${senderName}: say where people can ask and how they opt out, with a number or an address.`,
          ),
        ]
      : []),
  ];
}

const words = (text: string): readonly string[] => text.split(/[^\p{L}\p{N}]+/u);

function against(rule: Guideline["rule"], text: string, language: string): readonly string[] {
  switch (rule.kind) {
    case "required": {
      const wanted = rule.anyOf[language] ?? [];
      return wanted.length === 0 || wanted.some((one) => holds(text, one))
        ? []
        : [`${rule.what} is missing: write ${quoted(wanted)}.`];
    }
    case "signature": {
      const wanted = rule.anyOf[language] ?? [];
      return wanted.length === 0 || wanted.some((one) => text.trimEnd().endsWith(one))
        ? []
        : [`It has to end with ${quoted(wanted)}.`];
    }
    case "avoid":
      return Object.entries(rule.words[language] ?? {})
        .filter(([avoided]) => holds(text, avoided))
        .map(([avoided, better]) => `Instead of "${avoided}" write "${better}".`);
    case "tone":
      return toneOf(rule.tone, text, language);
  }
}

/** Whole words, whatever their letters' size and accents. */
function holds(text: string, wanted: string): boolean {
  const spaced = (of: string): string => ` ${words(fold(of)).filter(Boolean).join(" ")} `;
  return spaced(text).includes(spaced(wanted));
}

const quoted = (all: readonly string[]): string => all.map((one) => `"${one}"`).join(" or ");

function toneOf(tone: Tone, text: string, language: string): readonly string[] {
  const { exclamationMarks, capitals, sentenceWords, readingEase } = tone;
  const marks = text.match(/!/g)?.length ?? 0;
  const shouted = words(withoutPlaceholders(text)).filter(
    (word) => /^\p{Lu}{5,}$/u.test(word) && !capitals?.except.includes(word),
  );
  const reading = readingOf(text, language);
  return [
    ...(exclamationMarks !== undefined && marks > exclamationMarks
      ? [
          exclamationMarks === 0
            ? "Leave out the exclamation marks."
            : `At most ${exclamationMarks} exclamation marks; it has ${marks}.`,
        ]
      : []),
    ...(capitals && shouted.length > capitals.atMost
      ? [`Words in capitals read as shouting: ${shouted.slice(0, 3).join(", ")}.`]
      : []),
    ...(sentenceWords !== undefined && reading.longestSentence > sentenceWords
      ? [`One sentence has ${reading.longestSentence} words; at most ${sentenceWords}.`]
      : []),
    ...(readingEase !== undefined && reading.ease !== undefined && reading.ease < readingEase
      ? [
          `Its reading ease is ${reading.ease} (Flesch); at least ${readingEase}. Use shorter sentences and words.`,
        ]
      : []),
  ];
}
