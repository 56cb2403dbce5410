import { sql } from "drizzle-orm";
import { v7 } from "uuid";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rows } from "../../storage/index.ts";
import {
  type Answered,
  buttonsOf,
  type Desk,
  type Entries,
  openDesk,
  type ShownView,
  type SlackPost,
  textOf,
} from "../../test/support/staff-desk.ts";
import { handleArrival } from "../inbound.ts";
import { meetingTimers } from "../meetings/index.ts";
import { consultationFeature } from "./consultation.ts";
import { meetingFeature } from "./meeting.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk({
    features: [meetingFeature, consultationFeature],
    timers: meetingTimers,
    staff: { ayanda: ["author"], themba: ["agent"], carol: ["viewer"] },
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
const text = async (from: string, ...texts: string[]) => {
  for (const words of texts)
    await handleArrival(desk.app, "sms", {
      kind: "message",
      channel: "sms",
      message: { providerId: v7(), from: `sms:${from}`, to: "sms:+27600000000", text: words },
    });
};
const said = async (to: string) =>
  (
    await rows<{ text: string }>(
      desk.db,
      sql`select text from messages where address = ${`sms:${to}`} and direction = 'out' order by id`,
    )
  ).map((message) => message.text);
const ACTS = /^meeting\./;
const acts = async () => (await desk.audit()).filter((action) => ACTS.test(action));

const FORM = {
  title: "River <talk>",
  keyword: "River",
  place: "Civic Centre",
  capacity: "3",
  starts_at: new Date(Date.now() + 72 * 3_600_000).toISOString(),
  needs: [],
};

async function planned(more: Entries = {}): Promise<string> {
  const form = shown(await desk.command("ayanda", "meeting new"));
  const done = await desk.submit("ayanda", form, { ...FORM, ...more });
  expect(done.ack).toEqual({ response_action: "clear" });
  await done.again();
  return (await rows<{ id: string }>(desk.db, sql`select id from meetings`))[0]?.id ?? "";
}

const listed = async (who = "ayanda"): Promise<string> =>
  textOf((await desk.command(who, "meeting")).calls[0]?.arguments.blocks);

test("planned in a form, announced, listed with who comes; faults stand beside their inputs", async () => {
  expect((await desk.command("carol", "meeting new")).whisper).toContain("not plan one");
  const form = shown(await desk.command("ayanda", "meeting new"));
  const wrong = async (more: Entries) =>
    (await desk.submit("ayanda", form, { ...FORM, ...more })).ack as { errors?: Record<string, string> };
  expect((await wrong({ keyword: "STOP" })).errors).toHaveProperty("keyword");
  expect((await wrong({ starts_at: "2020-01-01T00:00:00Z" })).errors).toHaveProperty("starts_at");
  expect((await wrong({ capacity: "0" })).errors).toHaveProperty("capacity");
  await planned();
  const post = only(await desk.posts());
  expect(post.address).toBe("slack:#operations");
  expect(textOf(post.blocks)).toContain("River &lt;talk&gt;");
  await text("+27820000001", "RIVER", "YES 2");
  await text("+27820000002", "RIVER YES 2");
  expect(await said("+27820000001")).toEqual([
    expect.stringMatching(/^River <talk>: \w+ \d+ \w+ \d\d:\d\d, Civic Centre\. Will you come\?/),
    expect.stringMatching(/^2 seats are kept for you/),
  ]);
  const list = await listed();
  expect(list).toContain("2 of 3 seats taken, 2 people on the waiting list");
  expect(list).toContain("`RIVER`");
  expect(list).toContain("Close the meeting …");
  // Who may not run it sees it without buttons.
  expect(await listed("carol")).toContain("2 of 3 seats");
  expect(await listed("carol")).not.toContain("Close the meeting");
  // The keyword is taken for flows too.
  const again = shown(await desk.command("ayanda", "meeting new"));
  expect(JSON.stringify((await desk.submit("ayanda", again, FORM)).ack)).toContain(
    "has this keyword already",
  );
  expect(await acts()).toEqual(["meeting.planned"]);
});

test("a consultation cannot take a meeting's keyword", async () => {
  await planned({ keyword: "JOIN" });
  const form = shown(await desk.command("ayanda", "consultation open"));
  const refused = await desk.submit("ayanda", form, { flow: "three-questions" });
  expect(JSON.stringify(refused.ack)).toContain("has the keyword JOIN");
});

test("a question is put on the list, another merged into it, answered to both; one is set aside", async () => {
  await planned();
  await desk.posts();
  const people = ["+27820000001", "+27820000002", "+27820000003"];
  await text(people[0] ?? "", "RIVER YES", "ASK When does <@U0> the dam fill?");
  await text(people[1] ?? "", "RIVER YES", "ASK The dam?");
  await text(people[2] ?? "", "RIVER YES", "ASK Nonsense");
  const posts = await desk.posts();
  expect(posts.map(({ address, kind }) => [address, kind])).toEqual(
    Array.from({ length: 3 }, () => ["slack:#inbox", "meeting_question"]),
  );
  const [dam, same, nonsense] = posts;
  if (!dam || !same || !nonsense) throw new Error("no posts");
  expect(textOf(dam.blocks)).toContain("&lt;@U0&gt;");
  expect(textOf(dam.blocks)).toContain("SMS …0001");
  expect(textOf(dam.blocks)).not.toContain("+2782");
  const value = (post: SlackPost, action: string) => buttonsOf(post.blocks)[action] ?? "";
  const click = (who: string, action: string, post: SlackPost) =>
    desk.click(who, action, value(post, action), post.providerId);

  expect((await click("carol", "meeting_list", dam)).whisper).toContain("do not allow");
  expect((await click("carol", "meeting_answer", dam)).whisper).toContain("do not allow");
  const put = await click("themba", "meeting_list", dam);
  expect(put.whisper).toContain("number 1");
  await put.again();
  const edited = only(await desk.posts());
  expect(edited.replaces).toBe(dam.id);
  expect(Object.keys(buttonsOf(edited.blocks))).toEqual([
    "meeting_answer",
    "meeting_merge",
    "meeting_set_aside",
  ]);
  expect((await said(people[0] ?? "")).at(-1)).toContain("UP 1");

  const mergeForm = shown(await click("ayanda", "meeting_merge", same));
  await desk.submit("ayanda", mergeForm, { into: value(dam, "meeting_answer") });
  expect(textOf(only(await desk.posts()).blocks)).toContain("Merged by Ayanda into");
  await text(people[2] ?? "", "UP 1", "up 1");
  expect(await listed()).toContain("(3 votes)");
  const aside = await click("ayanda", "meeting_set_aside", nonsense);
  expect(aside.whisper).toContain("Nobody is told");
  expect(buttonsOf(only(await desk.posts()).blocks)).toEqual({});

  const answerForm = shown(await click("themba", "meeting_answer", dam));
  const answered = await desk.submit("themba", answerForm, { answer: "In March." });
  expect(answered.whisper).toContain("the 2 who asked");
  for (const to of people.slice(0, 2)) expect((await said(to)).at(-1)).toContain("In March.");
  expect((await said(people[2] ?? "")).at(-1)).not.toContain("In March.");
  expect(textOf(only(await desk.posts()).blocks)).toContain("Answered by Themba: In March.");
  const late = await desk.submit("themba", answerForm, { answer: "In April." });
  expect(JSON.stringify(late.ack)).toContain("answered already");
  expect(await acts()).toEqual([
    "meeting.planned",
    "meeting.question_listed",
    "meeting.question_merged",
    "meeting.question_set_aside",
    "meeting.question_answered",
  ]);
});

test("it begins, the code is shown, people check in; closing counts them and asks how it was", async () => {
  const id = await planned();
  await desk.posts();
  await text("+27820000001", "RIVER YES");
  await desk.db.execute(sql`update timers set due_at = now() where kind = 'meeting_open'`);
  await desk.fire();
  const { code } = (await rows<{ code: string }>(desk.db, sql`select code from meetings`))[0] ?? { code: "" };
  expect(code).toMatch(/^\d{4}$/);
  expect(textOf(only(await desk.posts()).blocks)).toContain(`HERE ${code}`);
  expect((await desk.click("ayanda", "meeting_open", id)).whisper).toContain("begun already");
  await text("+27820000001", `HERE ${code}`);
  await text("+27820000002", `HERE ${code}`);
  expect(await listed()).toContain("2 did");
  expect((await desk.click("ayanda", "meeting_send_list", id)).whisper).toContain("No question");
  const form = shown(await desk.click("ayanda", "meeting_close", id));
  const closed = await desk.submit("ayanda", form, { head_count: "57", flow: "three-questions" });
  expect(closed.whisper).toContain("texted the code: 2.");
  expect((await said("+27820000002")).at(-1)).toContain("Reply JOIN");
  await text("+27820000002", "JOIN");
  expect((await said("+27820000002")).at(-1)).toContain("What is your name?");
  expect(await rows(desk.db, sql`select status, head_count as n from meetings`)).toEqual([
    { status: "held", n: 57 },
  ]);
  expect((await desk.click("ayanda", "meeting_close", id)).whisper).toContain("over");
  expect(await listed()).toContain("No town hall is planned.");
  expect(await acts()).toEqual(["meeting.planned", "meeting.opened", "meeting.closed"]);
});

test("cancelled with a reason that people read", async () => {
  const id = await planned();
  await text("+27820000001", "RIVER YES");
  expect((await desk.click("themba", "meeting_cancel", id)).whisper).toContain("do not allow");
  const form = shown(await desk.click("ayanda", "meeting_cancel", id));
  const done = await desk.submit("ayanda", form, { reason: "the hall has no power" });
  expect(done.whisper).toContain("People told: 1.");
  expect((await said("+27820000001")).at(-1)).toContain("is cancelled: the hall has no power");
  expect((await desk.click("ayanda", "meeting_cancel", id)).whisper).toContain("over or cancelled");
  expect(await acts()).toEqual(["meeting.planned", "meeting.cancelled"]);
});

test("App Home has the meetings, and Slack takes it", async () => {
  await planned();
  const home = (await desk.openHome("ayanda")).calls.find(({ method }) => method === "views.publish");
  const words = textOf(home?.arguments.view);
  expect(words).toContain("*Town halls*");
  expect(words).toContain("0 of 3 seats taken");
});

test("what people need stands beside the meeting for who runs it, without names", async () => {
  await planned({ needs: ["ask"] });
  await text("+27820000001", "RIVER YES", "NEED ramp <a>");
  expect(await said("+27820000001")).toEqual([
    expect.stringMatching(/^If you need anything for River <talk>, .* reply NEED and what it is\.$/),
    expect.stringContaining("kept for you"),
    "Noted for River <talk>: our staff see what you need.",
  ]);
  expect(await listed()).toContain("Needed to take part (1):\n• ramp &lt;a&gt;");
  expect(await listed("carol")).not.toContain("ramp");
});

test("a planned one is moved in a form that shows how it is; pressed again after the change it says so", async () => {
  const id = await planned();
  await text("+27820000001", "RIVER", "YES 2");
  const home = () => desk.click("ayanda", "meeting_change", id);
  const form = shown(await home());
  const stale = shown(await home());
  expect(JSON.stringify(form.blocks)).toContain('"initial_value":"Civic Centre"');
  const bad = (await desk.submit("ayanda", form, { ...changed, capacity: "1" })).ack as {
    errors?: Record<string, string>;
  };
  expect(bad.errors?.capacity).toContain("2 seats are promised");
  expect((await desk.submit("ayanda", form, changed)).whisper).toContain("People told: 1");
  expect((await said("+27820000001")).at(-1)).toMatch(/^River <talk> has changed: it is now .*, Library\./);
  expect((await desk.submit("ayanda", stale, { ...changed, place: "Stadium" })).whisper).toContain(
    "changed it meanwhile",
  );
  expect(await listed()).toContain("Library");
  expect(await acts()).toEqual(["meeting.planned", "meeting.changed"]);
});

const changed = {
  starts_at: new Date(Date.now() + 96 * 3_600_000).toISOString(),
  place: "Library",
  capacity: "3",
};
