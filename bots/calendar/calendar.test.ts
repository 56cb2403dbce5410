import { sql } from "drizzle-orm";
import fc from "fast-check";
import { type FastifyInstance, fastify } from "fastify";
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rows, upsertStaff } from "../../storage/index.ts";
import { loadContent } from "../../templates/index.ts";
import { testApp } from "../../test/support/app.ts";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { App } from "../app.ts";
import { feedUrl, mountCalendar, renewFeed } from "./feed.ts";
import { icsOf } from "./ics.ts";
import { digestWeek, type Entry } from "./index.ts";

/** Content lines after unfolding, each as name, parameters and unescaped value: RFC 5545 read back. */
function parsed(ics: string): readonly { readonly name: string; readonly value: string }[] {
  expect(ics.endsWith("\r\n")).toBe(true);
  const physical = ics.slice(0, -2).split("\r\n");
  for (const line of physical) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(line).not.toMatch(/[\r\n]/);
  }
  return physical
    .join("\r\n")
    .replaceAll("\r\n ", "")
    .split("\r\n")
    .map((line) => {
      const [, name = "", raw = ""] = /^([A-Z-]+(?:;[A-Z]+=[A-Z]+)?):(.*)$/.exec(line) ?? [];
      expect(name).not.toBe("");
      return { name, value: raw.replace(/\\(.)/g, (_all, c: string) => (c === "n" ? "\n" : c)) };
    });
}

const entry = (more: Partial<Entry>): Entry => ({
  uid: "planned-1",
  kind: "planned",
  title: "Water week",
  day: "2026-12-31",
  tentative: false,
  sdg: [],
  ...more,
});
const stamp = new Date("2026-11-24T01:00:00Z");

describe("iCalendar", () => {
  test("days end on the day after, moments are in UTC", () => {
    const lines = parsed(
      icsOf(
        [
          entry({ until: "2027-01-02", objective: "Water", sdg: [6, 11], note: "a; b, c\nd" }),
          entry({ kind: "town_hall", at: "2026-12-10T16:00:00Z", place: "Hall" }),
        ],
        "Umhlanzi",
        "engage.example",
        stamp,
      ),
    ).map(({ name, value }) => `${name}:${value}`);
    expect(lines).toEqual([
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//SayPro//Engage//EN",
      "CALSCALE:GREGORIAN",
      "METHOD:PUBLISH",
      "X-WR-CALNAME:Umhlanzi",
      "BEGIN:VEVENT",
      "UID:planned-1@engage.example",
      "DTSTAMP:20261124T010000Z",
      "DTSTART;VALUE=DATE:20261231",
      "DTEND;VALUE=DATE:20270103",
      "SUMMARY:Water week",
      "DESCRIPTION:a; b, c\nd\nObjective: Water\nSDG 6, 11",
      "TRANSP:TRANSPARENT",
      "END:VEVENT",
      "BEGIN:VEVENT",
      "UID:planned-1@engage.example",
      "DTSTAMP:20261124T010000Z",
      "DTSTART:20261210T160000Z",
      "SUMMARY:Town hall: Water week",
      "LOCATION:Hall",
      "TRANSP:TRANSPARENT",
      "END:VEVENT",
      "END:VCALENDAR",
    ]);
  });

  test("whatever a title holds, it is read back as it was, and nothing else gets in", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 200 }),
          fc.constant("x\r\nEND:VEVENT\r\n;,\\n😀".repeat(9)),
        ),
        (title) => {
          const clean = title.toWellFormed();
          const lines = parsed(icsOf([entry({ title: clean })], "U", "h", stamp));
          expect(lines).toHaveLength(15);
          const wanted = clean.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]/gu, "");
          expect(lines.find(({ name }) => name === "SUMMARY")?.value).toBe(wanted);
        },
      ),
    );
  });
});

describe("the feed and the digest", () => {
  let database: TestDatabase;
  let app: App;
  let server: FastifyInstance;
  let now = new Date("2026-12-07T05:00:00Z");
  beforeEach(async () => {
    database = await openTestDatabase();
    const content = await loadContent(new URL("../../templates", import.meta.url).pathname);
    app = {
      ...testApp(database, [], {
        ...content,
        calendar: [
          { title: "Water week", on: "2026-12-07", until: "2026-12-11", objective: "Water", sdg: [6] },
        ],
      }),
      clock: () => now,
    };
    server = fastify();
    mountCalendar(server, app);
    const author = v7();
    await upsertStaff(database.db, [
      {
        id: author,
        handle: "a",
        name: "A",
        roles: ["author"],
        slackUserId: null,
        phone: null,
        language: "en",
        duties: [],
        active: true,
        sameAs: null,
      },
    ]);
    const broadcast = (title: string, status: string) =>
      database.db.execute(sql`
        insert into broadcasts (id, title, status, audience, texts, channels, priority, content_hash, created_by, send_at)
        values (${v7()}, ${title}, ${status}, '{}', '{}', '{sms}', 2, 'x', ${author}, '2026-12-10T16:00:00Z')`);
    await broadcast("Approved", "scheduled");
    await broadcast("Waits", "awaiting_approval");
    await broadcast("Gone", "cancelled");
    await database.db.execute(sql`
      insert into meetings (id, title, keyword, starts_at, place, capacity, code, planned_by)
      values (${v7()}, 'Budget', 'BUDGET', '2026-12-09T16:00:00Z', 'Hall', 10, '1234', ${author})`);
  });
  afterEach(async () => {
    now = new Date("2026-12-07T05:00:00Z");
    await server.close();
    await database.close();
  });

  const path = async () => new URL(await feedUrl(database.db, app.secrets, app.config.publicUrl)).pathname;

  test("what is decided is in the feed; a wrong or an old address finds nothing", async () => {
    const address = await path();
    const found = await server.inject(address);
    expect(found.headers["content-type"]).toBe("text/calendar; charset=utf-8");
    const titles = parsed(found.body).flatMap(({ name, value }) => (name === "SUMMARY" ? [value] : []));
    expect(titles).toEqual(
      ["Water week", "Town hall: Budget", "Broadcast: Approved"].toSorted(
        (a, b) => titles.indexOf(a) - titles.indexOf(b),
      ),
    );
    expect((await server.inject("/calendar/x.ics")).statusCode).toBe(404);
    await renewFeed(database.db);
    expect((await server.inject(address)).statusCode).toBe(404);
    expect((await server.inject(await path())).statusCode).toBe(200);
  });

  const digests = () =>
    rows<{ blocks: string }>(
      database.db,
      sql`select extras::text as blocks from messages where address = 'slack:#operations'`,
    );

  test("Monday at eight, once, whoever comes first; not in the week in which the program first runs", async () => {
    await digestWeek(app);
    now = new Date("2026-12-07T05:30:00Z");
    await digestWeek(app);
    expect(await digests()).toEqual([]);
    await database.db.execute(sql`delete from settings where key = 'calendar.digest'`);
    await database.db.execute(
      sql`insert into settings (key, value) values ('calendar.digest', '"2026-11-30"')`,
    );
    await digestWeek(app);
    expect(await digests()).toEqual([]);
    now = new Date("2026-12-07T06:00:00Z");
    await Promise.all([digestWeek(app), digestWeek(app)]);
    now = new Date("2026-12-09T06:00:00Z");
    await digestWeek(app);
    const posted = await digests();
    expect(posted).toHaveLength(1);
    expect(posted[0]?.blocks).toContain("*Mon 7 Dec to Fri 11 Dec* Water week _Water; SDG 6_");
    expect(posted[0]?.blocks).toContain("*Wed 9 Dec* 18:00 Town hall: Budget, Hall");
    expect(posted[0]?.blocks).toContain("Broadcast: Waits _(not approved)_");
    expect(posted[0]?.blocks).not.toContain("Gone");
  });
});
