import type { AnswerValue } from "../flow.ts";
import type { Phrase } from "../words/words.ts";
import type { AnswerKind, SpecOf } from "./answer.ts";

/** What was written beside it; nothing of any other value. */
export const captionOf = (value: AnswerValue): string =>
  typeof value === "object" && "caption" in value && value.caption ? value.caption : "";

/** Something to look at or to listen to, with what was written beside it. */
const sent = <T extends "photo" | "audio">(kind: string, phrase: Phrase): AnswerKind<SpecOf<T>> => ({
  parse(_spec, reply) {
    const media = reply.media?.find(({ contentType }) => contentType.startsWith(`${kind}/`));
    if (!media) return { ok: false, phrase };
    const caption = reply.text.trim();
    return { ok: true, value: { media, ...(caption ? { caption } : {}) } };
  },
  show: (_spec, value) => captionOf(value),
});

export const photo = sent<"photo">("image", "photo");
/** A voice note. */
export const audio = sent<"audio">("audio", "audio");
