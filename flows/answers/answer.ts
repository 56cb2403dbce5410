import type { AnswerSpec, AnswerValue, Input, Text } from "../flow.ts";
import type { Phrase } from "../words/words.ts";

/** What a person sent. */
export type Reply = Extract<Input, { kind: "said" }>;

/** What a reply is understood against. */
export interface Hearing {
  /** The session's language, then the others in which the flow is offered, then English. */
  readonly languages: readonly string[];
  /** ISO 8601. */
  readonly now: string;
  readonly timezone: string;
  /** An open question may be answered by a video. */
  readonly films?: true;
  /** A text in the session's language. */
  label(text: Text): string;
}

export type Understood =
  | {
      readonly ok: true;
      readonly value: AnswerValue;
      /** It was not written quite so: say what was understood. */
      readonly unsure?: true;
    }
  | {
      readonly ok: false;
      readonly phrase: Phrase;
      readonly values?: Readonly<Record<string, string | number>>;
      /** Two choices were nearly said: the phrase names them and is used even where the author wrote a retry. */
      readonly precise?: true;
    };

/** One type of answer: understanding it, offering it, showing it in a text. */
export interface AnswerKind<S extends AnswerSpec> {
  parse(spec: S, reply: Reply, hearing: Hearing): Understood;
  /** Buttons or a numbered list. */
  offer?(spec: S, hearing: Hearing): readonly { readonly id: string; readonly title: string }[] | undefined;
  /** What was said names a choice outright: it is the answer, even where it is a word such as BACK. */
  exact?(spec: S, folded: string, reply: Reply, hearing: Hearing): boolean;
  /** As it stands in a text. */
  show(spec: S, value: AnswerValue, hearing: Hearing): string;
}

export type SpecOf<T extends AnswerSpec["type"]> = Extract<AnswerSpec, { type: T }>;
