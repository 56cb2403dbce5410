import type { AnswerKind, SpecOf } from "./answer.ts";

export const photo: AnswerKind<SpecOf<"photo">> = {
  parse(_spec, reply) {
    const media = reply.media?.find(({ contentType }) => contentType.startsWith("image/"));
    if (!media) return { ok: false, phrase: "photo" };
    const caption = reply.text.trim();
    return { ok: true, value: { media, ...(caption ? { caption } : {}) } };
  },
  show: (_spec, value) =>
    typeof value === "object" && value !== null && "caption" in value && value.caption ? value.caption : "",
};
