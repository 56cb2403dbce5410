import { addDays, type Day, dayOf, weekdayOf, writeDay } from "./answers/calendar.ts";

/** A law or regulation that people may comment under, and how long they must have for it. */
export interface Instrument {
  readonly id: string;
  readonly title: string;
  /** Calendar days at least; 0 where it fixes none. */
  readonly days: number;
  /** The section that says so. */
  readonly source: string;
}

const SUNDAY = 6;

/**
 * The last day of a period of `days` calendar days: the first is left out, the last counts, unless it is a Sunday or a
 * public holiday (Interpretation Act 33 of 1957, section 4).
 */
export function lastDayOf(from: Day, days: number, holidays: ReadonlySet<Day>): Day {
  let last = addDays(from, days);
  while (weekdayOf(last) === SUNDAY || holidays.has(last)) last = addDays(last, 1);
  return last;
}

export interface CommentPeriod {
  readonly opensAt: Date;
  readonly timezone: string;
  readonly holidays: ReadonlySet<Day>;
}

/** Why a consultation under this instrument may not end at `end`, in words; undefined when it may. */
export function tooShort(
  { title, days, source }: Instrument,
  { opensAt, timezone, holidays }: CommentPeriod,
  end: Date,
): string | undefined {
  if (days === 0) return undefined;
  const last = lastDayOf(dayOf(opensAt.toISOString(), timezone), days, holidays);
  // To the end of the last day: half past eleven at night is not yet that.
  const ended = dayOf(new Date(end.getTime() + 60_000).toISOString(), timezone);
  return ended > last
    ? undefined
    : `${title}: people must have at least ${days} days, to the end of ${writeDay(last, "en")} (${source}).`;
}
