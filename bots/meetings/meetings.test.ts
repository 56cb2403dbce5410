import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  findMeeting,
  listNeeds,
  listQuestions,
  rows,
  type StaffMember,
  upsertStaff,
  viewMeetings,
} from "#storage";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { fireOne } from "../timers.ts";
import { commit } from "../unit.ts";
import {
  answer,
  asSeen,
  cancelMeeting,
  changeMeeting,
  closeMeeting,
  meetingTimers,
  merge,
  openMeeting,
  planMeeting,
  putOnList,
  sendList,
  setAside,
} from "./index.ts";
import { MEETING_REMINDER } from "./timers.ts";

const HOUR = 3_600_000;

describe.each(testDatabases())("town halls on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let zola: StaffMember;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    const [person] = await upsertStaff(database.db, [
      {
        id: v7(),
        name: "Zola",
        slackUserId: null,
        phone: null,
        language: "en",
        roles: ["author"],
        handle: "zola",
        duties: [],
        active: true,
      },
    ]);
    if (!person) throw new Error("no staff");
    zola = person;
    // Noon in the municipality tomorrow: no quiet hour, whenever the test runs.
    const noon = new Date(Date.now() + 24 * HOUR);
    noon.setUTCHours(10, 0, 0, 0);
    town.pass(noon.getTime() - Date.now());
  });
  afterAll(() => database.close());

  const inHours = (hours: number) => new Date(town.app.clock().getTime() + hours * HOUR);
  const plan = (keyword: string, capacity = 10, startsAt = inHours(50)) =>
    commit(town.app, (unit) =>
      planMeeting(unit, zola, {
        title: `${keyword} talk`,
        keyword,
        startsAt,
        place: "Civic Centre",
        capacity,
      }),
    );
  const planned = async (...of: Parameters<typeof plan>): Promise<string> => {
    const outcome = await plan(...of);
    if (!outcome.done) throw new Error(outcome.words);
    return outcome.id;
  };
  const someone = () => `sms:${town.nextNumber()}`;
  /** The keys of what a person was told since the last time. */
  const told = async (address: string) =>
    (await town.heard(address)).map((text) => text.replace(/\/.*$/s, ""));
  const say = async (address: string, ...texts: string[]) => {
    for (const text of texts) await town.write(address, text);
    return told(address);
  };
  const view = async (id: string) => (await viewMeetings(database.db)).find((m) => m.id === id);
  const attendees = (id: string) =>
    rows<{ address: string; status: string; people: number; position: number | null }>(
      database.db,
      sql`select d.address, a.status, a.people, a.position from meeting_attendees a
          join addresses d on d.contact_id = a.contact_id where a.meeting_id = ${id} order by a.position, d.address`,
    );
  const audited = async (id: string) =>
    (
      await rows<{ action: string }>(
        database.db,
        sql`select action from audit_log where subject = ${`meeting:${id}`} order by seq`,
      )
    ).map(({ action }) => action);

  // ── Planning ────────────────────────────────────────────────────────────────────────────────────────

  test("a keyword leads to one place, and means nothing else", async () => {
    await planned("DAM");
    expect(await plan("dam")).toMatchObject({ done: false, about: "keyword" });
    await town.openConsultation({ ...THREE_QUESTIONS, id: "taken" }, ["TAKEN"]);
    for (const word of ["TAKEN", "STOP", "ask", "HERE", "isizulu", "3RD", "A", "TWO WORDS"])
      expect(await plan(word)).toMatchObject({ done: false, about: "keyword" });
    expect(await plan("LATE", 10, inHours(-1))).toMatchObject({ done: false, about: "starts_at" });
    expect(await plan("NONE", 0)).toMatchObject({ done: false, about: "capacity" });
    const both = await Promise.all([plan("TWICE"), plan("TWICE")]);
    expect(both.filter(({ done }) => done)).toHaveLength(1);
  });

  // ── Seats ───────────────────────────────────────────────────────────────────────────────────────────

  test("keyword, then YES, NO or a number of people", async () => {
    const id = await planned("HALL");
    const [a, b, c] = [someone(), someone(), someone()];
    expect(await say(a, "Hall")).toEqual(["meeting_invitation"]);
    expect(await say(a, "YES")).toEqual(["meeting_coming"]);
    expect(await say(a, "yes 3")).toEqual(["meeting_coming"]);
    expect(await say(b, "hall", "4")).toEqual(["meeting_invitation", "meeting_coming"]);
    expect(await say(c, "HALL YES +1")).toEqual(["meeting_coming"]);
    expect((await view(id))?.coming).toBe(9);
    expect(await say(c, "HALL")).toEqual(["meeting_coming"]);
    expect(await say(c, "no")).toEqual(["meeting_declined"]);
    expect((await view(id))?.coming).toBe(7);
    expect(await say(c, "YES 11")).toEqual(["meeting_too_many"]);
    // A number alone, once they have answered, is for staff to read; so is what only begins with NO.
    expect(await say(a, "2")).toEqual(["fallback"]);
    expect(await say(b, "No water here since Monday")).toEqual(["fallback"]);
    expect((await view(id))?.coming).toBe(7);
    const kinds = (await town.said(a)).map(({ kind }) => kind);
    expect(kinds).toEqual(["meeting", "meeting", "meeting", "fallback"]);
  });

  test("the keyword and a language: what follows is in that language", async () => {
    await planned("TONGUE");
    const address = someone();
    await town.write(address, "TONGUE isizulu");
    expect((await town.heard(address))[0]).toMatch(/^meeting_invitation\/zu/);
    await town.write(address, "yebo 2");
    expect((await town.heard(address))[0]).toMatch(/^meeting_coming\/zu .*"people":2/);
  });

  test("a rush of 20 for 10 seats: never over-filled, the others wait in order", async () => {
    const id = await planned("RUSH", 10);
    const many = Array.from({ length: 20 }, someone);
    await Promise.all(many.map((address) => town.write(address, "RUSH")));
    await Promise.all(many.map((address) => town.write(address, "YES")));
    const all = await attendees(id);
    expect(all.filter(({ status }) => status === "coming")).toHaveLength(10);
    const waiting = all.filter(({ status }) => status === "waiting");
    expect(waiting.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // Everybody heard the place that they have.
    for (const [i, { address }] of waiting.entries())
      expect((await town.heard(address)).at(-1)).toContain(`"position":${i + 1}`);
    expect(await view(id)).toMatchObject({ coming: 10, waiting: 10 });
    // Those who give up are followed by the first in line, however many at once.
    const going = all.filter(({ status }) => status === "coming").slice(0, 4);
    await Promise.all(going.map(({ address }) => town.write(address, "NO")));
    expect(await view(id)).toMatchObject({ coming: 10, waiting: 6 });
    for (const [i, { address }] of waiting.entries())
      expect(await told(address)).toEqual(i < 4 ? ["meeting_promoted"] : []);
  });

  test("who gives up seats makes room for the first who fit, and these are told", async () => {
    const id = await planned("ROOM", 4);
    const [a, b, c, d, e] = [someone(), someone(), someone(), someone(), someone()];
    expect(await say(a, "ROOM YES 2")).toEqual(["meeting_coming"]);
    expect(await say(b, "ROOM YES 2")).toEqual(["meeting_coming"]);
    expect(await say(c, "ROOM YES 3")).toEqual(["meeting_waiting"]);
    expect(await say(d, "ROOM YES 2")).toEqual(["meeting_waiting"]);
    expect(await say(e, "ROOM YES")).toEqual(["meeting_waiting"]);
    expect(await say(a, "YES 4")).toEqual(["meeting_no_room"]);
    expect(await say(a, "YES 1")).toEqual(["meeting_coming"]);
    expect(await told(e)).toEqual(["meeting_promoted"]);
    expect(await say(b, "NO")).toEqual(["meeting_declined"]);
    expect(await told(d)).toEqual(["meeting_promoted"]);
    expect(await say(c, "ROOM")).toEqual(["meeting_waiting"]);
    expect(await say(c, "NO")).toEqual(["meeting_declined"]);
    expect(await view(id)).toMatchObject({ coming: 4, waiting: 0 });
  });

  test("who said STOP is told nothing, and does not get seats of which they could not hear", async () => {
    const id = await planned("STILL", 1);
    const [a, b, c] = [someone(), someone(), someone()];
    await say(a, "STILL YES");
    await say(b, "STILL YES");
    await say(c, "STILL YES");
    await say(b, "STOP");
    await say(a, "NO");
    expect(await told(b)).toEqual([]);
    expect(await told(c)).toEqual(["meeting_promoted"]);
    await say(c, "STOP");
    await commit(town.app, (unit) => cancelMeeting(unit, zola, id, "no power"));
    expect(await told(b)).toEqual([]);
    expect(await told(c)).toEqual([]);
    expect(await audited(id)).toEqual(["meeting.planned", "meeting.cancelled"]);
  });

  test("a conversation's question that came later is answered first, and what is said by keyword is heard", async () => {
    await planned("BESIDE");
    await town.openConsultation({ ...THREE_QUESTIONS, id: "beside" }, ["SURVEY"]);
    const a = someone();
    await say(a, "BESIDE", "SURVEY");
    expect(await town.heard(a)).toEqual([]);
    await town.write(a, "No");
    expect((await town.heard(a))[0]).toContain("Thank you No");
    expect(await say(a, "BESIDE NO")).toEqual(["meeting_declined"]);
    await town.write(a, "Beside me nobody answers");
    expect((await town.heard(a))[0]).toContain("from 1 to 5");
    // Once the meeting has its answer, the conversation has the next one, also of what sounds like the meeting's.
    expect(await say(a, "BESIDE", "YES 2")).toEqual(["meeting_invitation", "meeting_coming"]);
    await town.write(a, "3");
    expect((await town.heard(a))[0]).toContain("Any comment");
    await town.write(a, "Ask the mayor");
    expect((await town.heard(a))[0]).toContain("Thank you for taking part");
    expect(await say(a, "ask the mayor")).toEqual(["meeting_question_received"]);
    expect(await say(a, "No")).toEqual(["meeting_declined"]);
  });

  // ── Questions ───────────────────────────────────────────────────────────────────────────────────────

  const questions = async (id: string) => {
    const found = await rows<{ id: string; text: string }>(
      database.db,
      sql`select id, text from meeting_questions where meeting_id = ${id} order by id`,
    );
    return new Map(found.map((q) => [q.text, q.id]));
  };

  test("questions reach the moderators; listed ones are voted up, once a person", async () => {
    const id = await planned("ASKING");
    const [a, b, c] = [someone(), someone(), someone()];
    for (const each of [a, b, c]) await say(each, "ASKING YES");
    expect(await say(a, "ASK When is the water back?")).toEqual(["meeting_question_received"]);
    expect(await say(b, "ask Who pays?")).toEqual(["meeting_question_received"]);
    expect(await say(c, "ASKING ask Water when?")).toEqual(["meeting_question_received"]);
    expect(await say(c, "UP 1")).toEqual(["meeting_no_question"]);
    const posts = await rows<{ text: string; kind: string }>(
      database.db,
      sql`select m.text, m.kind from messages m join meeting_questions q on q.id = m.ref
          where m.kind = 'meeting_question' and q.meeting_id = ${id}`,
    );
    expect(posts).toHaveLength(3);
    const asked = await questions(id);
    const water = asked.get("When is the water back?") ?? "";
    const pays = asked.get("Who pays?") ?? "";
    const again = asked.get("Water when?") ?? "";
    await commit(town.app, (unit) => putOnList(unit, zola, pays));
    await commit(town.app, (unit) => putOnList(unit, zola, water));
    expect(await told(a)).toEqual(["meeting_question_listed"]);
    expect(await say(c, "UP 2")).toEqual(["meeting_voted"]);
    expect(await say(c, "up 2", "UP 2")).toEqual(["meeting_voted_already", "meeting_voted_already"]);
    // Whoever asked it wants it asked.
    expect(await say(a, "UP 2")).toEqual(["meeting_voted_already"]);
    const listed = async () =>
      (await listQuestions(database.db, id, "listed")).map(({ number, votes }) => [number, votes]);
    expect(await listed()).toEqual([
      [2, 2],
      [1, 1],
    ]);
    await Promise.all([b, b, b].map((each) => town.write(each, "UP 2")));
    expect((await listed())[0]).toEqual([2, 3]);
    // c voted for it already: the merged question brings nobody new.
    await told(c);
    expect(await commit(town.app, (unit) => merge(unit, zola, again, water))).toMatchObject({ done: true });
    expect((await listed())[0]).toEqual([2, 3]);
    expect(await told(c)).toEqual(["meeting_question_listed"]);
    await say(c, "LIST");
    await say(a, "STOP");
    expect(await commit(town.app, (unit) => sendList(unit, zola, id))).toMatchObject({ done: true });
    expect(await told(a)).toEqual([]);
    expect((await told(b)).at(-1)).toBe("meeting_questions");
    await told(c);
    // The answer goes to those who asked in other words too, and not to who said STOP.
    const outcome = await commit(town.app, (unit) => answer(unit, zola, water, "In June."));
    expect(outcome).toMatchObject({ done: true });
    expect(await told(c)).toEqual(["meeting_answer"]);
    expect(await told(a)).toEqual([]);
    expect(await commit(town.app, (unit) => setAside(unit, zola, water))).toMatchObject({ done: false });
    expect(await commit(town.app, (unit) => merge(unit, zola, pays, water))).toMatchObject({ done: false });
    expect(await commit(town.app, (unit) => setAside(unit, zola, pays))).toMatchObject({ done: true });
    expect(await audited(id)).toEqual([
      "meeting.planned",
      "meeting.question_listed",
      "meeting.question_listed",
      "meeting.question_merged",
      "meeting.list_sent",
      "meeting.question_answered",
      "meeting.question_set_aside",
    ]);
  });

  test("one person has a few questions, and others their turn", async () => {
    await planned("TURNS");
    const a = someone();
    const said = await say(a, "TURNS", ...Array.from({ length: 6 }, (_, i) => `ask question ${i}`));
    expect(said.filter((key) => key === "meeting_question_received")).toHaveLength(5);
    expect(said.at(-1)).toBe("meeting_question_limit");
  });

  // ── Before, during, after ───────────────────────────────────────────────────────────────────────────

  test("reminders the day before and two hours before, to those who come, outside quiet hours", async () => {
    const id = await planned("REMIND", 2);
    const [a, b, c] = [someone(), someone(), someone()];
    for (const each of [a, b, c]) await say(each, "REMIND YES");
    await say(b, "STOP");
    const due = await rows<{ epoch: number; hours: number }>(
      database.db,
      sql`select t.epoch, round(extract(epoch from m.starts_at - t.due_at) / 3600)::int as hours
          from timers t join meetings m on m.id = t.ref
          where t.kind = ${MEETING_REMINDER} and t.ref = ${id} order by epoch`,
    );
    // It begins at 14:00.
    expect(due).toEqual([
      { epoch: 0, hours: 24 },
      { epoch: 1, hours: 2 },
    ]);
    const fire = async (epoch: number) => {
      await database.db.execute(sql`update timers set due_at = now() - interval '1 minute'
        where kind = ${MEETING_REMINDER} and ref = ${id} and epoch = ${epoch}`);
      await fireOne(town.app, meetingTimers);
    };
    await fire(0);
    expect(await told(a)).toEqual(["meeting_reminder"]);
    expect(await told(b)).toEqual([]);
    expect(await told(c)).toEqual([]);
    // What reminds can be answered.
    expect(await say(a, "NO")).toEqual(["meeting_declined"]);
    expect(await told(c)).toEqual(["meeting_promoted"]);
    // Nothing ran in time, and now it is night: it waits for the morning.
    town.pass(12 * HOUR);
    await fire(1);
    expect(await told(c)).toEqual([]);
    const [later] = await rows<{ hour: string }>(
      database.db,
      sql`select to_char(due_at at time zone 'Africa/Johannesburg', 'HH24:MI') as hour from timers
          where kind = ${MEETING_REMINDER} and ref = ${id} and done_at is null`,
    );
    expect(later?.hour).toBe("08:00");
    town.pass(-12 * HOUR);
    await fire(2);
    expect(await told(c)).toEqual(["meeting_reminder"]);
  });

  test("a meeting that begins early is reminded of the day before, not in the night", async () => {
    const early = inHours(42);
    const id = await planned("EARLY", 2, early);
    const [a, b] = [someone(), "sms:+919812345678"];
    for (const each of [a, b]) await say(each, "EARLY YES");
    const due = () =>
      rows<{ at: string; zones: unknown }>(
        database.db,
        sql`select to_char(due_at at time zone 'Africa/Johannesburg', 'DD HH24:MI') as at, data->'zones' as zones
            from timers where kind = ${MEETING_REMINDER} and ref = ${id} and done_at is null order by due_at`,
      );
    const day = (hours: number) =>
      String(new Date(early.getTime() + hours * HOUR).getUTCDate()).padStart(2, "0");
    expect(await due()).toEqual([
      { at: `${day(-24)} 06:00`, zones: null },
      { at: `${day(0)} 04:00`, zones: null },
    ]);
    const fireAt = async (hours: number) => {
      const ahead = early.getTime() + hours * HOUR - town.app.clock().getTime();
      town.pass(ahead);
      await database.db.execute(sql`update timers set due_at = now() - interval '1 minute'
        where kind = ${MEETING_REMINDER} and ref = ${id} and done_at is null
          and due_at <= ${town.app.clock().toISOString()}::timestamptz`);
      while (await fireOne(town.app, meetingTimers));
      town.pass(-ahead);
    };
    // Six in the morning here is half past nine in Delhi.
    await fireAt(-24);
    expect(await told(b)).toEqual(["meeting_reminder"]);
    expect(await told(a)).toEqual([]);
    expect((await due())[0]).toEqual({ at: `${day(-24)} 08:00`, zones: ["Africa/Johannesburg"] });
    await fireAt(-21.9);
    expect(await told(a)).toEqual(["meeting_reminder"]);
    expect(await told(b)).toEqual([]);
    // Two hours before, it is night until it begins, and half past seven in Delhi: who wakes in time is reminded.
    await fireAt(-2);
    expect(await told(b)).toEqual([]);
    await fireAt(-1.4);
    expect(await told(a)).toEqual([]);
    expect(await told(b)).toEqual(["meeting_reminder"]);
    expect(await due()).toEqual([]);
  });

  test("who texts the code is counted as there, and is asked afterwards how it was", async () => {
    const id = await planned("VENUE", 10);
    const [a, b, c, d] = [someone(), someone(), someone(), someone()];
    for (const each of [a, b, d]) await say(each, "VENUE YES");
    const { code = "" } = (await findMeeting(database.db, id)) ?? {};
    expect(await say(a, `HERE ${code}`)).toEqual(["meeting_not_begun"]);
    expect(await commit(town.app, (unit) => openMeeting(unit, id, "system"))).toBe(true);
    expect(await commit(town.app, (unit) => openMeeting(unit, id, "system"))).toBe(false);
    expect(await say(a, "HERE")).toEqual(["meeting_wrong_code"]);
    expect(await say(a, "HERE 0000")).toEqual(["meeting_wrong_code"]);
    expect(await say(a, `here ${code}`, `HERE ${code}`)).toEqual(["meeting_here", "meeting_here"]);
    // Without having said so before, and with the keyword.
    expect(await say(c, `HERE ${code}`)).toEqual(["meeting_here"]);
    expect(await say(d, `VENUE HERE ${code}`)).toEqual(["meeting_here"]);
    expect(await say(c, "ASK Is there parking?")).toEqual(["meeting_question_received"]);
    expect(await view(id)).toMatchObject({ coming: 3, here: 3, undecided: 1 });
    await say(d, "STOP");
    await town.openConsultation({ ...THREE_QUESTIONS, id: "feedback" }, ["HOW"]);
    const closed = await commit(town.app, (unit) =>
      closeMeeting(unit, zola, id, { headCount: 40, flow: "feedback" }),
    );
    expect(closed).toMatchObject({
      done: true,
      words:
        '"VENUE talk" is closed. Said that they come: 3, with their guests 3. Of them 2 texted the code: 33 % did not show up by it. ' +
        "Came without having said so: 1. Counted at the place: 40 of 3 expected. Asked how it was, of those who texted the code: 2.",
    });
    expect((await town.heard(a))[0]).toMatch(/^meeting_thanks\/en .*"keyword":"HOW"/);
    expect(await told(b)).toEqual([]);
    expect(await told(c)).toEqual(["meeting_thanks"]);
    expect(await told(d)).toEqual([]);
    expect(await findMeeting(database.db, id)).toMatchObject({ status: "held", headCount: 40 });
    expect(await say(b, "VENUE")).toEqual(["meeting_over"]);
    expect(await commit(town.app, (unit) => closeMeeting(unit, zola, id, {}))).toMatchObject({ done: false });
    expect(await audited(id)).toEqual(["meeting.planned", "meeting.opened", "meeting.closed"]);
    // Its keyword is free again.
    expect(await plan("VENUE")).toMatchObject({ done: true });
    expect(await say(b, "VENUE")).toEqual(["meeting_invitation"]);
  });

  test("what people need to take part: they are told once how to say it, staff read it, nobody keeps it", async () => {
    const outcome = await commit(town.app, (unit) =>
      planMeeting(unit, zola, {
        title: "Ramp talk",
        keyword: "RAMP",
        startsAt: inHours(50),
        place: "Civic Centre",
        capacity: 2,
        asksNeeds: true,
      }),
    );
    if (!outcome.done) throw new Error(outcome.words);
    const { id } = outcome;
    const [a, b, c] = [someone(), someone(), someone()];
    // The word on seats comes last: that says what NO means.
    expect(await say(a, "RAMP YES")).toEqual(["meeting_needs", "meeting_coming"]);
    expect(await say(a, "YES 2")).toEqual(["meeting_coming"]);
    expect(await say(a, "NEED a sign language interpreter")).toEqual(["meeting_needs_noted"]);
    expect(await say(b, "RAMP YES")).toEqual(["meeting_needs", "meeting_waiting"]);
    expect(await say(b, "RAMP ngidinga isithuthi")).toEqual(["meeting_needs_noted"]);
    expect(await say(b, "need two wheelchairs")).toEqual(["meeting_needs_noted"]);
    // Before anything was said; and from somebody who never heard of it, it is no need of this meeting.
    expect(await say(c, "need water")).toEqual(["fallback"]);
    expect(await say(c, "RAMP need lift <a>")).toEqual(["meeting_needs_noted"]);
    expect(await listNeeds(database.db, id)).toEqual([
      "a sign language interpreter",
      "two wheelchairs",
      "lift <a>",
    ]);
    expect(await say(b, "NO")).toEqual(["meeting_declined"]);
    expect(await listNeeds(database.db, id)).toEqual(["a sign language interpreter", "lift <a>"]);
    expect((await view(id))?.coming).toBe(2);
    const posted = await rows<{ text: string }>(
      database.db,
      sql`select text from messages where kind = 'inbox' and text like '%Ramp talk%' order by id`,
    );
    expect(posted).toHaveLength(4);
    expect(posted[3]?.text).toContain("lift &lt;a&gt;");
    await commit(town.app, (unit) => cancelMeeting(unit, zola, id, "no ramp"));
    expect(
      await rows(
        database.db,
        sql`select 1 from meeting_attendees where meeting_id = ${id} and needs is not null`,
      ),
    ).toEqual([]);
  });

  test("moved: who comes or waits is told, reminded by the new time only, and it opens by the new time", async () => {
    const id = await planned("MOVED", 2, inHours(50));
    const [a, b, c, d] = [someone(), someone(), someone(), someone()];
    for (const each of [a, b]) await say(each, "MOVED YES");
    await say(c, "MOVED YES");
    await say(d, "MOVED NO");
    const before = await findMeeting(database.db, id);
    if (!before) throw new Error("no meeting");
    const change = (more: Partial<Parameters<typeof changeMeeting>[3]>, seen = asSeen(before)) =>
      commit(town.app, (unit) =>
        changeMeeting(
          unit,
          zola,
          id,
          { startsAt: new Date(before.startsAt), place: before.place, capacity: before.capacity, ...more },
          seen,
        ),
      );
    expect(await change({})).toMatchObject({ done: false, words: "Nothing has changed." });
    expect(await change({ startsAt: inHours(-1) })).toMatchObject({ done: false, about: "starts_at" });
    expect(await change({ capacity: 1 })).toMatchObject({ done: false, about: "capacity" });
    // Two at once: the second has not seen what the first did.
    const both = await Promise.all([
      change({ startsAt: inHours(74), place: "Library" }),
      change({ place: "Stadium" }),
    ]);
    expect(both.map(({ done }) => done).toSorted()).toEqual([false, true]);
    const now = await findMeeting(database.db, id);
    if (!now) throw new Error("no meeting");
    if (now.place === "Stadium") await change({ startsAt: inHours(74), place: "Library" }, asSeen(now));
    expect((await town.heard(a)).at(-1)).toMatch(/^meeting_moved\/en .*"place":"Library"/);
    expect((await town.heard(c)).at(-1)).toMatch(/^meeting_moved/);
    expect((await town.heard(d)).some((text) => text.startsWith("meeting_moved"))).toBe(false);
    // More seats: who waits moves up, and nobody else hears of it.
    const moved = await findMeeting(database.db, id);
    if (!moved) throw new Error("no meeting");
    expect(
      await change({ startsAt: new Date(moved.startsAt), place: "Library", capacity: 3 }, asSeen(moved)),
    ).toMatchObject({ done: true, words: expect.stringContaining("3 seats") });
    expect(await told(c)).toEqual(["meeting_promoted"]);
    expect(await told(a)).toEqual([]);
    // What was set for the old time does nothing.
    const fireAt = async (hours: number) => {
      await database.db.execute(sql`update timers set due_at = now() - interval '1 minute'
        where ref = ${id} and done_at is null and due_at <= ${inHours(hours).toISOString()}::timestamptz`);
      const ahead = hours * HOUR;
      town.pass(ahead);
      while (await fireOne(town.app, meetingTimers));
      town.pass(-ahead);
    };
    await fireAt(49.6);
    expect((await findMeeting(database.db, id))?.status).toBe("planned");
    expect(await told(a)).toEqual([]);
    await fireAt(50.1);
    expect(await told(a)).toEqual(["meeting_reminder"]);
    await fireAt(73.6);
    expect((await findMeeting(database.db, id))?.status).toBe("open");
    expect(await change({ place: "Elsewhere" })).toMatchObject({ done: false });
    expect(await audited(id)).toEqual(
      expect.arrayContaining(["meeting.planned", "meeting.changed", "meeting.opened"]),
    );
  });

  test("cancelled: everybody who comes or waits is told why", async () => {
    const id = await planned("OFF", 1);
    const [a, b, c] = [someone(), someone(), someone()];
    for (const each of [a, b]) await say(each, "OFF YES");
    await say(c, "OFF NO");
    await commit(town.app, (unit) => cancelMeeting(unit, zola, id, "the hall has no power"));
    expect((await town.heard(a))[0]).toContain("the hall has no power");
    expect(await told(b)).toEqual(["meeting_cancelled"]);
    expect(await told(c)).toEqual([]);
    expect(await say(c, "OFF")).toEqual(["meeting_off"]);
  });
});
