/**
 * What people say, per language. Only words that we are sure of: a wrong one is worse than a missing one,
 * because the person is then asked again in words that they understand.
 * Everything is lower case and without accents: replies are folded likewise before they are compared.
 */
export interface Words {
  /** What the language is called, by its speakers and in English. */
  readonly names: readonly string[];
  /** The first is what people are told to write. */
  readonly yes: readonly string[];
  readonly no: readonly string[];
  readonly back: readonly string[];
  readonly restart: readonly string[];
  readonly skip: readonly string[];
  /** Leaves the conversation; not the opt-out, which is settled before a flow sees the message. */
  readonly stop: readonly string[];
  /** Followed by a language: LANGUAGE ZULU. */
  readonly language: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  /** Each of the choices. */
  readonly all: readonly string[];
  readonly and: readonly string[];
  readonly or: readonly string[];
  /** With one of these in it a sentence is not read as a choice that it happens to name. */
  readonly not: readonly string[];
  /** January first; each with its short forms. */
  readonly months: readonly (readonly string[])[];
  /** Monday first. */
  readonly weekdays: readonly (readonly string[])[];
  /** Days from today: yesterday is -1. */
  readonly days: Readonly<Record<string, number>>;
  /** "next Friday" */
  readonly next: readonly string[];
  readonly phrases: Readonly<Partial<Record<Phrase, string>>>;
}

/** What the engine says of its own accord, in ICU MessageFormat; its values stand beside it. */
export const PHRASES = {
  text: [],
  text_short: ["min"],
  text_long: ["max"],
  number: [],
  number_whole: [],
  number_between: ["min", "max"],
  number_min: ["min"],
  number_max: ["max"],
  yes_no: ["yes", "no"],
  choice: [],
  choice_or: ["first", "second"],
  choices: [],
  choices_min: ["min"],
  choices_max: ["max"],
  over_budget: ["cost", "budget"],
  date: [],
  date_min: ["min"],
  date_max: ["max"],
  location: [],
  photo: [],
  audio: [],
  /** Added to the question that may be skipped. */
  or_skip: ["word"],
  must_answer: [],
  /** Before the next message, where a reply was not written quite like the choice. */
  understood: ["answer"],
  first_question: [],
  left: [],
  languages: ["languages"],
} as const satisfies Record<string, readonly string[]>;
export type Phrase = keyof typeof PHRASES;
