import { dayOf } from "#flows";
import { appendAudit } from "#storage";
import { calendarEntries, feedUrl, renewFeed, titleOf } from "../calendar/index.ts";
import { readConfig } from "../config.ts";
import { openContent, StartError } from "../open-app.ts";
import { withAnswers } from "./answers.ts";

interface CalendarOptions {
  readonly from?: string;
  readonly until?: string;
  readonly link?: boolean;
  readonly newLink?: boolean;
  readonly json?: boolean;
}

const YEAR_MS = 365 * 24 * 3600_000;

/** `saypro calendar`: the year as a list, or the address of its feed. */
export async function showCalendar(options: CalendarOptions): Promise<void> {
  const config = readConfig(process.env);
  const content = await openContent(config);
  const now = new Date();
  const from = options.from === undefined ? now : dayGiven("--from", options.from);
  const until =
    options.until === undefined
      ? new Date(from.getTime() + YEAR_MS)
      : new Date(dayGiven("--until", options.until).getTime() + 24 * 3600_000);
  if (until <= from) throw new StartError("--until is before --from.");
  await withAnswers(config, async ({ db, secrets }) => {
    if (options.newLink)
      await db.transaction(async (tx) => {
        await renewFeed(tx as never);
        await appendAudit(tx as never, {
          actor: "cli",
          action: "calendar.link_renewed",
          subject: "calendar:feed",
        });
      });
    if (options.link || options.newLink) {
      process.stdout.write(`${await feedUrl(db, secrets, config.publicUrl)}\n`);
      return;
    }
    const entries = await calendarEntries(db, content, from, until);
    if (options.json) {
      process.stdout.write(`${JSON.stringify(entries)}\n`);
      return;
    }
    const { timezone } = content.deployment;
    for (const entry of entries) {
      const { day, until: last, objective, sdg, tentative, place } = entry;
      const about = [
        place,
        tentative ? "not approved" : undefined,
        objective,
        sdg.length > 0 ? `SDG ${sdg.join(", ")}` : undefined,
      ].filter(Boolean);
      const days = last === undefined ? day : `${day} to ${last}`;
      process.stdout.write(`${days}  ${titleOf(entry)}${about.length > 0 ? ` (${about.join("; ")})` : ""}\n`);
    }
    if (entries.length === 0)
      process.stdout.write(
        `Nothing from ${dayOf(from.toISOString(), timezone)} to ${dayOf(until.toISOString(), timezone)}.\n`,
      );
  });
}

function dayGiven(option: string, day: string): Date {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : undefined;
  if (!at || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(day))
    throw new StartError(`${option} ${day}: write a day as 2026-12-10.`);
  return at;
}
