import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Channel, InboundMessage } from "#channels";
import { type Database, listAnswers, publishFlow, rows } from "#storage";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../test/support/citizen-app.ts";
import { testDatabases } from "../test/support/database.ts";
import { catchUp, handleArrival, MAX_TRIES, retryReceived } from "./inbound.ts";

const JOINED = ["Welcome! What is your name?"];
const NAMED = ["Thank you Nomsa. How do you rate the service, from 1 to 5?"];

describe.each(testDatabases())("what comes in, on %s", (engine, open) => {
  let database: Database;
  let town: CitizenApp;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    await town.openConsultation(THREE_QUESTIONS);
  });
  afterAll(() => database.close());
  afterEach(() => vi.restoreAllMocks());

  const one = async <T>(query: ReturnType<typeof sql>): Promise<T> =>
    (await rows<T>(database.db, query))[0] as T;
  const count = async (query: ReturnType<typeof sql>): Promise<number> => (await one<{ n: number }>(query)).n;
  const inbound = (address: string, status: string) =>
    count(
      sql`select count(*)::int as n from messages where direction = 'in' and address = ${address} and status = ${status}::message_status`,
    );
  const contactsAt = (n: string) =>
    count(
      sql`select count(distinct contact_id)::int as n from addresses where address in (${`sms:${n}`}, ${`whatsapp:${n}`})`,
    );
  const answersOf = async (address: string) => {
    const { id } = await one<{ id: string }>(sql`select id from sessions where address = ${address}`);
    return Object.fromEntries((await listAnswers(database.db, id)).map((a) => [a.question, a.value]));
  };

  test("the survey of three questions", async () => {
    const me = `sms:${town.nextNumber()}`;
    const say = async (text: string) => {
      await town.write(me, text);
      return town.heard(me);
    };
    expect(await say("JOIN")).toEqual(JOINED);
    expect(await say("Nomsa")).toEqual(NAMED);
    expect(await say("9")).toEqual(["Sorry, please answer with a number from 1 to 5."]);
    expect(await say("4")).toEqual(["Any comment for the municipality? Comment freely."]);
    expect(await say("Fix the potholes, please")).toEqual(["Thank you for taking part!"]);
    expect(await answersOf(me)).toEqual({ name: "Nomsa", rating: 4, comment: "Fix the potholes, please" });
    expect(await inbound(me, "processed")).toBe(5);
    expect(
      await one(sql`select status, turn, ended_at is not null as ended from sessions where address = ${me}`),
    ).toEqual({ status: "completed", turn: 5, ended: true });
    const replies = await town.said(me);
    expect(replies.map(({ kind, status }) => [kind, status])).toEqual(Array(5).fill(["reply", "queued"]));
  });

  test("one carrier id has one effect, twenty deliveries at once or not", async () => {
    const me = `sms:${town.nextNumber()}`;
    const providerId = `SM${v7()}`;
    await Promise.all(Array.from({ length: 20 }, () => town.write(me, "JOIN", { providerId })));
    await town.write(me, "JOIN", { providerId });
    expect(await town.heard(me)).toEqual(JOINED);
    expect(await inbound(me, "processed")).toBe(1);
    // The same id on another channel is another message.
    await town.write(me.replace("sms", "whatsapp"), "STOP", { providerId });
    expect(
      await count(sql`select count(*)::int as n from inbound_keys where provider_id = ${providerId}`),
    ).toBe(2);
  });

  test("messages of one person that come at once are taken one after the other", async () => {
    const me = `sms:${town.nextNumber()}`;
    await town.write(me, "JOIN");
    await Promise.all(["Nomsa", "3", "Well done"].map((text) => town.write(me, text)));
    expect(await answersOf(me)).toEqual({ name: "Nomsa", rating: 3, comment: "Well done" });
    expect(await town.heard(me)).toEqual([
      ...JOINED,
      ...NAMED,
      "Any comment for the municipality? Comment freely.",
      "Thank you for taking part!",
    ]);
  });

  test("first messages of one stranger at once make one person and one conversation", async () => {
    const n = town.nextNumber();
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => town.write(`${i % 2 ? "sms" : "whatsapp"}:${n}`, "JOIN")),
    );
    expect(await contactsAt(n)).toBe(1);
    expect(
      await count(
        sql`select count(*)::int as n from sessions s join addresses a on a.contact_id = s.contact_id where a.address = ${`sms:${n}`}`,
      ),
    ).toBe(1);
  });

  test("many people at once, each with their own conversation", async () => {
    const people = Array.from({ length: 30 }, () => `sms:${town.nextNumber()}`);
    await Promise.all(
      people.map(async (me, i) => {
        await town.write(me, "JOIN");
        await town.write(me, `P${i}`);
        await town.write(me, String((i % 5) + 1));
        await town.write(me, `comment ${i}`);
      }),
    );
    for (const [i, me] of people.entries())
      expect(await answersOf(me)).toEqual({ name: `P${i}`, rating: (i % 5) + 1, comment: `comment ${i}` });
  });

  test("two processes that get the same messages give them one effect", async () => {
    // A second copy of every module: nothing in memory is shared, only the database.
    vi.resetModules();
    const second = await import("./inbound.ts");
    expect(second.handleArrival).not.toBe(handleArrival);
    const people = Array.from({ length: 12 }, () => `sms:${town.nextNumber()}` as const);
    for (const text of ["JOIN", "Nomsa", "4", "Well done"]) {
      await Promise.all(
        people.flatMap((from) => {
          const message = { providerId: `SM${v7()}`, from, to: "sms:+27600009000" as const, text };
          const arrival = { kind: "message" as const, channel: "sms" as const, message };
          return [handleArrival, second.handleArrival, handleArrival].map((handle) =>
            handle(town.app, "sms", arrival),
          );
        }),
      );
    }
    for (const me of people) {
      expect(await answersOf(me)).toEqual({ name: "Nomsa", rating: 4, comment: "Well done" });
      expect(await town.heard(me)).toHaveLength(4);
      expect(await contactsAt(me.slice(4))).toBe(1);
      expect(await inbound(me, "processed")).toBe(4);
      expect(await inbound(me, "received")).toBe(0);
    }
  });

  test("two processes with different answers at once take one after the other", async () => {
    vi.resetModules();
    const second = await import("./inbound.ts");
    for (let round = 0; round < 10; round++) {
      const me = `sms:${town.nextNumber()}` as const;
      await town.write(me, "JOIN");
      const say = (handle: typeof handleArrival, text: string) =>
        handle(town.app, "sms", {
          kind: "message",
          channel: "sms",
          message: { providerId: `SM${v7()}`, from: me, to: "sms:+27600009000", text },
        });
      await Promise.all([say(handleArrival, "5"), say(second.handleArrival, "3")]);
      const { name, rating } = await answersOf(me);
      expect([
        ["5", 3],
        ["3", 5],
      ]).toContainEqual([name, rating]);
      expect(await inbound(me, "received")).toBe(0);
    }
  });

  test("a conversation begun by SMS goes on by WhatsApp", async () => {
    const n = town.nextNumber();
    await town.write(`sms:${n}`, "JOIN");
    await town.write(`whatsapp:${n}`, "Nomsa");
    expect(await town.heard(`whatsapp:${n}`)).toEqual(NAMED);
    expect(await contactsAt(n)).toBe(1);
  });

  test("a restart between every two messages changes nothing", async () => {
    const me = `sms:${town.nextNumber()}`;
    const heard: string[] = [];
    for (const text of ["JOIN", "Nomsa", "x", "5", "ok"]) {
      // Another process: nothing that was in memory is there.
      const anew = openCitizenApp({ ...database });
      await anew.write(me, text);
      heard.push(...(await town.heard(me)));
    }
    expect(heard).toHaveLength(5);
    expect(heard.at(-1)).toBe("Thank you for taking part!");
  });

  test("a session keeps its version while a newer one is published and another consultation opens with it", async () => {
    const me = `sms:${town.nextNumber()}`;
    await town.write(me, "JOIN");
    await publishFlow(database.db, {
      ...THREE_QUESTIONS,
      start: "thanks",
      steps: { thanks: { kind: "end", text: { en: "It is over." } } },
    });
    const anew = openCitizenApp({ ...database });
    await anew.write(me, "Nomsa");
    expect(await town.heard(me)).toEqual([...JOINED, ...NAMED]);
  });

  test("what came with a message is kept, and when it was seen", async () => {
    const me = `whatsapp:${town.nextNumber()}`;
    await town.write(me, "JOIN", {
      media: [{ url: "https://example.org/a.jpg", contentType: "image/jpeg" }],
      location: { latitude: -29.7, longitude: 31.1 },
      choice: "1",
      sentAt: "2026-11-23T06:00:00.000Z",
    });
    expect(
      await one(
        sql`select text, extras, kind, status from messages where address = ${me} and direction = 'in'`,
      ),
    ).toEqual({
      text: "JOIN",
      kind: "citizen",
      status: "processed",
      extras: {
        to: "whatsapp:+27600009000",
        choice: "1",
        media: [{ url: "https://example.org/a.jpg", contentType: "image/jpeg" }],
        location: { latitude: -29.7, longitude: 31.1 },
        sentAt: "2026-11-23T06:00:00.000Z",
      },
    });
    expect(
      await count(
        sql`select count(*)::int as n from addresses where address = ${me} and last_inbound_at > now() - interval '1 minute'`,
      ),
    ).toBe(1);
  });

  test("a short code is kept and never answered", async () => {
    await town.write("sms:10177", "STOP");
    await town.write("sms:VODACOM", "Win a car!");
    expect(await town.said("sms:10177")).toEqual([]);
    expect(
      await count(
        sql`select count(*)::int as n from messages where address in ('sms:10177', 'sms:VODACOM') and status = 'processed'`,
      ),
    ).toBe(2);
    expect(
      await count(
        sql`select count(*)::int as n from addresses where address in ('sms:10177', 'sms:VODACOM')`,
      ),
    ).toBe(0);
  });

  describe("when processing fails", () => {
    const breakTurns = () =>
      vi.spyOn(town.app.content, "say").mockImplementation(() => {
        throw new Error("a bug: \u0000 with a NUL");
      });
    const failure = (address: string) =>
      one<{ attempts: number; error: string; aside: boolean } | undefined>(
        sql`select f.attempts, f.error, f.set_aside_at is not null as aside from inbound_failures f
            join messages m on m.id = f.message_id where m.address = ${address}`,
      );

    test("the message is kept as received, tried again, and has its effect once", async () => {
      const me = `sms:${town.nextNumber()}`;
      const providerId = `SM${v7()}`;
      const broken = breakTurns();
      await town.write(me, "HELP", { providerId });
      expect(await town.heard(me)).toEqual([]);
      expect(await inbound(me, "received")).toBe(1);
      expect(await failure(me)).toEqual({ attempts: 1, error: "Error: a bug:  with a NUL", aside: false });
      // Nothing else of the failed try was kept.
      expect(await count(sql`select count(*)::int as n from addresses where address = ${me}`)).toBe(0);
      broken.mockRestore();
      // Delivered again by the carrier: known already. Not due yet: left alone.
      await town.write(me, "HELP", { providerId });
      await retryReceived(town.app);
      expect(await town.heard(me)).toEqual([]);
      await database.db.execute(sql`update inbound_failures set retry_at = now()`);
      await Promise.all([retryReceived(town.app), retryReceived(town.app), retryReceived(town.app)]);
      expect(await town.heard(me)).toEqual(["help/en"]);
      expect(await inbound(me, "processed")).toBe(1);
      expect(await failure(me)).toBeUndefined();
    });

    test("with growing pauses, and set aside for staff after the last try", async () => {
      const me = `sms:${town.nextNumber()}`;
      await town.write(me, "JOIN");
      await town.heard(me);
      const inboxBefore = (await town.said("slack:#inbox")).length;
      breakTurns();
      await town.write(me, "HELP");
      const pauses: number[] = [];
      for (let tries = 2; tries <= MAX_TRIES; tries++) {
        await database.db.execute(sql`update inbound_failures set retry_at = now()`);
        await retryReceived(town.app);
        pauses.push(
          (
            await one<{ s: number }>(
              sql`select extract(epoch from max(retry_at) - now())::float8 as s from inbound_failures`,
            )
          ).s,
        );
        expect((await failure(me))?.attempts).toBe(tries);
      }
      expect((await failure(me))?.aside).toBe(true);
      for (const [i, pause] of pauses.slice(1).entries())
        expect(pause / (pauses[i] ?? 0)).toBeGreaterThan(1.8);
      await database.db.execute(sql`update inbound_failures set retry_at = now()`);
      await retryReceived(town.app);
      expect((await failure(me))?.attempts).toBe(MAX_TRIES);
      const inbox = (await town.said("slack:#inbox")).slice(inboxBefore);
      expect(inbox).toHaveLength(1);
      expect(inbox[0]?.text).toContain("could not be processed");
      // Whoever was set aside can still write: STOP gets through.
      vi.restoreAllMocks();
      await town.write(me, "STOP");
      expect(await town.heard(me)).toEqual(["stop_confirmed/en"]);
    });

    test("a stranger's too, although nobody knows who it is", async () => {
      const me = `sms:${town.nextNumber()}`;
      const before = (await town.said("slack:#inbox")).length;
      breakTurns();
      await town.write(me, "HELP");
      for (let tries = 2; tries <= MAX_TRIES; tries++) {
        await database.db.execute(sql`update inbound_failures set retry_at = now()`);
        await retryReceived(town.app);
      }
      const [notice, ...more] = (await town.said("slack:#inbox")).slice(before);
      expect(more).toEqual([]);
      expect(notice?.text).toContain(me.slice(-4));
      expect(notice?.text).not.toContain("HELP");
    });

    test("an earlier message that failed comes before a later one", async () => {
      const me = `sms:${town.nextNumber()}`;
      await town.write(me, "JOIN");
      await town.heard(me);
      const clock = vi
        .spyOn(town.app, "newId")
        .mockImplementationOnce(() => v7())
        .mockImplementationOnce(() => {
          throw new Error("no ids");
        });
      await town.write(me, "Nomsa");
      clock.mockRestore();
      expect(await inbound(me, "received")).toBe(1);
      await town.write(me, "5");
      expect(await town.heard(me)).toEqual([...NAMED, "Any comment for the municipality? Comment freely."]);
      expect(await answersOf(me)).toEqual({ name: "Nomsa", rating: 5 });
    });

    test("a database that cannot be reached is the carrier's to know", async () => {
      const me = `sms:${town.nextNumber()}`;
      const gone = { ...database, db: { transaction: async () => Promise.reject(new Error("gone")) } };
      const app = { ...town.app, database: gone as unknown as Database };
      const message: InboundMessage = {
        providerId: "x1",
        from: me as `sms:${string}`,
        to: "sms:+27600009000",
        text: "JOIN",
      };
      await expect(handleArrival(app, "sms", { kind: "message", channel: "sms", message })).rejects.toThrow(
        "gone",
      );
    });
  });

  test("what came while we were down is fetched, each once, in order", async () => {
    const [a, b] = [`sms:${town.nextNumber()}`, `sms:${town.nextNumber()}`];
    const asked: string[] = [];
    const listed = (from: string, text: string, providerId: string): InboundMessage => ({
      providerId,
      from: from as `sms:${string}`,
      to: "sms:+27600009000",
      text,
    });
    const known = `SM${v7()}`;
    const list = [listed(a, "JOIN", known), listed(b, "JOIN", `SM${v7()}`), listed(a, "Nomsa", `SM${v7()}`)];
    const channel = {
      ...(town.app.channels.get("sms") as Channel),
      async *missedSince(since: string) {
        asked.push(since);
        yield* list;
      },
    };
    await catchUp(town.app, channel);
    expect(asked).toEqual([]);
    await town.write(a, "JOIN", { providerId: known });
    const before = Date.now();
    await catchUp(town.app, channel);
    expect(Date.parse(asked[0] ?? "")).toBeLessThan(before - 60_000);
    expect(await town.heard(a)).toEqual([...JOINED, ...NAMED]);
    expect(await town.heard(b)).toEqual(JOINED);
    await catchUp(town.app, channel);
    expect(await town.heard(a)).toEqual([]);
    // A list that breaks off is fetched again from the same place.
    const failing = {
      ...channel,
      async *missedSince() {
        yield* list;
        throw new Error("carrier down");
      },
    };
    await expect(catchUp(town.app, failing)).rejects.toThrow("carrier down");
    await catchUp(town.app, channel);
    expect(asked).toHaveLength(3);
    await catchUp(town.app, { ...channel, name: "whatsapp" });
    expect(asked).toHaveLength(3);
  });

  test("a receipt moves our message on", async () => {
    const me = `sms:${town.nextNumber()}`;
    await town.write(me, "HELP");
    const [reply] = await town.said(me);
    await database.db.execute(
      sql`update messages set status = 'sent', provider_id = 'SM9' where id = ${reply?.id}`,
    );
    await handleArrival(town.app, "sms", {
      kind: "receipt",
      channel: "sms",
      receipt: { providerId: "SM9", status: "delivered" },
    });
    expect((await town.said(me))[0]?.status).toBe("delivered");
  });

  test.runIf(engine === "postgres")("the person's messages wait, other people's do not", async () => {
    const [a, b] = [`sms:${town.nextNumber()}`, `sms:${town.nextNumber()}`];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = () => {};
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const holder = database.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${a.slice(4)}, 0))`);
      locked();
      await held;
    });
    await isLocked;
    const waiting = town.write(a, "JOIN");
    await town.write(b, "JOIN");
    expect(await town.heard(b)).toEqual(JOINED);
    expect(await town.heard(a)).toEqual([]);
    release();
    await Promise.all([holder, waiting]);
    expect(await town.heard(a)).toEqual(JOINED);
  });
});
