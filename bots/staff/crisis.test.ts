import { afterAll, beforeAll, expect, test } from "vitest";
import { addContact } from "../../storage/index.ts";
import {
  buttonsOf,
  type Desk,
  openDesk,
  type ShownView,
  slackUser,
  textOf,
} from "../../test/support/staff-desk.ts";
import { crisisTimers } from "../crisis/index.ts";
import { crisisFeature } from "./crisis.ts";
import { statementFeature } from "./statement.ts";

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk({
    features: [crisisFeature, statementFeature],
    timers: crisisTimers,
    staff: {
      naledi: ["author", "crisis_lead"],
      thabo: ["approver", "crisis_lead"],
      aisha: ["approver"],
      sizwe: ["agent"],
      pieter: ["admin"],
    },
  });
  await addContact(desk.db, {
    id: desk.app.newId(),
    language: "af",
    fields: { ward: "4" },
    addresses: ["sms:+27600001001"],
  });
});
afterAll(() => desk.close());

const shown = (view: ShownView | undefined): ShownView => {
  if (!view) throw new Error("no modal was shown");
  return view;
};
const of = (text: string) => (post: { text: string }) => post.text.includes(text);

/** From the command to the posts that follow it. */
async function declare(title: string, mode: "LIVE" | "EXERCISE" = "LIVE") {
  const { view } = await desk.command("naledi", "crisis");
  const chosen = await desk.change("naledi", shown(view), { "crisis.protocol": "Water quality emergency" });
  const answered = await desk.submit("naledi", shown(chosen.view), {
    "severity.water-quality-emergency": "2  Serious",
    mode: mode === "LIVE" ? "🔴 LIVE: it is happening" : "🔵 EXERCISE: a drill",
    place: "Riverbend",
    wards: ["Ward 4"],
    title,
  });
  return { answered, posts: await desk.posts() };
}

test("is declared in a form whose severities follow the protocol, once, however often Slack repeats it", async () => {
  const { view } = await desk.command("naledi", "crisis");
  expect(textOf(shown(view).blocks)).not.toContain("How bad is it?");
  const { view: next } = await desk.change("naledi", shown(view), { "crisis.protocol": "Flood" });
  expect(textOf(shown(next).blocks)).toContain("Water is in homes");
  const { answered, posts } = await declare("Riverbend reservoir");
  expect(answered.whisper).toMatch(/C-\d+ Riverbend reservoir is declared\..*#operations/);
  await answered.again();
  expect(await desk.posts()).toEqual([]);
  const summary = posts.find(({ address, replaces }) => address === "slack:#operations" && !replaces);
  expect(textOf(summary?.blocks)).toMatch(/🔴 C-\d+ Riverbend reservoir/);
  const page = posts.find(({ address }) => address === `slack:${slackUser("thabo")}`);
  expect(Object.keys(buttonsOf(page?.blocks ?? []))).toEqual(["crisis.acknowledge", "crisis.decline"]);
  expect((await desk.audit()).filter((action) => action === "crisis.declared")).toHaveLength(1);
});

test("says in the form what is missing, and keeps nothing", async () => {
  const { view } = await desk.command("naledi", "crisis");
  const { view: form } = await desk.change("naledi", shown(view), { "crisis.protocol": "Flood" });
  const filled = {
    "severity.flood": "1  Life in danger",
    place: "Old Town",
    mode: "🔴 LIVE: it is happening",
  };
  const errors = async (change: object) =>
    (await desk.submit("naledi", shown(form), { ...filled, ...change })).ack as {
      errors: Record<string, string>;
    };
  expect(Object.keys((await errors({})).errors)).toEqual(["wards"]);
  expect(Object.keys((await errors({ place: "" })).errors)).toEqual(["place"]);
  expect(await desk.posts()).toEqual([]);
});

test("who may not declare sees what runs", async () => {
  const { whisper, view, calls } = await desk.command("sizwe", "crisis");
  expect(view).toBeUndefined();
  expect(whisper).toBe("Crises");
  expect(textOf(calls.at(-1)?.arguments.blocks)).toContain("nobody has it yet");
});

test("is acknowledged by a button whose message loses it, and told who was faster", async () => {
  const { posts } = await declare("Acknowledged one");
  const page = posts.find(({ address }) => address === `slack:${slackUser("thabo")}`);
  const id = buttonsOf(page?.blocks ?? [])["crisis.acknowledge"] ?? "";
  expect((await desk.click("sizwe", "crisis.acknowledge", id)).whisper).toContain("not called");
  expect((await desk.click("thabo", "crisis.acknowledge", id)).whisper).toContain("You have C-");
  const after = await desk.posts();
  const edited = after.find(({ replaces }) => replaces === page?.id);
  expect(buttonsOf(edited?.blocks ?? [])).toEqual({});
  const summary = after.findLast(({ address }) => address === "slack:#operations");
  expect(textOf(summary?.blocks)).toContain("Thabo has it");
  expect((await desk.click("naledi", "crisis.acknowledge", id)).whisper).toMatch(/Thabo has had it since/);

  const { view: note } = await desk.click("naledi", "crisis.note", id);
  await desk.submit("naledi", shown(note), { note: "Valve 7 is shut <now>." });
  const { view: severity } = await desk.click("thabo", "crisis.severity", id);
  await desk.submit("thabo", shown(severity), { "severity.water-quality-emergency": "1  Severe" });
  const told = textOf(
    (await desk.posts()).findLast(({ address }) => address === "slack:#operations")?.blocks,
  );
  expect(told).toContain("Naledi: Valve 7 is shut &lt;now&gt;.");
  expect(told).toContain("*Severity 1, Severe:*");
});

test("its statement is approved by a second person who reads text and reach; its author is refused", async () => {
  const { posts } = await declare("Approved one");
  const asked = posts.findLast(({ address, text }) => address === "slack:#approvals" && text.includes("v1"));
  const { "statement.approve": value = "", "statement.edit": id = "" } = buttonsOf(asked?.blocks ?? []);
  expect((await desk.click("naledi", "statement.approve", value)).whisper).toContain("do not allow this");
  expect((await desk.click("pieter", "statement.approve", value)).whisper).toContain("do not allow this");

  const { view: edit } = await desk.click("thabo", "statement.edit", id);
  const text = textOf(shown(edit).blocks);
  expect(text).toContain("What was approved before is void.");
  const unequal = await desk.submit("thabo", shown(edit), {
    "text.en": "Riverbend: do not drink. Next at 23:55.",
  });
  const { errors } = unequal.ack as { errors: Record<string, string> };
  expect(Object.keys(errors).toSorted()).toEqual(["text.af", "text.xh", "text.zu"]);

  const { view: approve } = await desk.click("aisha", "statement.approve", value);
  const words = textOf(shown(approve).blocks);
  expect(words).toContain("1 person (1 by SMS) and 0 media liaisons");
  expect(words).toContain("Die kraanwater in Riverbend is dalk nie veilig nie.");
  const unticked = await desk.submit("aisha", shown(approve), {});
  expect(unticked.ack).toMatchObject({
    response_action: "errors",
    errors: { understood: "Tick this first." },
  });
  const { whisper } = await desk.submit("aisha", shown(approve), {
    understood: ["I understand that this warns 1 people for real"],
  });
  expect(whisper).toContain("is released to 1 person and 0 media liaisons.");
  const released = (await desk.posts()).findLast(({ address }) => address === "slack:#approvals");
  expect(released?.replaces ?? released?.thread).toBe(id);
  expect((await desk.click("thabo", "statement.approve", value)).whisper).toContain(
    "does not wait for approval",
  );
});

test("is returned with a reason, edited in the form, and goes on to the next version", async () => {
  const { posts } = await declare("Returned one");
  const asked = posts.findLast(of("v1"));
  const { "statement.return": value = "", "statement.edit": id = "" } = buttonsOf(asked?.blocks ?? []);
  const { view } = await desk.click("aisha", "statement.return", value);
  await desk.submit("aisha", shown(view), { reason: "Name the clinic." });
  expect((await desk.posts()).some(of("Name the clinic."))).toBe(true);
  const { view: edit } = await desk.click("naledi", "statement.edit", id);
  await desk.submit("naledi", shown(edit), {});
  const again = (await desk.posts()).findLast(({ replaces }) => replaces === id);
  const { "statement.approve": second = "" } = buttonsOf(again?.blocks ?? []);
  expect(second).not.toBe(value);
  const { view: approve } = await desk.click("aisha", "statement.approve", second);
  await desk.submit("aisha", shown(approve), {
    understood: ["I understand that this warns 1 people for real"],
  });
  const summary = (await desk.posts()).findLast(of("Returned one"));
  const { "crisis.statement": crisisId = "" } = buttonsOf(summary?.blocks ?? []);

  const { view: next } = await desk.click("naledi", "crisis.statement", crisisId);
  const same = await desk.submit("naledi", shown(next), {});
  expect((same.ack as { errors: object }).errors).toMatchObject({
    "text.en": "This is what is out already.",
  });
  const told = await desk.submit("naledi", shown(next), {
    kind: "Update",
    "text.en": "Riverbend: still not safe. Next update at 18:00.",
    "text.zu": "eRiverbend: akukaphephi. Okulandelayo ngo-18:00.",
    "text.xh": "eRiverbend: akukakhuseleki. Okulandelayo ngo-18:00.",
    "text.af": "Riverbend: nog nie veilig nie. Volgende nuus om 18:00.",
  });
  expect(told.whisper).toMatch(/v2 \(update\) waits for a second person/);
});

test("an exercise says so wherever it is seen", async () => {
  await desk.posts();
  const { posts } = await declare("Practice", "EXERCISE");
  for (const post of posts) expect(`${post.text} ${textOf(post.blocks)}`).toContain("EXERCISE");
  const asked = posts.findLast(({ address }) => address === "slack:#approvals");
  const { view } = await desk.click(
    "aisha",
    "statement.approve",
    buttonsOf(asked?.blocks ?? [])["statement.approve"] ?? "",
  );
  expect(JSON.stringify(shown(view))).toContain("Send EXERCISE");
});

test("App Home shows what runs and what waits; a crisis is taken back by command", async () => {
  const home = async (who: string) =>
    textOf(
      (await desk.openHome(who)).calls.find(({ method }) => method === "views.publish")?.arguments
        .view as object,
    );
  expect(await home("aisha")).toMatch(/Statements[\s\S]*Approve/);
  const before = await home("naledi");
  expect(before).toContain("EXERCISE C-");
  const [, number = ""] = /EXERCISE C-(\d+)/.exec(before) ?? [];
  expect((await desk.command("naledi", "crisis cancel")).whisper).toContain("Say which one and why");
  expect((await desk.command("naledi", `crisis cancel ${number}`)).whisper).toContain("Say why");
  await desk.command("naledi", `crisis cancel C-${number} only a test`);
  expect(await home("naledi")).not.toContain(`EXERCISE C-${number} Practice  severity`);
  expect(await desk.audit()).toContain("crisis.cancelled");
});
