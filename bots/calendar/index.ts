/** The year of communication: what is planned, and what the program knows to come. */

export { digestWeek, linesOf } from "./digest.ts";
export { calendarEntries, type Entry, titleOf } from "./entries.ts";
export { feedUrl, mountCalendar, renewFeed } from "./feed.ts";
