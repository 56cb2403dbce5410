import { escapeMrkdwn } from "#channels";
import { addDays, dayOf, weekdayOf } from "#flows";
import { claimSetting, getSetting, PRIORITY, setSetting } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { calendarEntries, type Entry, titleOf } from "./entries.ts";

const WEEK = "calendar.digest";
/** Local hour from which a new week is announced. */
const HOUR = 8;
const DAY_MS = 24 * 3600_000;
/** Lines in one message. */
const LINES = 40;

/** `*Thu 10 Dec* 18:00 Town hall: Water, Umhlanzi Hall` */
export function linesOf(entries: readonly Entry[], timezone: string): string {
  const lines = entries.slice(0, LINES).map((entry) => {
    const { day, until, at, tentative, place, objective, sdg } = entry;
    const ends = until === undefined || until === day ? "" : ` to ${dayWords(until)}`;
    const hour = at === undefined ? "" : ` ${clock(at, timezone)}`;
    const about = [objective, sdg.length > 0 ? `SDG ${sdg.join(", ")}` : undefined]
      .filter(Boolean)
      .join("; ");
    return `*${dayWords(day)}${ends}*${hour} ${escapeMrkdwn(titleOf(entry))}${place ? `, ${escapeMrkdwn(place)}` : ""}${tentative ? " _(not approved)_" : ""}${about ? ` _${escapeMrkdwn(about)}_` : ""}`;
  });
  const more = entries.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}

const dayWords = (day: string): string =>
  new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" })
    .format(new Date(`${day}T00:00:00Z`))
    .replace(",", "");

const clock = (at: string, timezone: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(at));

/**
 * Tells staff on Monday morning what the week brings; whoever looks first in a week does, once. A week without anything
 * is not announced, nor the one in which the program first runs.
 */
export async function digestWeek(app: App): Promise<void> {
  const { timezone, slack } = app.content.deployment;
  const now = app.clock();
  const today = dayOf(now.toISOString(), timezone);
  const monday = addDays(today, -weekdayOf(today));
  if (today === monday && Number(clock(now.toISOString(), timezone).slice(0, 2)) < HOUR) return;
  const { db } = app.database;
  const last = await getSetting<string>(db, WEEK);
  if (last === monday) return;
  if (last === undefined) return setSetting(db, WEEK, monday);
  await commit(app, async (unit) => {
    if (!(await claimSetting(unit.tx, WEEK, monday))) return;
    const entries = await calendarEntries(unit.tx, app.content, now, new Date(now.getTime() + 7 * DAY_MS));
    if (entries.length === 0) return;
    await unit.send([
      {
        to: `slack:${slack.operations}`,
        text: "What this week brings",
        blocks: [
          {
            type: "section",
            text: {
              type: "mrkdwn",
              text: `*What this week brings*\n${linesOf(entries, timezone)}`.slice(0, 3000),
            },
          },
        ],
        priority: PRIORITY.reply,
        kind: "notice",
      },
    ]);
  });
}
