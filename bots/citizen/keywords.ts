import { fold } from "#flows";
import type { Deployment } from "#templates";

/** What one whole message can mean in every deployment, wherever the conversation stands. */
export type Keyword =
  | { readonly kind: "stop" | "help"; readonly language?: string }
  | {
      readonly kind: "start";
      readonly language?: string;
      /** Also the answer to a question: YES is no opt-in while a question waits. */
      readonly affirmative: boolean;
    }
  | { readonly kind: "language"; readonly language: string };

/** Opt-in words of carriers that people also answer questions with. */
const AFFIRMATIVES = new Set(["yes", "ja", "yebo", "ewe", "ee", "ok"]);

const remembered = new WeakMap<Deployment, ReadonlyMap<string, Keyword>>();

/** Without spaces, hyphens and apostrophes too: "Opt-out!" and "OPT OUT" are OPTOUT. */
const squeeze = (text: string): string => fold(text).replace(/['\s-]/g, "");

/** The keyword that a whole message is; case, accents and punctuation do not matter. */
export function keywordOf(deployment: Deployment, text: string): Keyword | undefined {
  let keywords = remembered.get(deployment);
  if (!keywords) {
    keywords = keywordsOf(deployment);
    remembered.set(deployment, keywords);
  }
  return keywords.get(squeeze(text));
}

function keywordsOf({ keywords, keywordLanguage, languages }: Deployment): ReadonlyMap<string, Keyword> {
  const found = new Map<string, Keyword>();
  for (const { code, keywords: words } of languages)
    for (const word of words) found.set(squeeze(word), { kind: "language", language: code });
  // STOP last: it wins over whatever else a word was given for.
  for (const kind of ["help", "start", "stop"] as const)
    for (const word of keywords[kind]) {
      const language = keywordLanguage[word];
      const spoken = language === undefined ? {} : { language };
      const key = squeeze(word);
      found.set(
        key,
        kind === "start" ? { kind, affirmative: AFFIRMATIVES.has(key), ...spoken } : { kind, ...spoken },
      );
    }
  return found;
}

/** The words of a message that may be a consultation's keyword, as these are written: the first, and the whole. */
export function joinWords(text: string): readonly [string, string] {
  const whole = fold(text).toUpperCase();
  return [whole.split(" ", 1)[0] ?? "", whole];
}
