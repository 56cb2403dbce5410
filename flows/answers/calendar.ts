/** A day as `2026-11-03`: no time, no time zone. */
export type Day = string;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day that a moment falls on in a time zone. */
export function dayOf(moment: string, timezone: string): Day {
  let format = formats.get(timezone);
  if (!format) {
    // Canada writes ISO dates.
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: timezone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    formats.set(timezone, format);
  }
  return format.format(new Date(moment));
}

/** The day, where the calendar has it. */
export function dayFrom(year: number, month: number, day: number): Day | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year >= 1900 && year <= 2200 ? date.toISOString().slice(0, 10) : undefined;
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Monday is 0. */
export const weekdayOf = (day: Day): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** "3 November 2026" in this language, in South African English where it is not known. */
export function writeDay(day: Day, language: string): string {
  const key = `write ${language}`;
  let format = formats.get(key);
  if (!format) {
    const style = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
    format = new Intl.DateTimeFormat([language === "en" ? "en-ZA" : language, "en-ZA"], style);
    formats.set(key, format);
  }
  return format.format(new Date(`${day}T00:00:00Z`));
}
