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
import { CONSULTATION_CLOSE, closeOnTime, openConsultation } from "../consultation/index.ts";
import { handleArrival } from "../inbound.ts";
import { commit } from "../unit.ts";
import { consoleFeature } from "./console.ts";
import { consultationFeature } from "./consultation.ts";
import { RESULTS_TIMER, resultsTimer } from "./consultation-results.ts";
import { inboxFeature } from "./inbox.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({
    features: [consultationFeature, inboxFeature, consoleFeature],
    timers: { [CONSULTATION_CLOSE]: closeOnTime, [RESULTS_TIMER]: resultsTimer },
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
  expect(words).toMatch(/` 2 {2}67 % {2}5/);
  expect(words).toMatch(/` 1 {2}33 % {2}2/);
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
  expect(await status()).toBe("closed");
  const past = shown(await desk.command("ayanda", "consultation open"));
  const late = await desk.submit("ayanda", past, {
    flow: "three-questions",
    closes_at: "2020-01-01T00:00:00Z",
  });
  expect(JSON.stringify(late.ack)).toContain("in the past");
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
