import { may } from "#storage";
import { calendarEntries, feedUrl, linesOf } from "../calendar/index.ts";
import { type Feature, whisper } from "./registry.ts";
import { section } from "./views.ts";

const DAYS = 30;

/** What the next weeks bring, and the address under which a calendar program finds it. */
export const calendarFeature: Feature = {
  commands: [
    {
      word: "calendar",
      help: "what the next 30 days bring, and its address for your calendar",
      example: "/saypro calendar",
      permission: "results.read",
      run: async (unit, { staff }) => {
        const { app, now, tx } = unit;
        const until = new Date(now.getTime() + DAYS * 24 * 3600_000);
        const entries = await calendarEntries(tx, app.content, now, until);
        const shown =
          entries.length === 0
            ? `Nothing is planned for the next ${DAYS} days.`
            : linesOf(entries, app.content.deployment.timezone);
        const url = await feedUrl(tx, app.secrets, app.config.publicUrl);
        const feed = may(staff, "broadcasts.draft")
          ? [section(`For your calendar program, and for nobody else: ${url}`)]
          : [];
        return whisper(shown, [section(shown), ...feed]);
      },
    },
  ],
};
