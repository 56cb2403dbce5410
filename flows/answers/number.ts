import type { AnswerKind, Hearing, Reply, SpecOf, Understood } from "./answer.ts";
import { readNumber } from "./numerals.ts";

export const number: AnswerKind<SpecOf<"number">> = {
  parse: (spec, reply, hearing) => understandNumber(spec, reply, hearing),
  show: (_spec, value) => String(value),
};

/** The reading of the number in a reply that fits the bounds. */
export function understandNumber(
  { min, max, whole }: { readonly min?: number; readonly max?: number; readonly whole?: boolean },
  reply: Reply,
  { languages }: Hearing,
): Understood {
  const readings = readNumber(reply.text, languages);
  const inBounds = (value: number): boolean =>
    (min === undefined || value >= min) && (max === undefined || value <= max);
  const fits = readings.filter((value) => inBounds(value) && (!whole || Number.isInteger(value)));
  const [first, second] = fits;
  // 1,200 is both 1200 and 1.2: without a bound that decides, ask again.
  if (first !== undefined && second === undefined) return { ok: true, value: first };
  if (min !== undefined && max !== undefined)
    return { ok: false, phrase: "number_between", values: { min, max } };
  if (readings.length > 0 && whole && !readings.some((value) => Number.isInteger(value)))
    return { ok: false, phrase: "number_whole" };
  if (readings.length > 0 && min !== undefined) return { ok: false, phrase: "number_min", values: { min } };
  if (readings.length > 0 && max !== undefined) return { ok: false, phrase: "number_max", values: { max } };
  return { ok: false, phrase: whole ? "number_whole" : "number" };
}
