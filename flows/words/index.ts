import { parseSentence, type Sentence } from "../text.ts";
import { af } from "./af.ts";
import { en } from "./en.ts";
import { nr } from "./nr.ts";
import { nso } from "./nso.ts";
import { signedNames } from "./signed.ts";
import { ss } from "./ss.ts";
import { st } from "./st.ts";
import { tn } from "./tn.ts";
import { ts } from "./ts.ts";
import { ve } from "./ve.ts";
import type { Phrase, Words } from "./words.ts";
import { xh } from "./xh.ts";
import { zu } from "./zu.ts";

/** By language (BCP 47). A new language is one file and its line here. */
export const WORDS: Readonly<Record<string, Words>> = { en, af, zu, xh, st, tn, nso, ts, ss, ve, nr };

/** What a language is called, also one that is signed; the first is what people are told to write. */
export const namesOf = (language: string): readonly string[] =>
  WORDS[language]?.names ?? signedNames(language);

const sentences = new Map<string, Sentence>();

/** The engine's phrase in the first of these languages that has it, else in English. */
export function phraseIn(languages: readonly string[], phrase: Phrase): Sentence {
  const language = languages.find((each) => WORDS[each]?.phrases[phrase] !== undefined) ?? "en";
  const key = `${language} ${phrase}`;
  let sentence = sentences.get(key);
  if (!sentence) {
    sentence = parseSentence(WORDS[language]?.phrases[phrase] ?? "", language);
    sentences.set(key, sentence);
  }
  return sentence;
}

/** The word of this kind that people are told to write, in the first of these languages that has one. */
export function wordToWrite(kind: "yes" | "no" | "skip", languages: readonly string[]): string {
  for (const language of languages) {
    const word = WORDS[language]?.[kind][0];
    if (word) return word;
  }
  return en[kind][0] ?? kind;
}
