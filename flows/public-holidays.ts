import { addDays, type Day, weekdayOf } from "./answers/calendar.ts";

/** Month and day of those that do not move. Source: Public Holidays Act 36 of 1994, Schedule 1. */
const FIXED = [
  "01-01",
  "03-21",
  "04-27",
  "05-01",
  "06-16",
  "08-09",
  "09-24",
  "12-16",
  "12-25",
  "12-26",
] as const;
const SUNDAY = 6;

/**
 * South Africa's public holidays of a year, in their order: the fixed days, the Monday after one that falls on a Sunday
 * (section 2 (1)), Good Friday and Family Day. Days that the President declares are not among them.
 */
export function publicHolidays(year: number): readonly Day[] {
  const fixed = FIXED.map((day) => `${year}-${day}`);
  const observed = fixed.filter((day) => weekdayOf(day) === SUNDAY).map((day) => addDays(day, 1));
  const easter = easterOf(year);
  return [...new Set([...fixed, ...observed, addDays(easter, -2), addDays(easter, 1)])].sort();
}

/** Easter Sunday by the Gregorian computus (the anonymous algorithm, as Meeus prints it). */
function easterOf(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const l = (32 + 2 * (b % 4) + 2 * i - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
