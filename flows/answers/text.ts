import { MAX_SAID } from "../flow.ts";
import type { AnswerKind, SpecOf } from "./answer.ts";
import { captionOf } from "./media.ts";

export const text: AnswerKind<SpecOf<"text">> = {
  parse({ minLength = 1, maxLength = MAX_SAID }, reply, { films }) {
    const value = reply.text.trim();
    // Somebody signs.
    const video = films && reply.media?.find(({ contentType }) => contentType.startsWith("video/"));
    if (video) return { ok: true, value: { media: video, ...(value ? { caption: value } : {}) } };
    if (value.length === 0) return { ok: false, phrase: "text" };
    if (value.length < minLength) return { ok: false, phrase: "text_short", values: { min: minLength } };
    if (value.length > maxLength) return { ok: false, phrase: "text_long", values: { max: maxLength } };
    return { ok: true, value };
  },
  show: (_spec, value) => (typeof value === "object" ? captionOf(value) : String(value)),
};
