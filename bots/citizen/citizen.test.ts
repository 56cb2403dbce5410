import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition } from "#flows";
import {
  type Database,
  enqueue,
  findContactByAddress,
  findGroup,
  groupsOf,
  listAnswers,
  listConsent,
  PRIORITY,
  rows,
  type StaffMember,
  verifyAudit,
} from "#storage";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../test/support/citizen-app.ts";
import { testDatabases } from "../../test/support/database.ts";
import { fireOne } from "../timers.ts";
import { commit } from "../unit.ts";
import { handBack, replyToCitizen, sessionTimer } from "./index.ts";

const HOUR = 3_600_000;
const WELCOME = "Welcome! What is your name?";

const MANY_THINGS: FlowDefinition = {
  id: "many-things",
  title: { en: "Many things", zu: "Izinto eziningi" },
  keywords: ["WATER"],
  languages: ["en", "zu"],
  start: "ward",
  steps: {
    ward: {
      kind: "ask",
      text: { en: "Which ward?", zu: "Iyiphi iwadi?" },
      answer: { type: "number", min: 1, max: 12, whole: true },
      expires: "2h",
      expired: "pity",
      next: "keep",
    },
    pity: { kind: "end", text: { en: "Pity.", zu: "Maye." } },
    keep: {
      kind: "set",
      values: { "contact.ward": "answers.ward", "contact.name": "'Ward ' + string(answers.ward)" },
      next: "join",
    },
    join: {
      kind: "act",
      acts: [
        { do: "join", group: "Water users" },
        { do: "notify", channel: "#operations", text: { en: "One more water user" } },
      ],
      next: "help",
    },
    help: {
      kind: "ask",
      text: { en: "Talk to a person?", zu: "Khuluma nomuntu?" },
      answer: { type: "yes_no" },
      next: "check",
    },
    check: { kind: "branch", cases: [{ when: "answers.help", next: "hand" }], otherwise: "bye" },
    hand: { kind: "act", acts: [{ do: "hand_over", reason: { en: "Asked for a person" } }], next: "after" },
    after: { kind: "ask", text: { en: "Anything else?" }, answer: { type: "text" }, next: "bye" },
    bye: { kind: "end", text: { en: "Bye.", zu: "Sala kahle." } },
  },
};

const staff = (...roles: StaffMember["roles"][number][]): StaffMember => ({
  id: v7(),
  name: "Naledi",
  slackUserId: "U1",
  phone: null,
  language: "en",
  roles,
  handle: "naledi",
  duties: [],
  active: true,
});

describe.each(testDatabases())("citizens on %s", (_engine, open) => {
  let database: Database;
  let town: CitizenApp;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    await town.openConsultation(THREE_QUESTIONS);
    await town.openConsultation(MANY_THINGS);
  });
  afterAll(() => database.close());

  const someone = () => {
    const number = town.nextNumber();
    const me = `sms:${number}`;
    return {
      me,
      whatsapp: `whatsapp:${number}`,
      write: async (text: string, from = me) => {
        await town.write(from, text);
        return town.heard(from);
      },
      contact: async () => {
        const contact = await findContactByAddress(database.db, me);
        if (!contact) throw new Error("nobody there");
        return contact;
      },
    };
  };
  const inbox = async (contactId: string) =>
    rows<{ text: string; thread: string | null; id: string }>(
      database.db,
      sql`select id, text, extras->>'thread' as thread from messages where kind = 'inbox' and ref = ${contactId} order by id`,
    );
  const statuses = async (contactId: string) =>
    (
      await rows<{ status: string }>(
        database.db,
        sql`select status from sessions where contact_id = ${contactId} order by started_at, id`,
      )
    ).map(({ status }) => status);
  const fire = () => fireOne(town.app, { session: sessionTimer });
  const later = async (milliseconds: number, work: () => Promise<void>) => {
    town.pass(milliseconds);
    await work().finally(() => town.pass(-milliseconds));
  };
  /** Makes the person's timers due, also those that were fired before, by the database's clock. */
  const ring = (contactId: string) =>
    database.db.execute(sql`update timers set due_at = now(), done_at = null
      where ref in (select id from sessions where contact_id = ${contactId})`);

  describe("STOP", () => {
    test("in mid-conversation: one confirmation, then nothing", async () => {
      const { me, whatsapp, write, contact } = someone();
      await write("JOIN");
      const { id } = await contact();
      // A broadcast is waiting for both of the person's addresses, and a reply.
      const waiting = (to: string, consentExempt: boolean) => ({
        to,
        contactId: id,
        text: "news",
        priority: PRIORITY.bulk,
        kind: "broadcast",
        consentExempt,
      });
      await town.write(whatsapp, "hello");
      await enqueue(database.db, [waiting(me, false), waiting(whatsapp, false), waiting(me, true)], v7);
      await town.heard(me);
      await town.heard(whatsapp);
      expect(await write(" Stop! ")).toEqual(["stop_confirmed/en"]);
      expect(await write("stop")).toEqual([]);
      expect(await write("STOP", whatsapp)).toEqual([]);
      expect(await write("Nomsa")).toEqual([]);
      expect(await write("JOIN")).toEqual([]);
      expect(await write("hello?", whatsapp)).toEqual([]);
      expect((await contact()).optedOut).toBe(true);
      expect(await statuses(id)).toEqual(["stopped"]);
      const broadcast = [...(await town.said(me)), ...(await town.said(whatsapp))]
        .filter(({ kind }) => kind === "broadcast")
        .map(({ status, exempt }) => [status, exempt]);
      expect(broadcast).toEqual([
        ["cancelled", false],
        ["queued", true],
        ["cancelled", false],
      ]);
      expect((await town.said(me)).filter(({ kind }) => kind === "consent")).toMatchObject([
        { exempt: true, status: "queued" },
      ]);
      // What the person writes is still there for staff to read.
      expect((await inbox(id)).map(({ text }) => text).join("\n")).toContain(
        "&gt; hello?".replace("&gt;", ">"),
      );
    });

    test("is proven: which words, which message, on which address", async () => {
      const { me, write, contact } = someone();
      await write("hou op");
      const { id } = await contact();
      const [entry, ...more] = await listConsent(database.db, id);
      expect(more).toEqual([]);
      expect(entry).toMatchObject({ kind: "opt_out", source: "keyword HOU OP", address: me });
      const [proof] = await rows(
        database.db,
        sql`select text, address from messages where id = ${entry?.messageId}`,
      );
      expect(proof).toEqual({ text: "hou op", address: me });
      const [audit] = await rows(
        database.db,
        sql`select actor, action from audit_log where subject = ${`contact:${id}`}`,
      );
      expect(audit).toEqual({ actor: `contact:${id}`, action: "consent.opted_out" });
      expect(await verifyAudit(database.db)).toMatchObject({ ok: true });
    });

    test("is confirmed in the person's language, else in the word's", async () => {
      const stranger = someone();
      expect(await stranger.write("Yeka")).toEqual(["stop_confirmed/xh"]);
      const known = someone();
      await known.write("ISIZULU");
      expect(await known.write("Yeka")).toEqual(["stop_confirmed/zu"]);
    });

    test("ends the person's timers too", async () => {
      const { write, contact } = someone();
      await write("WATER");
      await write("STOP");
      const { id } = await contact();
      await ring(id);
      await later(3 * HOUR, async () => {
        expect(await fire()).toBe(true);
        expect(await write("x")).toEqual([]);
        expect(await statuses(id)).toEqual(["stopped"]);
      });
    });

    test("START opens the door again, on every address", async () => {
      const { me, whatsapp, write, contact } = someone();
      await write("STOP");
      expect(await write("Start", whatsapp)).toEqual(["start_confirmed/en"]);
      expect((await contact()).optedOut).toBe(false);
      expect(await write("JOIN")).toEqual([WELCOME]);
      const { id } = await contact();
      expect((await listConsent(database.db, id)).map(({ kind, address }) => [kind, address])).toEqual([
        ["opt_out", me],
        ["opt_in", whatsapp],
      ]);
      await write("STOP");
      expect(await write("yes")).toEqual(["start_confirmed/en"]);
    });
  });

  test.each([
    ["HELP", "en"],
    ["info?", "en"],
    ["Usizo", "zu"],
    ["UNCEDO", "xh"],
    ["hulp", "af"],
  ])("%s is answered in its language, and the conversation goes on", async (word, language) => {
    const { write } = someone();
    await write("JOIN");
    expect(await write(word)).toEqual([`help/${language}`]);
    expect(await write("Nomsa")).toEqual(["Thank you Nomsa. How do you rate the service, from 1 to 5?"]);
    await write("STOP");
    expect(await write(word)).toEqual([`help/${language}`]);
  });

  test("YES to a question is an answer", async () => {
    const { write, contact } = someone();
    await write("WATER");
    await write("4");
    await write("YES");
    expect(await listConsent(database.db, (await contact()).id)).toEqual([]);
    expect((await contact()).handedOver).toBe(true);
  });

  describe("what a flow asks for", () => {
    test("is done: field, name, group, notice, answer, reply", async () => {
      const { write, contact } = someone();
      expect(await write("water")).toEqual(["Which ward?"]);
      const before = (await town.said("slack:#operations")).length;
      const members = (await findGroup(database.db, "Water users"))?.members ?? 0;
      expect(await write("7")).toEqual(["Talk to a person?"]);
      const me = await contact();
      expect(me).toMatchObject({ name: "Ward 7", fields: { ward: 7 } });
      expect(await groupsOf(database.db, me.id)).toEqual(["Water users"]);
      expect((await findGroup(database.db, "Water users"))?.members).toBe(members + 1);
      expect((await town.said("slack:#operations")).slice(before)).toMatchObject([
        { text: "One more water user", kind: "notice" },
      ]);
      expect(await write("no")).toEqual(["Bye."]);
      expect(await statuses(me.id)).toEqual(["completed"]);
    });

    test("a question that nobody answers expires once, and not before its time", async () => {
      const { write, contact, me } = someone();
      await write("WATER");
      const { id } = await contact();
      expect(await fire()).toBe(false);
      // The database says it is due, the engine's clock says it is not: nothing happens early.
      await ring(id);
      expect(await fire()).toBe(true);
      expect(await town.heard(me)).toEqual([]);
      await ring(id);
      await later(2 * HOUR + 1_000, async () => {
        expect(await fire()).toBe(true);
        expect(await town.heard(me)).toEqual(["Pity."]);
        expect(await statuses(id)).toEqual(["completed"]);
        await ring(id);
        expect(await fire()).toBe(true);
        expect(await town.heard(me)).toEqual([]);
      });
    });

    test("an answer in time leaves the timer without effect", async () => {
      const { write, me, contact } = someone();
      await write("WATER");
      await write("3");
      await ring((await contact()).id);
      await later(3 * HOUR, async () => {
        expect(await fire()).toBe(true);
        expect(await town.heard(me)).toEqual([]);
      });
    });

    test("BACK takes the answer back", async () => {
      const { write, contact } = someone();
      await write("WATER");
      await write("7");
      expect(await write("back")).toEqual(["Which ward?"]);
      const { id } = await contact();
      const [session] = await rows<{ id: string }>(
        database.db,
        sql`select id from sessions where contact_id = ${id}`,
      );
      expect(await listAnswers(database.db, session?.id ?? "")).toEqual([]);
    });
  });

  describe("languages", () => {
    test("named outside a conversation it is the person's from then on", async () => {
      const { write, contact } = someone();
      expect(await write("isiZulu")).toEqual(['language_changed/zu {"language":"isiZulu"}']);
      expect((await contact()).language).toBe("zu");
      expect(await write("WATER")).toEqual(["Iyiphi iwadi?"]);
      expect(await write("HELP")).toEqual(["help/zu"]);
    });

    test("named with the keyword", async () => {
      const { write, contact } = someone();
      expect(await write("Water isiZulu")).toEqual(["Iyiphi iwadi?"]);
      expect((await contact()).language).toBe("zu");
    });

    test("named in a conversation", async () => {
      const { write, contact } = someone();
      await write("WATER");
      expect(await write("isizulu")).toEqual(["Iyiphi iwadi?"]);
      expect((await contact()).language).toBe("zu");
    });
  });

  describe("keywords", () => {
    test("another consultation begins, and afterwards the first goes on where it was", async () => {
      const { write, contact } = someone();
      await write("JOIN");
      expect(await write("WATER")).toEqual(["Which ward?"]);
      expect(await write("5")).toEqual(["Talk to a person?"]);
      expect(await write("no")).toEqual(["Bye.", "session_resumed/en", WELCOME]);
      expect(await write("Nomsa")).toEqual(["Thank you Nomsa. How do you rate the service, from 1 to 5?"]);
      expect(await statuses((await contact()).id)).toEqual(["active", "completed"]);
    });

    test("the same keyword again asks the open question again", async () => {
      const { write, contact } = someone();
      await write("WATER");
      await write("JOIN");
      expect(await write("water")).toEqual(["session_resumed/en", "Which ward?"]);
      expect(await write("2")).toEqual(["Talk to a person?"]);
      expect(await statuses((await contact()).id)).toEqual(["active", "active"]);
    });

    test("one slip is forgiven", async () => {
      expect(await someone().write("WATRE")).toEqual(["Which ward?"]);
    });

    test("what is over says so", async () => {
      const id = await town.openConsultation({ ...THREE_QUESTIONS, id: "budget" }, ["BUDGET"], "Budget");
      await database.db.execute(
        sql`update consultations set status = 'closed', closed_at = now() where id = ${id}`,
      );
      expect(await someone().write("budget")).toEqual(['consultation_closed/en {"title":"Budget"}']);
    });

    test("past its closing time it is over, although nobody closed it", async () => {
      const id = await town.openConsultation({ ...THREE_QUESTIONS, id: "roads" }, ["ROADS"], "Roads");
      const { write } = someone();
      expect(await write("ROADS")).toEqual([WELCOME]);
      await database.db.execute(sql`update consultations set closes_at = now() where id = ${id}`);
      expect(await someone().write("ROADS")).toEqual(['consultation_closed/en {"title":"Roads"}']);
      expect(await someone().write("ROAD")).toEqual(["fallback/en"]);
    });

    test("at most so many conversations wait at once", async () => {
      const { write, contact } = someone();
      for (let i = 0; i < 7; i++) {
        await town.openConsultation({ ...THREE_QUESTIONS, id: `many-${i}` }, [`MANY${i}`]);
        await write(`MANY${i}`);
      }
      expect(await statuses((await contact()).id)).toEqual([
        "stopped",
        "stopped",
        ...Array(5).fill("active"),
      ]);
    });
  });

  describe("the inbox", () => {
    test("what nobody understands goes there, and the person is told once an hour", async () => {
      const { me, write, contact } = someone();
      expect(await write("When is <!channel> *refuse* collected?\nThanks & bye")).toEqual(["fallback/en"]);
      expect(await write("Hello?")).toEqual([]);
      const { id } = await contact();
      const [first, second, ...others] = await inbox(id);
      expect(others).toEqual([]);
      expect(first?.text).toContain("> When is &lt;!channel&gt; *refuse* collected?\n> Thanks &amp; bye");
      expect(first?.text).toContain(`…${me.slice(-4)}`);
      expect(first?.text).not.toContain(me.slice(4));
      expect(first?.thread).toBeNull();
      expect(second).toMatchObject({ thread: first?.id });
      await database.db.execute(
        sql`update messages set id = uuid7_floor(now() - interval '61 minutes') where address = ${me} and kind = 'fallback'`,
      );
      expect(await write("Anybody?")).toEqual(["fallback/en"]);
    });

    test("a picture without words", async () => {
      const { me, contact } = someone();
      await town.write(me, "", { media: [{ url: "https://x.test/a", contentType: "image/png" }] });
      expect(await town.heard(me)).toEqual(["unsupported_media/en"]);
      expect((await inbox((await contact()).id))[0]?.text).toContain("image/png");
    });

    test("staff answer where the person wrote last; the bot stays silent until it is handed back", async () => {
      const { me, whatsapp, write, contact } = someone();
      const agent = staff("agent");
      await write("JOIN");
      await write("hm", whatsapp);
      const { id } = await contact();
      const reply = (text: string, by = agent) =>
        commit(town.app, (unit) => replyToCitizen(unit, id, by, text));
      expect(await reply("Good morning")).toMatchObject({ ok: true, address: whatsapp });
      expect(await town.heard(whatsapp)).toEqual(["Good morning"]);
      expect(await write("thank you")).toEqual([]);
      expect(await write("WATER")).toEqual([]);
      expect((await inbox(id)).map(({ text }) => text).join()).toContain("> thank you");
      expect(await reply("You are welcome")).toMatchObject({ ok: true, address: me });
      await town.heard(me);
      expect(await commit(town.app, (unit) => handBack(unit, id, agent))).toBe(true);
      // It was the second question that was open: "hm" was the name.
      const question = "Thank you hm. How do you rate the service, from 1 to 5?";
      expect(await town.heard(me)).toEqual(["session_resumed/en", question]);
      expect(await write("5")).toEqual(["Any comment for the municipality? Comment freely."]);
      expect(await commit(town.app, (unit) => handBack(unit, id, agent))).toBe(false);
      const actions = await rows<{ action: string }>(
        database.db,
        sql`select action from audit_log where actor = ${`staff:${agent.id}`} order by seq`,
      );
      expect(actions.map(({ action }) => action)).toEqual([
        "inbox.replied",
        "inbox.replied",
        "inbox.handed_back",
      ]);
    });

    test("whom staff have not written to for a day can join a consultation again, and the bot answers", async () => {
      const { write, contact } = someone();
      await write("hello");
      const { id } = await contact();
      await commit(town.app, (unit) => replyToCitizen(unit, id, staff("agent"), "Good morning"));
      const silentFor = (hours: number) =>
        database.db.execute(
          sql`update contacts set handed_over_at = now() - ${hours}::int * interval '1 hour' where id = ${id}`,
        );
      await silentFor(23);
      expect(await write("JOIN")).toEqual(["Good morning"]);
      // A word of staff counts anew.
      await silentFor(25);
      await commit(town.app, (unit) => replyToCitizen(unit, id, staff("agent"), "Still there?"));
      expect(await write("JOIN")).toEqual(["Still there?"]);
      await silentFor(25);
      expect(await write("thanks")).toEqual([]);
      expect(await write("JOIN")).toEqual(["Welcome! What is your name?"]);
      expect((await contact()).handedOver).toBe(false);
    });

    test("what cannot be sent is refused in words", async () => {
      const { write, contact } = someone();
      await write("hello");
      const { id } = await contact();
      const reply = (text: string, by: StaffMember, to = id) =>
        commit(town.app, (unit) => replyToCitizen(unit, to, by, text));
      expect(await reply("Hi", staff("viewer"))).toMatchObject({ ok: false });
      expect(await reply("Hi", { ...staff("agent"), active: false })).toMatchObject({ ok: false });
      expect(await reply("  ", staff("agent"))).toMatchObject({ ok: false });
      expect(await reply("x".repeat(1_601), staff("agent"))).toMatchObject({ ok: false });
      expect(await reply("Hi", staff("agent"), v7())).toMatchObject({ ok: false });
      expect(await commit(town.app, (unit) => handBack(unit, id, staff("viewer")))).toBe(false);
      await write("STOP");
      expect(await reply("Hi", staff("agent"))).toMatchObject({
        ok: false,
        words: expect.stringContaining("STOP"),
      });
      expect((await contact()).handedOver).toBe(false);
    });

    test("a flow hands over: the person is told, staff read why, and the rest waits", async () => {
      const { write, contact } = someone();
      await write("WATER");
      await write("1");
      expect(await write("yes")).toEqual(["Anything else?", "handed_over/en"]);
      const { id } = await contact();
      expect((await inbox(id))[0]?.text).toContain("Asked for a person");
      expect(await write("My tap is dry")).toEqual([]);
      expect((await inbox(id))[1]?.text).toContain("> My tap is dry");
      await commit(town.app, (unit) => handBack(unit, id, staff("agent")));
      expect(await write("No")).toEqual(["session_resumed/en", "Anything else?", "Bye."]);
    });

    test("a question answered wrong too often is handed over", async () => {
      const { write, contact } = someone();
      await write("JOIN");
      await write("Nomsa");
      await write("x");
      await write("y");
      expect(await write("z")).toEqual(["handed_over/en"]);
      expect((await contact()).handedOver).toBe(true);
    });

    test("a flow that is broken ends, and staff know", async () => {
      await town.openConsultation(
        {
          ...THREE_QUESTIONS,
          id: "broken",
          start: "a",
          steps: { a: { kind: "say", text: { en: "Hi" }, next: "nowhere" } },
        },
        ["BROKEN"],
      );
      const { write, contact } = someone();
      expect(await write("broken")).toEqual([]);
      const { id } = await contact();
      expect(await statuses(id)).toEqual(["failed"]);
      expect((await inbox(id))[0]?.text).toContain("broke off");
    });

    test("without Slack nothing is put out for it", async () => {
      const bare = openCitizenApp(database, ["sms"]);
      const me = `sms:${town.nextNumber()}`;
      const before = (await town.said("slack:#inbox")).length;
      await bare.write(me, "hello");
      expect(await bare.heard(me)).toEqual(["fallback/en"]);
      expect(await town.said("slack:#inbox")).toHaveLength(before);
    });
  });
});
