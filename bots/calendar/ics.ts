import { type Entry, titleOf } from "./entries.ts";

/** Octets of one line without its end (RFC 5545, 3.1). */
const LINE = 75;

/** The entries as iCalendar (RFC 5545). `stamp`: when it was made. */
export function icsOf(entries: readonly Entry[], name: string, host: string, stamp: Date): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//SayPro//Engage//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    `X-WR-CALNAME:${escaped(name)}`,
    ...entries.flatMap((entry) => eventOf(entry, host, stamp)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function eventOf(entry: Entry, host: string, stamp: Date): readonly string[] {
  const { uid, day, until, at, place, note, objective, sdg, tentative } = entry;
  const described = [
    note,
    objective && `Objective: ${objective}`,
    sdg.length > 0 && `SDG ${sdg.join(", ")}`,
  ].filter(Boolean);
  return [
    "BEGIN:VEVENT",
    `UID:${escaped(`${uid}@${host}`)}`,
    `DTSTAMP:${utc(stamp)}`,
    ...(at
      ? [`DTSTART:${utc(new Date(at))}`]
      : [
          `DTSTART;VALUE=DATE:${compact(day)}`,
          // The end is the first day that it does not last any more.
          `DTEND;VALUE=DATE:${compact(dayAfter(until ?? day))}`,
        ]),
    `SUMMARY:${escaped(titleOf(entry))}`,
    ...(place ? [`LOCATION:${escaped(place)}`] : []),
    ...(described.length > 0 ? [`DESCRIPTION:${escaped(described.join("\n"))}`] : []),
    ...(tentative ? ["STATUS:TENTATIVE"] : []),
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

const compact = (day: string): string => day.replaceAll("-", "");
const utc = (moment: Date): string => `${moment.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 3600_000).toISOString().slice(0, 10);

/** TEXT may hold no control characters but a line break, which is written as `\n`. */
const escaped = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll("\n", "\\n");

/** Long lines go on after a line break and a space; no character is cut in two. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = "";
  let room = LINE;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (size > room) {
      parts.push(part);
      part = "";
      // The space that leads the next line counts.
      room = LINE - 1;
    }
    part += character;
    room -= size;
  }
  return [...parts, part].join("\r\n ");
}
