import type { AnswerKind, SpecOf } from "./answer.ts";

export const location: AnswerKind<SpecOf<"location">> = {
  parse(_spec, reply) {
    if (reply.location) return { ok: true, value: reply.location };
    const typed = /(-?\d{1,2}\.\d{3,})\s*[,; ]\s*(-?\d{1,3}\.\d{3,})/.exec(reply.text);
    if (typed && Math.abs(Number(typed[1])) <= 90 && Math.abs(Number(typed[2])) <= 180)
      return { ok: true, value: { latitude: Number(typed[1]), longitude: Number(typed[2]) } };
    const label = reply.text.replace(/\s+/g, " ").trim();
    // "?" or "." is no place; the shortest name of one has two letters.
    return /[\p{L}\p{N}]{2}/u.test(label) || /\d/.test(label)
      ? { ok: true, value: { label } }
      : { ok: false, phrase: "location" };
  },
  show(_spec, value) {
    if (typeof value !== "object" || value === null) return String(value);
    if ("label" in value && value.label) return value.label;
    return "latitude" in value ? `${value.latitude.toFixed(5)}, ${value.longitude.toFixed(5)}` : "";
  },
};
