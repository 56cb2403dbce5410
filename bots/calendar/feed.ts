import type { FastifyInstance } from "fastify";
import { type Db, getSetting, type Secrets, setSetting } from "#storage";
import type { App } from "../app.ts";
import { calendarEntries } from "./entries.ts";
import { icsOf } from "./ics.ts";

const PURPOSE = "calendar";
/** How often the address was made anew: the one before it works no longer. */
const GENERATION = "calendar.feed";
const DAY_MS = 24 * 3600_000;
/** What the feed holds. */
const BACK_MS = 90 * DAY_MS;
const AHEAD_MS = 400 * DAY_MS;

const signed = (generation: number): string => `feed ${generation}`;

/** The secret address of the feed: calendar programs have no login, so whoever has the address reads it. */
export async function feedUrl(db: Db, secrets: Secrets, publicUrl: string): Promise<string> {
  const generation = (await getSetting<number>(db, GENERATION)) ?? 0;
  return `${publicUrl}/calendar/${secrets.mac(PURPOSE, signed(generation))}.ics`;
}

/** Makes another address; whoever has the old one reads no more. */
export async function renewFeed(db: Db): Promise<void> {
  await setSetting(db, GENERATION, ((await getSetting<number>(db, GENERATION)) ?? 0) + 1);
}

/** GET /calendar/:mac.ics. What is not decided yet is not in it. */
export function mountCalendar(server: FastifyInstance, app: App): void {
  server.get<{ Params: { file: string } }>("/calendar/:file", async (request, reply) => {
    const { db } = app.database;
    const mac = request.params.file.replace(/\.ics$/, "");
    const generation = (await getSetting<number>(db, GENERATION)) ?? 0;
    if (!app.secrets.verifyMac(PURPOSE, signed(generation), mac))
      return reply.code(404).send({ error: "There is no such calendar." });
    const now = app.clock();
    const entries = await calendarEntries(
      db,
      app.content,
      new Date(now.getTime() - BACK_MS),
      new Date(now.getTime() + AHEAD_MS),
    );
    const host = new URL(app.config.publicUrl).hostname;
    return reply
      .type("text/calendar; charset=utf-8")
      .header("cache-control", "private, max-age=900")
      .send(
        icsOf(
          entries.filter(({ tentative }) => !tentative),
          app.content.deployment.municipality,
          host,
          now,
        ),
      );
  });
}
