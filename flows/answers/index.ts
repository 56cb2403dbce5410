import type { AnswerSpec, AnswerType } from "../flow.ts";
import type { AnswerKind, SpecOf } from "./answer.ts";
import { choice } from "./choice.ts";
import { choices } from "./choices.ts";
import { date } from "./date.ts";
import { location } from "./location.ts";
import { audio, photo } from "./media.ts";
import { number } from "./number.ts";
import { scale } from "./scale.ts";
import { text } from "./text.ts";
import { yesNo } from "./yes-no.ts";

/** Every type of answer. A new one is a file, its line here, its type in flow.ts and a case in cases/. */
export const ANSWERS: { readonly [T in AnswerType]: AnswerKind<SpecOf<T>> } = {
  text,
  number,
  yes_no: yesNo,
  choice,
  choices,
  scale,
  date,
  location,
  photo,
  audio,
};

/** The kind that goes with a spec. */
export function kindOf(spec: AnswerSpec): AnswerKind<AnswerSpec> {
  // The table pairs each spec with its own kind, which the compiler cannot follow through an index.
  return ANSWERS[spec.type] as AnswerKind<AnswerSpec>;
}
