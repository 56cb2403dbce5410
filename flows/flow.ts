/**
 * What is said next: pure data in, pure data out. Read this file first.
 *
 * Glossary
 * - **Flow**: a conversation's definition in one version. Immutable: a session keeps the version it began with.
 * - **Step**: one thing the flow does: say, ask, branch, set, call, act, wait, end.
 * - **Question**: an ask step. Its name is the step's; inside a called flow `call-step/step`.
 * - **Answer**: what was understood; **said** is what the person wrote.
 * - **Session**: one person's run through a flow: plain JSON, complete after every turn.
 * - **Turn**: one input taken, every effect until the session waits again or ends.
 * - **Effect**: what the caller has to do: send, record, wake … The engine itself does nothing.
 * - **Path**: where a session stands: names of the call steps it is inside, and of the step, joined by `/`.
 * - **Text**: one sentence or more per language, in ICU MessageFormat.
 * - **Condition**: a CEL expression over `answers`, `vars`, `contact` and `session`.
 * - **Word**: what a person can always say to a running flow: back, restart, skip, stop, a language's name.
 * - **Phrase**: what the engine says of its own accord, where the flow's author wrote nothing.
 */

/** Steps run in one turn: more is a loop without a wait. */
export const MAX_STEPS_PER_TURN = 100;
/** Effects of one turn. */
export const MAX_EFFECTS_PER_TURN = 200;
/** Flows inside flows. */
export const MAX_CALL_DEPTH = 5;
/** Steps of one flow. */
export const MAX_STEPS = 500;
/** Answers that one session keeps. */
export const MAX_ANSWERS = 300;
/** How far BACK goes. */
export const MAX_BACK = 50;
/** Variables that one session keeps. */
export const MAX_VARIABLES = 100;
/** Attempts at one question before the flow gives up on it. */
export const DEFAULT_TRIES = 3;
export const MAX_TRIES = 10;
/** Reminders of one session. */
export const MAX_REMINDERS = 3;
/** Characters of one message that is sent: ten segments of SMS. */
export const MAX_TEXT = 1_600;
/** Characters that WhatsApp shows under a video. */
export const MAX_CAPTION = 1_024;
/** Characters of a reply that are read and kept. */
export const MAX_SAID = 2_000;
/** Characters of a value that stands inside a text, or in a variable. */
export const MAX_VALUE = 300;
/** Choices of one question: letters reach this far. */
export const MAX_CHOICES = 26;
/** Characters of one condition, and nodes of its syntax tree. */
export const MAX_CONDITION = 500;
export const MAX_CONDITION_NODES = 100;

/** Per language (BCP 47, as in the deployment), in ICU MessageFormat. */
export type Text = Readonly<Record<string, string>>;

/** Per language, the address of a video in which somebody signs the text: https, mp4 or 3gp. */
export type Videos = Readonly<Record<string, string>>;

/** `45s`, `10m`, `2h`, `3d`, `1w`. */
export type Duration = string;

export interface FlowDefinition {
  /** Kebab-case; the file's name. */
  readonly id: string;
  readonly title: Text;
  /** Words that start it, upper case. */
  readonly keywords: readonly string[];
  /** Offered languages; the first is what everything falls back to. */
  readonly languages: readonly string[];
  /** Per language, what stands in where a text is missing, before the first language: `{ ss: [zu] }`. */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** Attempts at one question; {@link DEFAULT_TRIES} where absent. */
  readonly tries?: number;
  /** After the last attempt, unless the question names a step. An optional question is always skipped. */
  readonly giveUp?: GiveUp;
  /** A question that nobody answers for so long ends the session. */
  readonly expires?: Duration;
  /**
   * A person who is silent for so long is reminded: the first entry for the first time, and so on, at most
   * {@link MAX_REMINDERS} in one session.
   */
  readonly reminders?: readonly Duration[];
  /** What counts of a person who takes part a second time; {@link DEFAULT_AGAIN} where absent. */
  readonly again?: Again;
  /** What becomes of the link between a person and the answers; `identified` where absent. */
  readonly privacy?: Privacy;
  /** Whoever comes after the closing date may still take part; it is kept, and flagged as late. */
  readonly late?: boolean;
  /** A yes-or-no question: whose answer is yes may be quoted in what is published. Nobody else is. */
  readonly quotes?: string;
  /** Only these may take part: a committee's or a board's poll. */
  readonly voters?: Voters;
  /** Id of the legal instrument whose shortest comment period applies: templates/instruments.yaml. */
  readonly instrument?: string;
  /** Said instead of a value that is missing, by name. */
  readonly defaults?: Readonly<Record<string, Text>>;
  /** Added to the engine's words, per language. */
  readonly words?: Readonly<Partial<Record<WordKind, Readonly<Record<string, readonly string[]>>>>>;
  readonly start: string;
  /** Every `next` is written out: the order of keys means nothing (JSON in the database does not keep it). */
  readonly steps: Readonly<Record<string, Step>>;
}

/** A definition as published. Keep one object per version: what is compiled is remembered by its identity. */
export interface Flow extends FlowDefinition {
  readonly version: number;
}

export interface FlowLibrary {
  /** Without a version: the newest published one (asked once, when a session first calls the flow). */
  get(flow: string, version?: number): Flow | undefined;
}

/** Those who were in the group when the poll opened. */
export interface Voters {
  readonly group: string;
  /** How many have to vote for the poll to decide; `majority` is more than half of them. */
  readonly quorum: number | "majority";
}

/** `refuse`: told that one was given already. `first`, `last`: that one counts, every one is kept. */
export type Again = "refuse" | "first" | "last";
export const DEFAULT_AGAIN: Again = "last";
/**
 * `identified`: answers stand beside the person. `confidential`: sealed under the deployment's key. `anonymous`: sealed
 * while the conversation lasts, and once it is over nothing leads from the person to the answers, nor back.
 */
export type Privacy = "identified" | "confidential" | "anonymous";

export type GiveUp = "hand_over" | "skip" | "end";
export type WordKind = "back" | "restart" | "skip" | "stop" | "language";

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────

export type Step = Say | Ask | Branch | Assign | Call | Act | Wait | Quota | Opinions | End;
export type StepKind = Step["kind"];

export interface Say {
  readonly kind: "say";
  readonly text: Text;
  readonly video?: Videos;
  /** Pictures and sound: where the channel has none, the text stands alone. */
  readonly media?: readonly Media[];
  readonly next: string;
}

export interface Ask {
  readonly kind: "ask";
  readonly text: Text;
  readonly video?: Videos;
  readonly answer: AnswerSpec;
  readonly next: string;
  /** Said when the reply was not understood, instead of the engine's phrase. */
  readonly retry?: Text;
  /** May be skipped by a skip word. */
  readonly optional?: boolean;
  readonly tries?: number;
  /** Step to go to after the last attempt. */
  readonly giveUp?: string;
  readonly expires?: Duration;
  /** Step to go to when it expires; else the session ends. */
  readonly expired?: string;
  /** Every reply is the answer, also one that is a word such as BACK or a language's name. */
  readonly literal?: boolean;
  /** CEL, with this answer among `answers`: where it is false, `retry` is said and the question asked again. */
  readonly check?: string;
  /** Taken as the answer when an optional question is skipped. */
  readonly default?: string | number | boolean | readonly string[];
}

/** The first condition that holds decides. One that asks for something unanswered does not hold. */
export interface Branch {
  readonly kind: "branch";
  readonly cases: readonly { readonly when: string; readonly next: string }[];
  readonly otherwise: string;
}

/** Values are CEL. A name `contact.ward` sets that field of the contact, any other a variable. */
export interface Assign {
  readonly kind: "set";
  readonly values: Readonly<Record<string, string>>;
  readonly next: string;
}

/** Its questions are `answers.<this step>.<question>` afterwards. */
export interface Call {
  readonly kind: "call";
  readonly flow: string;
  readonly next: string;
}

export interface Act {
  readonly kind: "act";
  readonly acts: readonly Deed[];
  readonly next: string;
}

export type Deed =
  | { readonly do: "join" | "leave"; readonly group: string }
  /** `channel` is a Slack channel: `#inbox`. */
  | { readonly do: "notify"; readonly channel: string; readonly text: Text }
  /** Staff take the person over; `reason` is what they read. */
  | { readonly do: "hand_over"; readonly reason: Text };

export interface Wait {
  readonly kind: "wait";
  readonly duration: Duration;
  /** When the time is over. */
  readonly next: string;
  /** When the person writes first; else what they write is not for this flow. */
  readonly replied?: string;
}

/**
 * Whether there is room left for such a person. Whoever belongs to several cells needs room in each; whoever belongs to
 * none goes on. The places are counted by the caller: see {@link TurnContext.full}.
 */
export interface Quota {
  readonly kind: "quota";
  readonly cells: readonly QuotaCell[];
  /** Step for those for whom there is no room. Its end is the outcome `screened`. */
  readonly full: string;
  readonly next: string;
}

/**
 * Statements to agree or disagree with, each person in an order of their own. The votes are answers: of step `views`
 * the one on statement `s1` is `views/s1`.
 */
export interface Opinions {
  readonly kind: "opinions";
  /** By id. */
  readonly statements: Readonly<Record<string, Text>>;
  /** Statements that one person is asked about; ten where absent. */
  readonly take?: number;
  /** Asks for a statement of the person's own, which others vote on once staff have approved it. */
  readonly offer?: Text;
  readonly next: string;
}

export interface QuotaCell {
  readonly name: string;
  /** CEL; everybody where absent. */
  readonly when?: string;
  /** People. */
  readonly limit: number;
}

export interface End {
  readonly kind: "end";
  readonly text?: Text;
  readonly video?: Videos;
}

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────

export interface Choice {
  /** What is stored and what conditions compare: never the label. */
  readonly id: string;
  readonly label: Text;
  /** Other words for it, per language. */
  readonly synonyms?: Readonly<Record<string, readonly string[]>>;
  /** CEL: it is offered only to whom this holds for. A question of which no choice is left is not asked. */
  readonly when?: string;
  /** Of a project in a participatory budget, in whole units of the currency. */
  readonly cost?: number;
}

export type AnswerSpec =
  | { readonly type: "text"; readonly minLength?: number; readonly maxLength?: number }
  | { readonly type: "number"; readonly min?: number; readonly max?: number; readonly whole?: boolean }
  | { readonly type: "yes_no" }
  | { readonly type: "choice"; readonly choices: readonly Choice[] }
  | {
      readonly type: "choices";
      readonly choices: readonly Choice[];
      readonly min?: number;
      readonly max?: number;
      /** The order in which they are named is kept: a ranking. */
      readonly ordered?: boolean;
      /** A participatory budget: what there is to spend. Every choice has a cost. */
      readonly budget?: number;
      /** What one person chooses may not cost more than the budget; else everything they like may be chosen. */
      readonly knapsack?: boolean;
    }
  | {
      readonly type: "scale";
      readonly from: number;
      readonly to: number;
      /** By point: `{ "1": { en: "very bad" } }`. With a label for every point they are sent as choices. */
      readonly labels?: Readonly<Record<string, Text>>;
    }
  /** `min` and `max`: ISO date or `today`. */
  | { readonly type: "date"; readonly min?: string; readonly max?: string }
  | { readonly type: "location" }
  | { readonly type: "photo" }
  /** A voice note. */
  | { readonly type: "audio" };
export type AnswerType = AnswerSpec["type"];

/** Structurally the same as in channels/channel.ts, which this folder does not import. */
export interface Media {
  readonly url: string;
  readonly contentType: string;
}

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly label?: string;
}

export type AnswerValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Location
  /** A place in words. */
  | { readonly label: string }
  | { readonly media: Media; readonly caption?: string }
  /** The person chose not to answer: not the same as not having been asked. */
  | { readonly skipped: true };

export type Variable = string | number | boolean | readonly (string | number | boolean)[];

// ── Sessions and turns ──────────────────────────────────────────────────────────────────────────────────

/** `screened`: there was no room left for such a person. */
export type Outcome = "completed" | "screened" | "stopped" | "expired" | "failed";

/** Plain JSON. Kept by the caller between turns; nothing else is remembered anywhere. */
export interface Session {
  readonly id: string;
  readonly flow: string;
  readonly version: number;
  /** The conversation's language. */
  readonly language: string;
  readonly state: "waiting" | "ended";
  /** Path of the step that it waits at or ended at. */
  readonly at: string;
  /** Versions of the called flows by the path of their call step. */
  readonly calls: Readonly<Record<string, { readonly flow: string; readonly version: number }>>;
  /** Attempts at the open question that were not understood. */
  readonly tries: number;
  /** By question. */
  readonly answers: Readonly<Record<string, AnswerValue>>;
  readonly variables: Readonly<Record<string, Variable>>;
  /** Questions answered, in order: the way back. */
  readonly trail: readonly string[];
  /** ISO 8601: an expiry that comes earlier is of another question and does nothing. */
  readonly wakeAt?: string;
  readonly outcome?: Outcome;
  /** A quota was full: the end to come is none of a response that counts. */
  readonly screened?: true;
}

export interface TurnContext {
  /** ISO 8601. */
  readonly now: string;
  /** The contact's language; only `start` looks at it. */
  readonly language: string;
  /** IANA; `Africa/Johannesburg` where absent. Decides what "tomorrow" is. */
  readonly timezone?: string;
  /** Cells of quotas without room, as `path:cell`. The caller finds out when it takes a `claim`, and turns anew. */
  readonly full?: readonly string[];
  /** Statements that citizens offered and staff approved, by the path of the step that they belong to. */
  readonly statements?: Readonly<Record<string, readonly { readonly id: string; readonly text: string }[]>>;
  readonly contact: {
    readonly name?: string;
    readonly fields: Readonly<Record<string, string | number | boolean>>;
  };
}

export type Input =
  | {
      readonly kind: "said";
      readonly text: string;
      /** Id of the choice that was tapped. */
      readonly choice?: string;
      readonly media?: readonly Media[];
      readonly location?: Location;
    }
  /** A `wake` effect's time has come; `step` is the one it named. */
  | { readonly kind: "expired"; readonly step: string };

export type Effect =
  | {
      readonly kind: "send";
      readonly text: string;
      readonly choices?: readonly { readonly id: string; readonly title: string }[];
      readonly media?: readonly Media[];
    }
  | {
      readonly kind: "record";
      readonly question: string;
      readonly value: AnswerValue;
      readonly said: string;
      readonly language: string;
    }
  /** The person went back: the recorded answer counts no longer. */
  | { readonly kind: "forget"; readonly question: string }
  /** Hand in `expired` with this step at this time, unless the session has moved on. */
  | { readonly kind: "wake"; readonly at: string; readonly step: string }
  | { readonly kind: "language"; readonly language: string }
  /** A field of the contact; `name` is the contact's name. */
  | { readonly kind: "set"; readonly field: string; readonly value: string | number | boolean }
  | { readonly kind: "join" | "leave"; readonly group: string }
  /** Takes a place in each of these cells of the quota at this path, and gives back what it had there before. */
  | {
      readonly kind: "claim";
      readonly at: string;
      readonly cells: readonly { readonly name: string; readonly limit: number }[];
    }
  | { readonly kind: "notify"; readonly channel: string; readonly text: string }
  /** A statement for others to vote on, once staff have looked at it. `at`: the path of the step that asked. */
  | { readonly kind: "offer"; readonly at: string; readonly text: string; readonly language: string }
  | { readonly kind: "hand_over"; readonly reason: string }
  | { readonly kind: "finish"; readonly outcome: Outcome; readonly reason?: string };

/** No effects at all: the input was not for this session. */
export interface Turn {
  readonly session: Session;
  readonly effects: readonly Effect[];
}
