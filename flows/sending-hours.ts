/**
 * When a broadcast may be handed over, by its kind.
 *
 * An emergency and a message about a service at any time; an invitation to take part outside the quiet hours; a campaign
 * also not on Sundays and public holidays, and on Saturdays from 9 to 13 only. Source of the latter: the hours for direct
 * marketing under section 12 of the Consumer Protection Act 68 of 2008.
 */
import { addDays, type Day, dayOf, weekdayOf } from "./answers/calendar.ts";
import type { MessageClass } from "./broadcast.ts";
import { publicHolidays } from "./public-holidays.ts";

export interface SendingRules {
  readonly timezone: string;
  /** Local times: `20:00` to `08:00`. The same twice: there are none. */
  readonly quietHours: { readonly from: string; readonly to: string };
  /** Days that were declared holidays beside the yearly ones: `2026-11-04`. */
  readonly publicHolidays: readonly Day[];
}

/** From and to in ISO 8601, the end excluded. */
export interface SendingHours {
  readonly from: string;
  readonly to: string;
}

const SATURDAY = 5;
const SUNDAY = 6;
const SATURDAY_HOURS = { from: 9 * 60, to: 13 * 60 } as const;
const DAY = 24 * 60;
/** No row of holidays and Sundays is longer. */
const LOOK_AHEAD_DAYS = 14;

interface Span {
  /** Minutes since local midnight. */
  readonly from: number;
  readonly to: number;
}

/** The hours that `now` is within, or the next ones; undefined: it may be sent at any time. */
export function sendingHours(
  messageClass: MessageClass,
  now: string,
  rules: SendingRules,
): SendingHours | undefined {
  if (messageClass === "emergency" || messageClass === "service") return undefined;
  const marketing = messageClass === "awareness";
  const spans = outside(rules.quietHours);
  const today = dayOf(now, rules.timezone);
  for (let ahead = 0; ahead < LOOK_AHEAD_DAYS; ahead++) {
    const day = addDays(today, ahead);
    for (const span of marketing ? spans.flatMap((one) => marketingHours(day, one, rules)) : spans) {
      const hours = {
        from: momentOf(day, span.from, rules.timezone),
        to: momentOf(day, span.to, rules.timezone),
      };
      if (hours.to > new Date(now).toISOString()) return hours;
    }
  }
  throw new Error("no day allows sending: the quiet hours leave none");
}

/** The parts of a day outside the quiet hours. */
function outside({ from, to }: SendingRules["quietHours"]): readonly Span[] {
  const [quiet, loud] = [minutesOf(from), minutesOf(to)];
  if (quiet === loud) return [{ from: 0, to: DAY }];
  const spans =
    quiet < loud
      ? [
          { from: 0, to: quiet },
          { from: loud, to: DAY },
        ]
      : [{ from: loud, to: quiet }];
  return spans.filter((span) => span.from < span.to);
}

function marketingHours(day: Day, span: Span, rules: SendingRules): readonly Span[] {
  const weekday = weekdayOf(day);
  const holidays = [...publicHolidays(Number(day.slice(0, 4))), ...rules.publicHolidays];
  if (weekday === SUNDAY || holidays.includes(day)) return [];
  if (weekday !== SATURDAY) return [span];
  const [from, to] = [Math.max(span.from, SATURDAY_HOURS.from), Math.min(span.to, SATURDAY_HOURS.to)];
  return from < to ? [{ from, to }] : [];
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** The moment of a local time, by asking twice how far the zone's clock is from the guess. */
function momentOf(day: Day, minutes: number, timezone: string): string {
  const local = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
  let moment = local;
  for (let tries = 0; tries < 2; tries++) moment += local - clockOf(moment, timezone);
  return new Date(moment).toISOString();
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clock shows, written as if it were UTC, in ms. */
function clockOf(moment: number, timezone: string): number {
  const format =
    clocks.get(timezone) ??
    new Intl.DateTimeFormat("en-CA", {
      timeZone: timezone,
      dateStyle: "short",
      timeStyle: "medium",
      hourCycle: "h23",
    });
  clocks.set(timezone, format);
  const part = Object.fromEntries(
    format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
}
