import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rows } from "../../storage/index.ts";
import {
  type Answered,
  buttonsOf,
  type Desk,
  openDesk,
  type ShownView,
  type SlackPost,
  textOf,
} from "../../test/support/staff-desk.ts";
import { broadcastTimer, progressTimer } from "../broadcast/index.ts";
import {
  CONSULTATION_CLOSE,
  CONSULTATION_OPEN,
  closeOnTime,
  consultationResults,
  evidencePack,
  gatherReport,
  openConsultation,
  openOnTime,
} from "../consultation/index.ts";
import { handleArrival } from "../inbound.ts";
import { commit } from "../unit.ts";
import { broadcastFeature } from "./broadcast.ts";
import { consoleFeature } from "./console.ts";
import { consultationFeature } from "./consultation.ts";
import { RESULTS_TIMER, resultsTimer } from "./consultation-results.ts";
import { inboxFeature } from "./inbox.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({
    features: [consultationFeature, broadcastFeature, inboxFeature, consoleFeature],
    timers: {
      [CONSULTATION_OPEN]: openOnTime,
      [CONSULTATION_CLOSE]: closeOnTime,
      [RESULTS_TIMER]: resultsTimer,
      broadcast: broadcastTimer,
      broadcast_progress: progressTimer,
    },
    staff: { ayanda: ["author"], bongani: ["approver"], themba: ["agent"], carol: ["viewer"] },
  });
});
afterEach(() => desk.close());

const shown = ({ view, whisper, ack }: Answered): ShownView => {
  if (!view) throw new Error(`no modal: ${whisper ?? JSON.stringify(ack)}`);
  return view;
};
const only = (posts: readonly SlackPost[]): SlackPost => {
  const [post] = posts;
  if (!post || posts.length !== 1) throw new Error(`${posts.length} posts instead of one`);
  return post;
};
const text = (from: string, words: string) =>
  handleArrival(desk.app, "sms", {
    kind: "message",
    channel: "sms",
    message: { providerId: v7(), from: `sms:${from}`, to: "sms:+27600000000", text: words },
  });
const said = (to: string) =>
  rows<{ text: string; kind: string }>(
    desk.db,
    sql`select text, kind from messages where address = ${`sms:${to}`} and direction = 'out' order by id`,
  );

async function opened(): Promise<SlackPost> {
  const form = shown(await desk.command("ayanda", "consultation open"));
  const done = await desk.submit("ayanda", form, { flow: "three-questions" });
  expect(done.ack).toEqual({ response_action: "clear" });
  await done.again();
  return only(await desk.posts());
}

test("opened, answered, counted, brought up to date by itself and on demand, closed", async () => {
  const announced = await opened();
  expect(announced.address).toBe("slack:#operations");
  expect(announced.text).toContain("JOIN");
  for (const [n, rating] of [5, 5, 2].entries()) {
    await text(`+2782000010${n}`, "JOIN");
    await text(`+2782000010${n}`, `Person ${n}`);
    await text(`+2782000010${n}`, String(rating));
    if (n > 0) await text(`+2782000010${n}`, `<!channel> comment ${n}`);
  }
  const id = buttonsOf(announced.blocks).consultation_results ?? "";
  await desk.click("carol", "consultation_results", id, announced.providerId);
  const results = only(await desk.posts());
  const words = textOf(results.blocks);
  expect(words).toContain("*3* started, *2* completed (67 %), *1* under way. It is open.");
  expect(words).toContain("Half of those who finished took less than one minute.");
  expect(words).toContain("sms 3");
  expect(words).toContain("` 2  67 % (21–94)  5");
  expect(words).toContain("` 1  33 % (6–79)  2");
  expect(words).toContain("&lt;!channel&gt; comment 2");
  expect(words).not.toContain("<!channel>");
  expect(words).not.toContain("unfinished");

  const later = async () => {
    await desk.db.execute(
      sql`update timers set due_at = now() where kind = ${RESULTS_TIMER} and done_at is null`,
    );
    await desk.fire();
    return desk.posts();
  };
  expect(await later()).toEqual([]);
  await text("+27820000100", "The last comment");
  const updated = only(await later());
  expect(updated.replaces).toBe(results.id);
  expect(textOf(updated.blocks)).toContain("*3* completed");
  await desk.click(
    "carol",
    "consultation_refresh",
    buttonsOf(updated.blocks).consultation_refresh ?? "",
    updated.providerId,
  );
  expect(only(await desk.posts()).replaces).toBe(results.id);

  await text("+27820000103", "JOIN");
  await text("+27820000103", "Somebody");
  await desk.db.execute(sql`update sessions set status = 'expired' where status = 'active'`);
  await desk.click("carol", "consultation_results", id, announced.providerId);
  const late = textOf(only(await desk.posts()).blocks);
  expect(late).toContain("*4* started, *3* completed (75 %), *0* under way");
  expect(late).toMatch(/How do you rate .*\(3, 1 ended here unfinished\)/);

  expect((await desk.click("carol", "consultation_close", id)).whisper).toContain("do not allow");
  const closed = await desk.click("ayanda", "consultation_close", id);
  expect(closed.whisper).toContain("closed");
  await closed.again();
  expect((await desk.click("ayanda", "consultation_close", id)).whisper).toContain("is closed already");
  await text("+27820000999", "JOIN");
  expect((await said("+27820000999")).map((m) => m.text).join()).not.toContain("What is your name");
  await later();
  await later();
  expect(
    await rows(desk.db, sql`select 1 from timers where kind = ${RESULTS_TIMER} and done_at is null`),
  ).toEqual([]);
  const acts = (await desk.audit()).filter((action) => action.startsWith("consultation."));
  expect(acts).toEqual(["consultation.opened", "consultation.closed"]);
});

test("a keyword leads to one consultation only, and who may not open is told so", async () => {
  await opened();
  const form = shown(await desk.command("ayanda", "consultation open"));
  const again = await desk.submit("ayanda", form, { flow: "three-questions" });
  expect(again.ack).toMatchObject({
    response_action: "errors",
    errors: { flow: expect.stringContaining("Close it first") },
  });
  expect((await desk.command("bongani", "consultation open")).whisper).toContain("not open a consultation");
  expect((await desk.command("stranger", "consultation")).whisper).toContain("not linked");
  expect(textOf((await desk.command("carol", "consultation")).calls[0]?.arguments.blocks)).toContain(
    "`JOIN`",
  );
});

test("its closing date closes it, and the audit log says that nobody did", async () => {
  const form = shown(await desk.command("ayanda", "consultation open"));
  await desk.submit("ayanda", form, {
    flow: "three-questions",
    closes_at: new Date(Date.now() + 3600_000).toISOString(),
  });
  await desk.fire();
  const status = async () =>
    (await rows<{ status: string }>(desk.db, sql`select status from consultations`))[0]?.status;
  expect(await status()).toBe("open");
  await desk.db.execute(sql`update timers set due_at = now() where kind = ${CONSULTATION_CLOSE}`);
  await desk.fire();
  expect(await status()).toBe("awaiting_report");
  const past = shown(await desk.command("ayanda", "consultation open"));
  const late = await desk.submit("ayanda", past, {
    flow: "three-questions",
    closes_at: "2020-01-01T00:00:00Z",
  });
  expect(JSON.stringify(late.ack)).toContain("in the past");
});

// ── Dates, and what came of it ──────────────────────────────────────────────────────────────────────────

const consultation = async () =>
  (await rows<{ id: string; status: string }>(desk.db, sql`select id, status from consultations`))[0];

test("planned for later it takes nobody yet, opens on time, and can be taken back before", async () => {
  const planned = async () => {
    const form = shown(await desk.command("ayanda", "consultation open"));
    return desk.submit("ayanda", form, {
      flow: "three-questions",
      opens_at: new Date(Date.now() + 3600_000).toISOString(),
    });
  };
  await planned();
  expect(only(await desk.posts()).text).toContain("planned, for ");
  await text("+27820000300", "JOIN");
  expect((await said("+27820000300")).map((m) => m.text).join()).not.toContain("What is your name");
  const list = (await desk.command("ayanda", "consultation")).calls[0]?.arguments.blocks;
  expect(textOf(list)).toMatch(/Opens \w+ \d+/);
  expect(
    (await desk.click("ayanda", "consultation_close", (await consultation())?.id ?? "")).whisper,
  ).toContain("closed");
  await desk.db.execute(sql`delete from consultations`);
  await planned();
  await desk.db.execute(sql`update timers set due_at = now() where kind = ${CONSULTATION_OPEN}`);
  await desk.fire();
  await text("+27820000300", "JOIN");
  expect((await said("+27820000300")).map((m) => m.text).join()).toContain("What is your name");
  expect((await desk.audit()).filter((action) => action.startsWith("consultation."))).toEqual([
    "consultation.scheduled",
    "consultation.closed",
    "consultation.scheduled",
    "consultation.opened",
  ]);
});

test("the law's shortest time is kept, by the date that is given and by hand", async () => {
  const form = shown(await desk.command("ayanda", "consultation open"));
  const day = 24 * 3600_000;
  const soon = await desk.submit("ayanda", form, {
    flow: "idp-comment",
    closes_at: new Date(Date.now() + 20 * day).toISOString(),
  });
  expect(soon.ack).toMatchObject({
    errors: {
      closes_at: expect.stringMatching(/at least 21 days, to the end of .*2001, regulations 3\(4\)/),
    },
  });
  expect(await consultation()).toBeUndefined();
  const again = shown(await desk.command("ayanda", "consultation open"));
  await desk.submit("ayanda", again, {
    flow: "idp-comment",
    closes_at: new Date(Date.now() + 40 * day).toISOString(),
  });
  const { id = "" } = (await consultation()) ?? {};
  expect((await desk.click("ayanda", "consultation_close", id)).whisper).toMatch(
    /cannot be closed yet.*at least 21 days/,
  );
  expect((await consultation())?.status).toBe("open");
  await desk.db.execute(sql`update consultations set opened_at = now() - interval '40 days'`);
  expect((await desk.click("ayanda", "consultation_close", id)).whisper).toContain("It is closed");
  expect((await consultation())?.status).toBe("awaiting_report");
});

async function ended(): Promise<string> {
  await opened();
  for (const [n, name] of ["Thandi", "Pieter"].entries())
    for (const words of ["JOIN", name, "4", "More lights"]) await text(`+2782000040${n}`, words);
  await text("+27820000409", "JOIN");
  const { id = "" } = (await consultation()) ?? {};
  await desk.click("ayanda", "consultation_close", id);
  await desk.posts();
  return id;
}

test("you said, we did: told to those who took part, approved by a second person, and then it is closed", async () => {
  const id = await ended();
  const list = (await desk.command("ayanda", "consultation")).calls[0]?.arguments.blocks;
  expect(textOf(list)).toContain("wait to hear what came of it");
  expect((await desk.click("carol", "consultation_report", id)).whisper).toContain("do not allow");
  const form = shown(await desk.click("ayanda", "consultation_report", id));
  expect(textOf(form)).toContain('To* those who took part in "Three questions"');
  expect(textOf(form)).toContain("2 people: 2 by SMS");
  const sent = await desk.submit("ayanda", form, {
    title: "What came of it",
    "text:en:": "You asked for lights: 40 come in ward 3 by June.",
  });
  expect(sent.whisper).toContain("awaits approval");
  const post = only(await desk.posts());
  expect(textOf(post.blocks)).toContain("those who took part in the consultation");
  const value = buttonsOf(post.blocks).broadcast_approve ?? "";
  expect((await desk.click("ayanda", "broadcast_approve", value)).view).toBeUndefined();
  const asked = shown(await desk.click("bongani", "broadcast_approve", value, post.providerId));
  await desk.submit("bongani", asked, { understood: ["yes"] });
  for (let i = 0; i < 3; i++) await desk.fire();
  expect((await consultation())?.status).toBe("awaiting_report");
  const told = await rows<{ address: string }>(
    desk.db,
    sql`select address from messages where kind = 'broadcast' order by address`,
  );
  expect(told.map(({ address }) => address)).toEqual(["sms:+27820000400", "sms:+27820000401"]);
  await desk.db.execute(sql`update messages set status = 'sent' where kind = 'broadcast'`);
  await desk.db.execute(sql`update timers set due_at = now() where kind = 'broadcast_progress'`);
  await desk.fire();
  expect((await consultation())?.status).toBe("closed");
  expect((await desk.audit()).filter((action) => action.startsWith("consultation."))).toEqual([
    "consultation.opened",
    "consultation.closed",
    "consultation.reported",
  ]);
  expect((await desk.click("ayanda", "consultation_report", id)).whisper).toContain("concluded already");
});

test("or nobody is told, with a reason that stays", async () => {
  const id = await ended();
  const form = shown(await desk.click("ayanda", "consultation_waive", id));
  const bare = await desk.submit("ayanda", form, { reason: "no" });
  expect(bare.ack).toMatchObject({ errors: { reason: expect.stringContaining("council") } });
  const done = await desk.submit("ayanda", form, { reason: "The council withdrew the plan itself." });
  expect(done.whisper).toContain("concluded");
  expect(
    await rows(desk.db, sql`select status, report_waived as waived from consultations where id = ${id}`),
  ).toEqual([{ status: "closed", waived: "The council withdrew the plan itself." }]);
  await desk.submit("ayanda", form, { reason: "The council withdrew the plan itself." });
  expect((await desk.audit()).filter((action) => action === "consultation.report_waived")).toHaveLength(1);
});

// ── Inbox ───────────────────────────────────────────────────────────────────────────────────────────────

test("a citizen's question is answered in its thread, once, and handed back", async () => {
  await text("+27820000200", "When is the library open?");
  const question = only(await desk.posts());
  expect(question.kind).toBe("inbox");
  const [channel = ""] = question.providerId.split(":");
  const reply = await desk.say("themba", channel, "From 9 &amp; until 5", question.providerId);
  await reply.again();
  const sent = (await said("+27820000200")).filter(({ kind }) => kind === "staff_reply");
  expect(sent).toEqual([{ text: "From 9 & until 5", kind: "staff_reply" }]);
  const note = only(await desk.posts());
  expect(note.thread).toBe(question.id);
  expect(note.text).toContain("0200");
  const contact = buttonsOf(note.blocks).inbox_hand_back ?? "";
  expect((await desk.click("carol", "inbox_hand_back", contact, note.providerId)).whisper).toContain(
    "do not allow",
  );
  expect((await desk.click("themba", "inbox_hand_back", contact, note.providerId)).whisper).toContain(
    "The bot answers",
  );
  const after = only(await desk.posts());
  expect(after.replaces).toBe(note.id);
  expect(after.text).toContain("Handed back to the bot by Themba");
  expect((await desk.click("themba", "inbox_hand_back", contact, note.providerId)).whisper).toContain(
    "already",
  );
  const acts = (await desk.audit()).filter((action) => action.startsWith("inbox."));
  expect(acts).toEqual(["inbox.replied", "inbox.handed_back"]);
});

test("a person who said STOP is not answered, and staff are told", async () => {
  await text("+27820000201", "Hello?");
  const question = only(await desk.posts());
  await text("+27820000201", "STOP");
  await desk.posts();
  const [channel = ""] = question.providerId.split(":");
  const reply = await desk.say("themba", channel, "Hello", question.providerId);
  expect(reply.whisper).toMatch(/Not sent.*STOP/);
  expect((await said("+27820000201")).filter(({ kind }) => kind === "staff_reply")).toEqual([]);
});

// ── Console ─────────────────────────────────────────────────────────────────────────────────────────────

test("the link to the console is whispered, works once, and is in no log", async () => {
  const asked = await desk.command("carol", "console");
  const token = /login\?token=([A-Za-z0-9_-]+)/.exec(asked.whisper ?? "")?.[1] ?? "";
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect((await asked.again()).whisper).toBeUndefined();
  expect(desk.logged.join()).not.toContain(token);
  expect(await rows(desk.db, sql`select 1 from messages where text like '%token%'`)).toEqual([]);
  expect(await desk.audit()).toEqual(["console.link_made"]);
});

test("two officers who open at the same moment open one", async () => {
  const { ayanda } = desk.staff;
  if (!ayanda) throw new Error("no ayanda");
  const outcomes = await Promise.all(
    [1, 2, 3].map(() =>
      commit(desk.app, (unit) => openConsultation(unit, ayanda, { flow: "three-questions" })),
    ),
  );
  expect(outcomes.filter(({ done }) => done)).toHaveLength(1);
});

test("whoever was sent a broadcast that names the keyword was reached", async () => {
  await text("+27820000600", "hello");
  await text("+27820000601", "hello");
  await desk.posts();
  await opened();
  await desk.posts();
  const broadcast = async (words: string) => {
    const form = shown(await desk.command("ayanda", "broadcast"));
    await desk.submit("ayanda", form, { title: words, "text:en:": words });
    const post = only(await desk.posts());
    const value = buttonsOf(post.blocks).broadcast_approve ?? "";
    const asked = shown(await desk.click("bongani", "broadcast_approve", value, post.providerId));
    await desk.submit("bongani", asked, { understood: ["yes"] });
    for (let i = 0; i < 3; i++) await desk.fire();
    await desk.db.execute(sql`update messages set status = 'sent' where kind = 'broadcast'`);
    await desk.posts();
  };
  const { id = "" } = (await consultation()) ?? {};
  const reached = async () =>
    (await consultationResults({ db: desk.db, secrets: desk.app.secrets }, id, "en"))?.reached;
  await broadcast("Water is off on Monday. Joining pipes takes a day.");
  expect(await reached()).toBe(0);
  await broadcast("What do you think? Text join to this number.");
  expect(await reached()).toBe(2);
});

// ── Statements that citizens offer ──────────────────────────────────────────────────────────────────────

test("a citizen's statement is put to everybody by somebody of staff, once", async () => {
  const form = shown(await desk.command("ayanda", "consultation open"));
  await desk.submit("ayanda", form, { flow: "what-matters" });
  await desk.posts();
  const from = "+27820000500";
  await text(from, "MATTERS");
  for (let i = 0; i < 7; i++) await text(from, "1");
  await text(from, "Plant trees <!channel> along every street");
  const post = only(await desk.posts());
  expect(textOf(post.blocks)).toContain("Plant trees &lt;!channel&gt; along every street");
  expect(textOf(post.blocks)).not.toContain("0500");
  const id = buttonsOf(post.blocks).statement_put ?? "";
  expect((await desk.click("carol", "statement_put", id, post.providerId)).whisper).toContain("do not allow");
  await desk.click("ayanda", "statement_put", id, post.providerId);
  const after = only(await desk.posts());
  expect(after.replaces).toBe(post.id);
  expect(textOf(after.blocks)).toContain("Put to everybody by Ayanda");
  expect((await desk.click("ayanda", "statement_set_aside", id, post.providerId)).whisper).toContain(
    "already",
  );
  expect(await rows(desk.db, sql`select status from offered_statements`)).toEqual([{ status: "approved" }]);
  expect(await desk.audit()).toContain("consultation.statement_approved");
});

// ── Evidence ────────────────────────────────────────────────────────────────────────────────────────────

test("notices and answers are recorded, and stand in the files for council", async () => {
  const id = await ended();
  const notice = shown(await desk.click("ayanda", "consultation_notice", id));
  const early = await desk.submit("ayanda", notice, {
    medium: "newspaper",
    details: "Isolezwe, page 4",
    published_on: "2099-01-01",
  });
  expect(early.ack).toMatchObject({ errors: { published_on: expect.stringContaining("still to come") } });
  const done = await desk.submit("ayanda", notice, {
    medium: "newspaper",
    details: "Isolezwe, page 4",
    published_on: "2026-11-02",
    proof: "https://example.org/page4",
  });
  expect(done.whisper).toContain("newspaper, 2026-11-02");
  expect((await desk.click("carol", "consultation_notice", id)).whisper).toContain("do not allow");
  const register = shown(await desk.click("ayanda", "consultation_register", id));
  const entered = await desk.submit("ayanda", register, {
    asked: "More lights",
    decision: "partly",
    reason: "Forty of the hundred are in the budget.",
    owner: "Electricity",
  });
  expect(entered.whisper).toContain("Accepted in part");
  const reader = { db: desk.db, secrets: desk.app.secrets };
  const files = await evidencePack(reader, id, desk.app.content, new Date());
  const read = async (name: string): Promise<string> => {
    let words = "";
    for await (const part of files?.find((each) => each.name === name)?.content ?? [])
      words += typeof part === "string" ? part : Buffer.from(part).toString("latin1");
    return words;
  };
  expect(files?.map(({ name }) => name)).toEqual([
    "report.pdf",
    "notices.csv",
    "comments.csv",
    "register.csv",
    "acts.csv",
    "codebook.csv",
  ]);
  expect(await read("report.pdf")).toMatch(/^%PDF-/);
  expect(await read("notices.csv")).toContain(
    '2026-11-02,newspaper,"Isolezwe, page 4",https://example.org/page4,Ayanda',
  );
  expect(await read("register.csv")).toContain("More lights,partly,Forty of the hundred");
  const comments = await read("comments.csv");
  expect(comments.match(/^[0-9A-Z]{6},comment,More lights,en,sms,/gm)).toHaveLength(2);
  expect(comments).not.toContain("+278");
  expect(await read("acts.csv")).toContain("consultation.notice_recorded");
  expect(await evidencePack(reader, v7(), desk.app.content, new Date())).toBeUndefined();
});

test("a person names themes of open answers; the same name makes them one, and new answers find it", async () => {
  const announced = await opened();
  const id = buttonsOf(announced.blocks).consultation_results ?? "";
  const comments = [
    "Fix the water pipes in ward 3",
    "The water pipe is leaking, fix it",
    "<b>Street lights</b> are off at night",
    "The street lights are off, it is dark at night",
  ];
  const comment = async (n: number, said: string) => {
    for (const words of ["JOIN", `Person ${n}`, "4", said]) await text(`+2782000020${n}`, words);
  };
  for (const [n, said] of comments.entries()) await comment(n, said);
  await desk.click("carol", "consultation_results", id, announced.providerId);
  const results = only(await desk.posts());
  expect(buttonsOf(results.blocks).consultation_themes).toBe(id);
  expect((await desk.click("carol", "consultation_themes", id, results.providerId)).whisper).toContain(
    "do not allow",
  );
  const form = async () => shown(await desk.click("ayanda", "consultation_themes", id, results.providerId));
  const first = await form();
  expect(textOf(first.blocks)).toContain("*2* (en): ");
  expect(textOf(first.blocks)).toContain("&lt;b&gt;Street lights");
  const kept = await desk.submit("ayanda", first, { "comment 0": "Services", "comment 1": " Services " });
  expect(kept.whisper).toContain("Kept: Services.");
  await kept.again();
  expect((await desk.audit()).filter((entry) => entry.includes("themes_named"))).toHaveLength(1);

  await comment(7, "The water pipe leaks again, please fix it");
  const reader = { db: desk.db, secrets: desk.app.secrets };
  const report = await gatherReport(reader, id, {
    language: "en",
    instruments: new Map(),
    spoken: ["en", "zu"],
  });
  expect(report?.themes.comment?.quoted.map(({ name, size }) => [name, size])).toEqual([["Services", 5]]);
  const second = await form();
  const water = second.blocks.findIndex((block) => JSON.stringify(block).includes("water pipe"));
  const place =
    water >= 0 && JSON.stringify(second.blocks[water]).includes("*3*") ? "comment 0" : "comment 1";
  await desk.submit("ayanda", second, {
    [place]: "Water",
    [place === "comment 0" ? "comment 1" : "comment 0"]: "",
  });
  const again = await gatherReport(reader, id, { language: "en", instruments: new Map(), spoken: ["en"] });
  expect(again?.themes.comment?.quoted.map(({ name, size }) => [name, size])).toEqual([
    ["Water", 3],
    [null, 2],
  ]);

  // Another question of the same consultation.
  const other = await desk.change("ayanda", second, { theme_question: "name" });
  expect(textOf(shown(other).blocks)).toContain("Person");
});
