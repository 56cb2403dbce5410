import { MAX_SAID } from "../flow.ts";
import type { AnswerKind, SpecOf } from "./answer.ts";

export const text: AnswerKind<SpecOf<"text">> = {
  parse({ minLength = 1, maxLength = MAX_SAID }, reply) {
    const value = reply.text.trim();
    if (value.length === 0) return { ok: false, phrase: "text" };
    if (value.length < minLength) return { ok: false, phrase: "text_short", values: { min: minLength } };
    if (value.length > maxLength) return { ok: false, phrase: "text_long", values: { max: maxLength } };
    return { ok: true, value };
  },
  show: (_spec, value) => String(value),
};
