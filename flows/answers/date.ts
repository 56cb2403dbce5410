import { fold } from "../fold.ts";
import { nearMiss } from "../near.ts";
import { WORDS } from "../words/index.ts";
import type { AnswerKind, Hearing, SpecOf } from "./answer.ts";
import { addDays, type Day, dayFrom, dayOf, weekdayOf, writeDay } from "./calendar.ts";

/** What may have been meant, likeliest first. */
interface Reading {
  readonly days: readonly Day[];
  readonly unsure: boolean;
}

export const date: AnswerKind<SpecOf<"date">> = {
  parse(spec, reply, hearing) {
    const today = dayOf(hearing.now, hearing.timezone);
    const min = spec.min === "today" ? today : spec.min;
    const max = spec.max === "today" ? today : spec.max;
    const reading = readDate(reply.text, today, hearing);
    const fits = reading?.days.find(
      (day) => (min === undefined || day >= min) && (max === undefined || day <= max),
    );
    if (fits !== undefined) return { ok: true, value: fits, ...(reading?.unsure ? { unsure: true } : {}) };
    const [language = "en"] = hearing.languages;
    const first = reading?.days[0];
    if (first !== undefined && min !== undefined && first < min)
      return { ok: false, phrase: "date_min", values: { min: writeDay(min, language) } };
    if (first !== undefined && max !== undefined && first > max)
      return { ok: false, phrase: "date_max", values: { max: writeDay(max, language) } };
    return { ok: false, phrase: "date" };
  },
  show: (_spec, value, { languages: [language = "en"] }) => writeDay(String(value), language),
};

/** Days first, as South Africa writes them; without a year the next one comes first, then the last one. */
function readDate(text: string, today: Day, hearing: Hearing): Reading | undefined {
  return readFigures(text.trim(), today) ?? readWords(fold(text), today, hearing.languages);
}

/** 2026-11-03, 3/11/2026, 3.11.26, 3-11 */
function readFigures(text: string, today: Day): Reading | undefined {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (iso) return reading([dayFrom(Number(iso[1]), Number(iso[2]), Number(iso[3]))], false);
  const plain = /^(\d{1,2})\s?[-/. ]\s?(\d{1,2})(?:\s?[-/. ]\s?(\d{4}|\d{2}))?$/.exec(text);
  if (!plain) return undefined;
  const [first, second] = [Number(plain[1]), Number(plain[2])];
  const years = yearsOf(plain[3], today);
  const days = order(
    years.map((year) => dayFrom(year, second, first)),
    today,
  );
  if (days.length > 0) return { days, unsure: first <= 12 && first !== second };
  // 11/23/2026: only the American order makes sense.
  return reading(
    order(
      years.map((year) => dayFrom(year, first, second)),
      today,
    ),
    true,
  );
}

/** tomorrow, Friday, next Monday, 3 November, the 3rd of Nov 2026, Nov 3 */
function readWords(said: string, today: Day, languages: readonly string[]): Reading | undefined {
  for (const language of languages) {
    const words = WORDS[language];
    if (!words) continue;
    if (Object.hasOwn(words.days, said))
      return { days: [addDays(today, words.days[said] ?? 0)], unsure: false };
    const tokens = said.split(" ");
    const meant = tokens.filter((token) => !words.next.includes(token));
    const weekday = words.weekdays.findIndex((names) => names.includes(meant.join(" ")));
    if (weekday >= 0) {
      const ahead = (weekday - weekdayOf(today) + 7) % 7 || 7;
      return { days: [addDays(today, ahead), addDays(today, ahead - 7 || -7), today], unsure: true };
    }
  }
  const tokens = said.split(" ").flatMap((token) => token.match(/\d+|[^\d]+/g) ?? []);
  const numbers = tokens.filter((token) => /^\d+$/.test(token));
  const names = languages.flatMap((language) =>
    (WORDS[language]?.months ?? []).flatMap((forms, index) => forms.map((word) => ({ word, of: index + 1 }))),
  );
  const exact = new Set(tokens.flatMap((token) => names.find(({ word }) => word === token)?.of ?? []));
  const slips = tokens.flatMap((token) => {
    const near =
      token.length < 4
        ? { kind: "none" as const }
        : nearMiss(
            token,
            names.filter(({ word }) => word.length > 4),
          );
    return near.kind === "one" ? [near.of] : [];
  });
  const [month, another] = exact.size > 0 ? [...exact] : [...new Set(slips)];
  const year = numbers.find((token) => token.length === 4);
  const [day, second] = numbers.filter((token) => token.length <= 2);
  if (month === undefined || another !== undefined || day === undefined || numbers.length > 2)
    return undefined;
  // A second number of two figures is a year only where one would stand: not in "3 or 4 November".
  const monthWords = new Set(names.map(({ word }) => word));
  const named = tokens.findIndex((token) => monthWords.has(token));
  if (second !== undefined && (year !== undefined || tokens.lastIndexOf(second) < named)) return undefined;
  // "3 Nov 26": the day stands first.
  const years = yearsOf(year ?? second, today);
  return reading(
    order(
      years.map((each) => dayFrom(each, month, Number(day))),
      today,
    ),
    exact.size === 0,
  );
}

/** A year in full or in two figures; without one, this and its neighbours. */
function yearsOf(written: string | undefined, today: Day): readonly number[] {
  const now = Number(today.slice(0, 4));
  if (written === undefined) return [now, now + 1, now - 1];
  if (written.length === 4) return [Number(written)];
  const year = 2_000 + Number(written);
  return [year > now + 10 ? year - 100 : year];
}

/** The next one first, then the last one. */
function order(days: readonly (Day | undefined)[], today: Day): readonly Day[] {
  const real = days.filter((day) => day !== undefined);
  return [
    ...real.filter((day) => day >= today).toSorted(),
    ...real
      .filter((day) => day < today)
      .toSorted()
      .toReversed(),
  ];
}

function reading(days: readonly (Day | undefined)[], unsure: boolean): Reading | undefined {
  const real = days.filter((day) => day !== undefined);
  return real.length > 0 ? { days: real, unsure } : undefined;
}
