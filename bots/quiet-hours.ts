import { callingCodeOf, countryOf, type Whereabouts } from "#storage";
import type { Deployment } from "#templates";

type Hours = Pick<Deployment, "quietHours">;

/** Quiet hours are looked at in such steps: no zone is off by less than a quarter of an hour. */
const STEP_MS = 15 * 60_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** `08:30` on the clocks of an IANA zone, summer time included. Throws a RangeError for a zone that there is not. */
function clockIn(zone: string, now: Date): string {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    clocks.set(zone, clock);
  }
  return clock.format(now);
}

/** Whether it is one of the quiet hours in a zone now; they may go over midnight. */
export function isQuiet(now: Date, zone: string, { quietHours: { from, to } }: Hours): boolean {
  const clock = clockIn(zone, now);
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
}

/** The first moment from `at` on outside a zone's quiet hours, in ms; undefined when there is none before `end`. */
export function firstLoud(at: number, end: number, zone: string, hours: Hours): number | undefined {
  for (let moment = at; moment < end; moment += STEP_MS)
    if (!isQuiet(new Date(moment), zone, hours)) return moment;
  return undefined;
}

const zones = new Map<string, string | undefined>();

/** The zone of a country that has one only: ISO 3166, from the runtime's own tables. */
function onlyZoneOf(country: string): string | undefined {
  if (!zones.has(country)) {
    const [zone, ...others] = new Intl.Locale("und", { region: country }).getTimeZones() ?? [];
    zones.set(country, others.length === 0 ? zone : undefined);
  }
  return zones.get(country);
}

/**
 * By which clock a person is written to: the zone that is known of them, else that of their number's country where it
 * has one only, else the municipality's. What is no zone counts as unknown: a field may hold anything.
 */
export function zoneOf(
  { address, timeZone }: Whereabouts,
  { timezone, country }: Pick<Deployment, "timezone" | "country">,
): string {
  const known = timeZone === null ? undefined : zoneNamed(timeZone);
  if (known !== undefined) return known;
  const from = countryOf(address);
  return (from === undefined || from === country ? undefined : onlyZoneOf(from)) ?? timezone;
}

/** An IANA zone as the tables write it, however it was typed: `africa/harare`; undefined when there is none. */
export function zoneNamed(written: string): string | undefined {
  // `+02:00` is taken by the runtime, and knows no summer time.
  if (!/^[a-z]/i.test(written)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: written.replaceAll(" ", "_") }).resolvedOptions()
      .timeZone;
  } catch {
    return undefined;
  }
}

/** How numbers begin of which only the municipality's own clock is right, unless a person's zone is known. */
export const homePrefix = ({ country }: Pick<Deployment, "country">): string => `+${callingCodeOf(country)}`;
