import { fold } from "../fold.ts";
import { nearMiss } from "../near.ts";
import type { AnswerKind, SpecOf } from "./answer.ts";
import { understandNumber } from "./number.ts";

type Scale = SpecOf<"scale">;

export const scale: AnswerKind<Scale> = {
  parse(spec, reply, hearing) {
    const points = pointsOf(spec);
    const tapped = points.find((point) => String(point) === reply.choice);
    if (tapped !== undefined) return { ok: true, value: tapped };
    const bounds = { min: spec.from, max: spec.to, whole: true };
    const byNumber = understandNumber(bounds, reply, hearing);
    if (byNumber.ok || !spec.labels) return byNumber;
    const words = points.flatMap((of) =>
      Object.values(spec.labels?.[String(of)] ?? {}).map((label) => ({ word: fold(label), of })),
    );
    const said = fold(reply.text);
    const exact = words.find(({ word }) => word === said);
    if (exact) return { ok: true, value: exact.of };
    const near = nearMiss(said, words);
    return near.kind === "one" ? { ok: true, value: near.of, unsure: true } : byNumber;
  },
  offer(spec, hearing) {
    const rows = pointsOf(spec).map((point) => ({ point, label: spec.labels?.[String(point)] }));
    return rows.some(({ label }) => label === undefined) || numberedOtherwise(spec)
      ? undefined
      : rows.map(({ point, label }) => ({
          id: String(point),
          title: label ? hearing.label(label) : String(point),
        }));
  },
  show: (_spec, value) => String(value),
};

/** A list that begins at 0 would be numbered from 1: the numbers would contradict the points. */
const numberedOtherwise = (spec: Scale): boolean => spec.from !== 1;
const pointsOf = (spec: Scale): readonly number[] =>
  Array.from({ length: Math.max(0, Math.floor(spec.to - spec.from) + 1) }, (_, index) => spec.from + index);
