const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
/** A year: nothing that a flow waits for is longer. */
const LONGEST = 366 * UNITS.d;

/** `45s`, `10m`, `2h`, `3d`, `1w` in milliseconds; undefined when it is none, or over a year. */
export function millisecondsOf(duration: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(duration);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return ms > 0 && ms <= LONGEST ? ms : undefined;
}

/** The moment so much later, ISO 8601. */
export function later(now: string, duration: string): string | undefined {
  const ms = millisecondsOf(duration);
  return ms === undefined ? undefined : new Date(Date.parse(now) + ms).toISOString();
}
