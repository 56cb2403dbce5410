import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, openDesk, slackUser, textOf } from "../../test/support/staff-desk.ts";
import { merge } from "./merge.ts";
import { type Feature, whisper } from "./registry.ts";
import { note, section } from "./views.ts";

let desk: Desk;
let effects: string[] = [];

/** One of everything. */
const feature: Feature = {
  commands: [
    {
      word: "flood",
      help: "pump",
      example: "/saypro flood",
      permission: "crises.declare",
      run: async (unit, { rest }) => {
        effects.push(rest);
        await unit.audit({ actor: "system", action: "test.flood", subject: rest });
        return whisper("Done");
      },
    },
    {
      word: "slow",
      help: "takes its time",
      example: "/saypro slow",
      opens: true,
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_800));
        return { kind: "open", view: { ...note("Late", [section("Here at last")]), callback_id: "late" } };
      },
    },
    {
      word: "broken",
      help: "fails",
      example: "/saypro broken",
      run: async (unit) => {
        await unit.audit({ actor: "system", action: "test.never", subject: "x" });
        await unit.tx.execute(sql`select ${"the citizen's words"}::uuid`);
        return undefined;
      },
    },
  ],
  actions: {
    pump: { run: async (_unit, { value, message }) => void effects.push(`${value} ${message}`) },
  },
  views: {
    late: {
      run: async (unit, { form }) => {
        await unit.audit({ actor: "system", action: "test.view", subject: form.text("name") || "none" });
        return form.text("name") === "" ? { kind: "errors", errors: { name: "Say it." } } : whisper("Thanks");
      },
    },
  },
  threads: {
    inbox: {
      permission: "inbox.reply",
      run: async (_unit, { text, parent }) => {
        effects.push(`${parent.ref}: ${text}`);
        return whisper("Sent");
      },
    },
  },
  guestActions: { confirm: async (_unit, { text }) => void effects.push(`guest ${text}`) },
  guestMessage: async (_unit, { slackUserId, text }) => {
    if (slackUserId !== slackUser("editor")) return undefined;
    effects.push(`guest says ${text}`);
    return whisper("Thank you");
  },
};

beforeAll(async () => {
  desk = await openDesk({
    features: [feature],
    staff: { naledi: ["crisis_lead"], themba: ["agent"], root: ["admin"] },
  });
});
afterAll(() => desk.close());

test("a command has its effect once, however often Slack repeats it", async () => {
  effects = [];
  const answered = await desk.command("naledi", "flood  ward 3 ");
  expect(answered.whisper).toBe("Done");
  const repeated = await answered.again();
  expect(repeated.whisper).toBeUndefined();
  expect(effects).toEqual(["ward 3 "]);
  expect((await desk.command("naledi", "FLOOD ward 4")).whisper).toBe("Done");
  expect(effects).toHaveLength(2);
});

test("somebody who is not linked is told whom to ask, and nothing happens", async () => {
  effects = [];
  const { whisper: words } = await desk.command("stranger", "flood ward 3");
  expect(words).toContain("not linked");
  expect(words).toContain(`<@${slackUser("root")}>`);
  expect(effects).toEqual([]);
});

test("a role that may not is told who may", async () => {
  const { whisper: words } = await desk.command("themba", "flood ward 3");
  expect(words).toBe(
    `Your roles (agent) do not allow this: it takes crisis lead. Ask <@${slackUser("naledi")}> to do it.`,
  );
});

test("someone who left may do nothing any more", async () => {
  await desk.db.execute(sql`update staff set active = false where handle = 'naledi'`);
  expect((await desk.command("naledi", "flood")).whisper).toContain("not linked");
  await desk.db.execute(sql`update staff set active = true where handle = 'naledi'`);
});

test("help shows a person's own commands first; an unknown word is met with the nearest", async () => {
  const { calls } = await desk.command("themba", "");
  const words = textOf(calls[0]?.arguments.blocks);
  expect(words).toMatch(/What you can do here[\s\S]*slow[\s\S]*other roles[\s\S]*flood/);
  expect((await desk.command("themba", "flod")).whisper).toContain("Did you mean `/saypro flood`?");
  expect((await desk.command("themba", "xyzzyplugh")).whisper).not.toContain("Did you mean");
});

test("a slow modal is announced by one that says so, and filled later", async () => {
  const { calls, view } = await desk.command("themba", "slow");
  expect(calls.map(({ method }) => method)).toEqual(["views.open", "views.update"]);
  expect(textOf(calls[0]?.arguments.view)).toContain("One moment");
  expect(view?.callback_id).toBe("late");
});

test("a failure changes nothing, is told with a reference, and is logged without what people wrote", async () => {
  const before = desk.logged.length;
  const { whisper: words } = await desk.command("themba", "broken");
  expect(words).toMatch(/Something went wrong.*reference [0-9a-f]{8}/);
  const logged = desk.logged.slice(before).join("\n");
  expect(logged).toContain("a request from Slack failed");
  expect(logged).not.toContain("params");
  expect(await desk.audit()).not.toContain("test.never");
});

test("a button acts once; two clicks are two", async () => {
  effects = [];
  const first = await desk.click("themba", "pump", "on", "C1:5.5");
  await first.again();
  await desk.click("themba", "pump", "on", "C1:5.5");
  expect(effects).toEqual(["on C1:5.5", "on C1:5.5"]);
});

test("faults in a form take back what was written, so that it can be sent again", async () => {
  const view = {
    id: "V9",
    callback_id: "late",
    blocks: [
      { type: "input", block_id: "name", element: { type: "plain_text_input", action_id: "a" }, label: {} },
    ],
  };
  const before = (await desk.audit()).filter((action) => action === "test.view").length;
  const faulty = await desk.submit("themba", view as never);
  expect(faulty.ack).toEqual({ response_action: "errors", errors: { name: "Say it." } });
  expect((await desk.audit()).filter((action) => action === "test.view")).toHaveLength(before);
  const good = await desk.submit("themba", view as never, { name: "Thabo" });
  expect(good.whisper).toContain("Thanks");
  await good.again();
  expect((await desk.audit()).filter((action) => action === "test.view")).toHaveLength(before + 1);
});

async function post(kind: string): Promise<string> {
  const providerId = `C1:${Math.random()}`;
  await desk.db.execute(sql`insert into messages (id, direction, status, channel, address, text, kind, ref, provider_id)
    values (uuid7(), 'out', 'delivered', 'slack', 'slack:#inbox', 'x', ${kind}, '01990000-0000-7000-8000-000000000001', ${providerId})`);
  return providerId;
}

test("a reply in a thread goes to the message's kind, once; edits, bots and other threads do not", async () => {
  effects = [];
  const thread = await post("inbox");
  const reply = await desk.say("themba", "C1", "We are on it &amp; <https://x.za|x.za>", thread);
  expect(reply.whisper).toBe("Sent");
  await reply.again();
  expect(effects).toEqual(["01990000-0000-7000-8000-000000000001: We are on it & x.za"]);
  await desk.say("themba", "C1", "edited", thread, { subtype: "message_changed" });
  await desk.say("themba", "C1", "bot", thread, { bot_id: "B1" });
  await desk.say("themba", "C1", "elsewhere", "C1:0.1");
  await desk.say("themba", "C1", "no thread");
  expect(effects).toHaveLength(1);
  expect(
    (await desk.say("themba", "C1", "", thread, { subtype: "file_share", files: [{}] })).whisper,
  ).toContain("only words");
  expect((await desk.say("naledi", "C1", "may not", thread)).whisper).toContain("do not allow");
  expect((await desk.say("stranger", "C1", "who", thread)).whisper).toContain("not linked");
  expect(effects).toHaveLength(1);
});

test("guests are heard by the feature that knows them, and may click what is for them", async () => {
  effects = [];
  const said = await desk.say("editor", "D1", "When is the water back?");
  expect(said.whisper).toBe("Thank you");
  await said.again();
  await (await desk.click("editor", "confirm", "v1", "D1:1.1")).again();
  await desk.click("editor", "pump", "on", "D1:1.1");
  await desk.say("stranger", "D2", "hello");
  expect(effects).toEqual(["guest says When is the water back?", "guest v1"]);
});

test("two features with the same word or id are a fault of the program", () => {
  expect(() => merge([feature, feature])).toThrow('two features register the command "flood"');
});
