import { createHmac } from "node:crypto";
import { ErrorCode, WebClient } from "@slack/web-api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../client.ts";
import { credentials } from "../credentials.ts";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { openProduct, type Product, type Seen } from "../test-product.ts";
import { loadTown } from "../town.ts";

const { botToken, signingSecret, botUserId } = credentials.slack;
const town = loadTown(new URL("../fixture-town.json", import.meta.url).pathname);
const AYANDA = "U0AYANDA";
const FATIMA = "U0FATIMA";

let product: Product;
let sandbox: Sandbox;
let slack: WebClient;
let hand: SandboxClient;

beforeAll(async () => {
  product = await openProduct();
  sandbox = await startSandbox({ town, port: 0, server: product.url });
  slack = new WebClient(botToken, { slackApiUrl: `${sandbox.url}/api/`, retryConfig: { retries: 0 } });
  hand = openClient(sandbox.url);
});
afterAll(async () => {
  await sandbox.close();
  await product.close();
});
afterEach(async () => {
  await hand.calm();
  product.answer(() => undefined);
  await hand.slack(AYANDA).closeModal(true);
});

const section = (text: string) => ({ type: "section" as const, text: { type: "mrkdwn" as const, text } });
const plain = (text: string) => ({ type: "plain_text" as const, text });
const payload = (seen: Seen): Record<string, unknown> =>
  JSON.parse(new URLSearchParams(seen.body).get("payload") ?? "null") as Record<string, unknown>;
const interactions = (type: string) =>
  product.seen
    .filter((s) => s.body.startsWith("payload="))
    .map(payload)
    .filter((p) => p.type === type);
const events = (type: string) =>
  product.seen
    .filter((s) => String(s.headers["content-type"]).includes("json"))
    .map((s) => ({
      seen: s,
      body: JSON.parse(s.body) as { event_id: string; event?: Record<string, unknown> },
    }))
    .filter((e) => e.body.event?.type === type);
const failure = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    return error as { code?: string; data?: { error: string; response_metadata?: { messages?: string[] } } };
  }
  throw new Error("was not refused");
};
const signed = (seen: Seen) => {
  const at = String(seen.headers["x-slack-request-timestamp"]);
  const wanted = `v0=${createHmac("sha256", signingSecret).update(`v0:${at}:${seen.body}`).digest("hex")}`;
  return seen.headers["x-slack-signature"] === wanted && Math.abs(Date.now() / 1000 - Number(at)) < 300;
};

describe("the Web API, through the official client", () => {
  it("knows its bot, its people and its channels", async () => {
    expect(await slack.auth.test()).toMatchObject({ ok: true, user_id: botUserId });
    const { members } = await slack.users.list({});
    expect(members?.map((m) => m.real_name)).toContain("Fatima Adams");
    expect((await slack.users.info({ user: AYANDA })).user?.profile?.title).toBe("Communications officer");
    expect((await slack.users.lookupByEmail({ email: "fatima.adams@sandbox.example" })).user?.id).toBe(
      FATIMA,
    );
    const { channels } = await slack.conversations.list({ limit: 2 });
    expect(channels).toHaveLength(2);
    const names: string[] = [];
    for await (const page of slack.paginate("conversations.list", { limit: 1 }))
      names.push(
        ...((page as unknown as { channels: { name: string }[] }).channels ?? []).map((c) => c.name),
      );
    expect(names).toEqual(["inbox", "approvals", "media-desk", "operations"]);
    expect((await slack.conversations.open({ users: AYANDA })).channel?.id).toBe("D0AYANDA");
  });

  it("posts, threads, updates, marks, links and deletes", async () => {
    const first = await slack.chat.postMessage({
      channel: "#inbox",
      text: "one",
      blocks: [section("*one*")],
    });
    expect(first.channel).toBe("C0INBOX");
    const ts = String(first.ts);
    const reply = await slack.chat.postMessage({ channel: "C0INBOX", text: "two", thread_ts: ts });
    await slack.chat.update({ channel: "C0INBOX", ts, text: "changed" });
    await slack.reactions.add({ channel: "C0INBOX", timestamp: ts, name: "eyes" });
    await slack.pins.add({ channel: "C0INBOX", timestamp: ts });
    const { messages } = await slack.conversations.replies({ channel: "C0INBOX", ts });
    expect(messages?.map((m) => m.text)).toEqual(["changed", "two"]);
    expect(messages?.[0]).toMatchObject({ reply_count: 1, blocks: [{ type: "section" }] });
    const { messages: history } = await slack.conversations.history({ channel: "C0INBOX" });
    expect(history?.some((m) => m.ts === reply.ts)).toBe(false);
    expect((await slack.chat.getPermalink({ channel: "C0INBOX", message_ts: ts })).permalink).toContain(
      "C0INBOX",
    );
    await slack.chat.delete({ channel: "C0INBOX", ts });
    expect((await failure(slack.chat.update({ channel: "C0INBOX", ts, text: "x" }))).data?.error).toBe(
      "message_not_found",
    );
  });

  it("creates a channel and invites people", async () => {
    const made = await slack.conversations.create({ name: "crisis-flood-1" });
    const channel = String(made.channel?.id);
    await slack.conversations.invite({ channel, users: `${AYANDA},${FATIMA}` });
    await slack.conversations.setTopic({ channel, topic: "Flood" });
    expect((await slack.conversations.info({ channel })).channel?.topic?.value).toBe("Flood");
    expect((await failure(slack.conversations.create({ name: "crisis-flood-1" }))).data?.error).toBe(
      "name_taken",
    );
    expect((await hand.slack(AYANDA).channels()).some((c) => c.id === channel)).toBe(true);
  });

  it("shows an ephemeral message to one person only", async () => {
    await slack.chat.postEphemeral({ channel: "C0INBOX", user: AYANDA, text: "for your eyes" });
    await hand.slack(AYANDA).sees("for your eyes");
    expect(await hand.slack(FATIMA).messages({ contains: "for your eyes" })).toEqual([]);
  });

  it("takes a file", async () => {
    await slack.filesUploadV2({
      channel_id: "C0INBOX",
      filename: "report.txt",
      file: Buffer.from("figures"),
      initial_comment: "the report",
    });
    const post = await hand.slack(AYANDA).sees("the report");
    expect(await (await fetch(sandbox.url + String(post.files?.[0]?.url))).text()).toBe("figures");
  });

  it.each([
    [
      "a wrong token",
      () => new WebClient("xoxb-wrong", { slackApiUrl: `${sandbox.url}/api/` }).auth.test(),
      "invalid_auth",
    ],
    [
      "an unknown channel",
      () => slack.chat.postMessage({ channel: "C0NOWHERE", text: "x" }),
      "channel_not_found",
    ],
    ["nothing to say", () => slack.chat.postMessage({ channel: "C0INBOX", text: "" }), "no_text"],
    [
      "a misspelt argument",
      () => slack.apiCall("chat.postMessage", { channel: "C0INBOX", txt: "x" }),
      "invalid_arguments",
    ],
    ["an unknown method", () => slack.apiCall("chat.postMesage", {}), "unknown_method"],
    [
      "a thread that is not there",
      () => slack.chat.postMessage({ channel: "C0INBOX", text: "x", thread_ts: "1.0" }),
      "thread_not_found",
    ],
  ])("refuses %s", async (_, call, error) => {
    expect((await failure(call())).data?.error).toBe(error);
  });

  it("names the place of a fault in blocks", async () => {
    const { data } = await failure(
      slack.chat.postMessage({
        channel: "C0INBOX",
        text: "x",
        blocks: [{ type: "header", text: plain("x".repeat(151)) }],
      }),
    );
    expect(data?.error).toBe("invalid_blocks");
    expect(data?.response_metadata?.messages).toContain(
      "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    );
  });

  it("is throttled with Retry-After", async () => {
    await hand.turn({ sendsPerSecond: 1, retryAfterSeconds: 3 });
    const impatient = new WebClient(botToken, {
      slackApiUrl: `${sandbox.url}/api/`,
      rejectRateLimitedCalls: true,
    });
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map(() => impatient.chat.postMessage({ channel: "C0INBOX", text: "fast" })),
    );
    const throttled = outcomes
      .filter((o) => o.status === "rejected")
      .map((o) => o.reason as { code: string; retryAfter: number });
    expect(throttled.length).toBeGreaterThanOrEqual(2);
    expect(throttled[0]).toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 3 });
  });
});

/** The product opens `view` as soon as the command comes, as Bolt would. */
async function opened(
  view: object,
  answers: (seen: Seen) => object | undefined = () => undefined,
): Promise<void> {
  const opening: Promise<unknown>[] = [];
  product.answer((seen) => {
    const form = new URLSearchParams(seen.body);
    if (form.get("command"))
      opening.push(slack.views.open({ trigger_id: form.get("trigger_id") ?? "", view: view as never }));
    const body = answers(seen);
    return body ? { body } : undefined;
  });
  expect(await hand.slack(AYANDA).command("/saypro new")).toEqual({ ok: true });
  await Promise.all(opening);
}

const modal = {
  type: "modal",
  callback_id: "broadcast",
  private_metadata: "m",
  title: plain("New broadcast"),
  submit: plain("Send"),
  notify_on_close: true,
  blocks: [
    {
      type: "input",
      block_id: "title",
      label: plain("Title"),
      element: { type: "plain_text_input", action_id: "value", min_length: 3 },
    },
    {
      type: "input",
      block_id: "wards",
      label: plain("Wards"),
      dispatch_action: true,
      element: {
        type: "multi_static_select",
        action_id: "pick",
        options: [1, 2].map((n) => ({ text: plain(`Ward ${n}`), value: `w${n}` })),
      },
    },
    {
      type: "input",
      block_id: "on",
      optional: true,
      label: plain("On"),
      element: { type: "datepicker", action_id: "date" },
    },
    {
      type: "input",
      block_id: "at",
      optional: true,
      label: plain("At"),
      element: { type: "datetimepicker", action_id: "time" },
    },
    {
      type: "actions",
      block_id: "more",
      elements: [{ type: "button", action_id: "preview", value: "p", text: plain("Preview") }],
    },
  ],
};

describe("people", () => {
  it("run a command: signed, with Slack's fields; the answer is shown to them alone", async () => {
    product.answer(() => ({ body: { response_type: "ephemeral", text: "Here is *help*" } }));
    expect(await hand.slack(AYANDA).command("/saypro help  me", "C0INBOX")).toEqual({ ok: true });
    const seen = product.seen.filter((s) => s.body.includes("help++me")).at(-1);
    expect(seen && signed(seen)).toBe(true);
    expect(Object.fromEntries(new URLSearchParams(seen?.body))).toMatchObject({
      command: "/saypro",
      text: "help  me",
      user_id: AYANDA,
      user_name: "ayanda.nkosi",
      channel_id: "C0INBOX",
      channel_name: "inbox",
    });
    await hand.slack(AYANDA).sees("Here is *help*", { channel: "C0INBOX" });
    expect(await hand.slack(FATIMA).messages({ contains: "Here is *help*" })).toEqual([]);
  });

  it("see an error when the answer takes longer than three seconds, here less", async () => {
    await hand.turn({ slackTimeoutMs: 30 });
    product.answer(() => ({ delayMs: 200 }));
    expect(await hand.slack(AYANDA).command("/saypro")).toMatchObject({
      ok: false,
      problem: expect.stringContaining("no answer"),
    });
  });

  it("fill in a modal and submit it", async () => {
    await opened(modal);
    const ayanda = hand.slack(AYANDA);
    expect((await ayanda.seesModal("New broadcast")).callbackId).toBe("broadcast");
    expect(await ayanda.submit()).toMatchObject({
      ok: false,
      errors: { title: expect.stringContaining("required") },
    });
    expect(await ayanda.submit({ title: "ab", wards: ["Ward 2"] })).toMatchObject({
      errors: { title: expect.stringContaining("at least 3") },
    });
    expect(interactions("view_submission")).toEqual([]);
    const done = await ayanda.submit({
      title: { value: "Water" },
      pick: ["w1", "Ward 2"],
      on: "2026-12-01",
      at: "2026-12-01T10:00:00Z",
    });
    expect(done).toMatchObject({ ok: true, view: null });
    const submission = interactions("view_submission").at(-1) as {
      view: { state: { values: object }; private_metadata: string };
    };
    expect(submission.view).toMatchObject({
      private_metadata: "m",
      state: {
        values: {
          title: { value: { type: "plain_text_input", value: "Water" } },
          wards: { pick: { selected_options: [{ value: "w1" }, { value: "w2" }] } },
          on: { date: { selected_date: "2026-12-01" } },
          at: { time: { selected_date_time: 1_796_119_200 } },
        },
      },
    });
    // dispatch_action told the product as it was chosen.
    expect(interactions("block_actions").some((p) => JSON.stringify(p.actions).includes('"w2"'))).toBe(true);
  });

  it.each([
    [
      "errors",
      { response_action: "errors", errors: { title: "Taken" } },
      { ok: false, errors: { title: "Taken" } },
    ],
    [
      "update",
      { response_action: "update", view: { ...modal, title: plain("Step two") } },
      { view: { title: { text: "Step two" } } },
    ],
    [
      "push",
      { response_action: "push", view: { ...modal, title: plain("On top") } },
      { view: { title: { text: "On top" }, previousId: expect.any(String) } },
    ],
    ["clear", { response_action: "clear" }, { ok: true, view: null }],
  ])("obey the answer to a submission: %s", async (_, body, wanted) => {
    await opened(modal, (seen) =>
      seen.body.startsWith("payload=") && payload(seen).type === "view_submission" ? body : undefined,
    );
    expect(await hand.slack(AYANDA).submit({ title: "Water", wards: ["w1"] })).toMatchObject(wanted);
  });

  it("close a modal, and the product hears of it when it asked to", async () => {
    await opened(modal);
    await hand.slack(AYANDA).closeModal();
    expect(interactions("view_closed").at(-1)).toMatchObject({
      view: { callback_id: "broadcast" },
      is_cleared: false,
    });
    expect(await hand.slack(AYANDA).modal()).toBeNull();
  });

  it("press a button in a modal; the product updates it and what was typed stays", async () => {
    await opened(modal);
    const ayanda = hand.slack(AYANDA);
    await ayanda.fill({ title: "Water" });
    expect(await ayanda.press({ actionId: "preview" })).toEqual({ ok: true });
    const action = interactions("block_actions").at(-1) as {
      view: { id: string; hash: string };
      actions: object[];
    };
    expect(action.actions).toMatchObject([
      { type: "button", action_id: "preview", value: "p", block_id: "more" },
    ]);
    const { id, hash } = action.view;
    await slack.views.update({ view_id: id, hash, view: { ...modal, title: plain("Preview") } as never });
    expect((await ayanda.modal())?.values.title?.value).toMatchObject({ value: "Water" });
    expect((await failure(slack.views.update({ view_id: id, hash, view: modal as never }))).data?.error).toBe(
      "hash_conflict",
    );
  });

  it("hold a trigger that opens one view, for three seconds", async () => {
    await opened(modal);
    const trigger = new URLSearchParams(product.seen.findLast((s) => s.body.includes("command="))?.body).get(
      "trigger_id",
    );
    const again = slack.views.open({ trigger_id: String(trigger), view: modal as never });
    expect((await failure(again)).data?.error).toBe("exchanged_trigger_id");
    expect((await failure(slack.views.open({ trigger_id: "1.2.3", view: modal as never }))).data?.error).toBe(
      "invalid_trigger_id",
    );
  });

  it("press a button under a message; the response address replaces the message", async () => {
    const posted = await slack.chat.postMessage({
      channel: "C0APPROVALS",
      text: "Approve?",
      blocks: [
        section("Approve?"),
        {
          type: "actions",
          block_id: "b",
          elements: [{ type: "button", action_id: "approve", value: "42", text: plain("Approve") }],
        },
      ],
    });
    const place = { kind: "message" as const, channel: "C0APPROVALS", ts: String(posted.ts) };
    expect(await hand.slack(FATIMA).press({ place, actionId: "approve" })).toEqual({ ok: true });
    const action = interactions("block_actions").at(-1);
    expect(action).toMatchObject({
      user: { id: FATIMA },
      container: { type: "message", channel_id: "C0APPROVALS", message_ts: posted.ts, is_ephemeral: false },
      message: { text: "Approve?" },
      actions: [{ value: "42" }],
    });
    const respond = (body: object) =>
      fetch(String(action?.response_url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await respond({ replace_original: true, text: "Approved by Fatima" })).status).toBe(200);
    expect((await hand.slack(AYANDA).sees("Approved by Fatima")).ts).toBe(posted.ts);
    expect((await respond({ text: "only you" })).status).toBe(200);
    await hand.slack(FATIMA).sees("only you");
    expect((await hand.slack(FATIMA).press({ place, actionId: "approve" })).problem).toContain(
      "no approve to press",
    );
  });

  it("write in a channel, a thread and to the app: one event each, signed", async () => {
    const posted = await slack.chat.postMessage({ channel: "C0INBOX", text: "A question" });
    const ayanda = hand.slack(AYANDA);
    await ayanda.write("C0INBOX", "An answer", posted.ts);
    await ayanda.write("D0AYANDA", "Hello app");
    await ayanda.write("#inbox", `<@${botUserId}> look`);
    expect(events("message").every((e) => signed(e.seen))).toBe(true);
    expect(events("message").map((e) => e.body.event)).toMatchObject([
      { text: "An answer", thread_ts: posted.ts, parent_user_id: botUserId, channel_type: "channel" },
      { text: "Hello app", channel: "D0AYANDA", channel_type: "im" },
      { channel: "C0INBOX" },
    ]);
    expect(events("app_mention")).toHaveLength(1);
  });

  it("are heard in the end: an unanswered event comes again three times with its number", async () => {
    await hand.turn({ slackRetryDelaysMs: [0, 1, 1] });
    product.answer(() => ({ status: 500 }));
    expect((await hand.slack(AYANDA).write("C0INBOX", "retry me")).ok).toBe(false);
    const tries = await product.waitFor((s) => s.body.includes("retry me"), 4);
    expect(tries.map((t) => t.headers["x-slack-retry-num"])).toEqual([undefined, "1", "2", "3"]);
    expect(tries[1]?.headers["x-slack-retry-reason"]).toBe("http_error");
    expect(new Set(tries.map((t) => (JSON.parse(t.body) as { event_id: string }).event_id)).size).toBe(1);
  });

  it("open App Home, which the product publishes", async () => {
    const home = { type: "home" as const, blocks: [section("Nothing is running")] };
    await slack.views.publish({ user_id: AYANDA, view: home });
    const { view } = await hand.slack(AYANDA).openHome();
    expect(events("app_home_opened").at(-1)?.body.event).toMatchObject({
      user: AYANDA,
      tab: "home",
      view: { type: "home" },
    });
    expect(view?.blocks).toMatchObject([{ text: { text: "Nothing is running" } }]);
    expect(
      (await failure(slack.views.publish({ user_id: AYANDA, view: home, hash: "old" }))).data?.error,
    ).toBe("hash_conflict");
  });

  it("choose from a menu that the product fills", async () => {
    const element = { type: "external_select", action_id: "who", min_query_length: 0 };
    const view = { ...modal, blocks: [{ type: "input", block_id: "b", label: plain("Who"), element }] };
    await opened(view, (seen) =>
      seen.body.startsWith("payload=") && payload(seen).type === "block_suggestion"
        ? { options: [{ text: plain("Radio Karoo"), value: "karoo" }] }
        : undefined,
    );
    expect(await hand.slack(AYANDA).submit({ who: "Radio Karoo" })).toMatchObject({ ok: true });
    expect(interactions("block_suggestion").at(-1)).toMatchObject({
      value: "Radio Karoo",
      action_id: "who",
      block_id: "b",
    });
    expect(interactions("view_submission").at(-1)).toMatchObject({
      view: { state: { values: { b: { who: { selected_option: { value: "karoo" } } } } } },
    });
  });
});

it("says the address is verified when the product answers the challenge", async () => {
  product.answer((seen) => ({
    body: { challenge: (JSON.parse(seen.body) as { challenge: string }).challenge },
  }));
  expect(await hand.verifySlack()).toEqual({ ok: true, status: 200 });
});
