import { createHmac } from "node:crypto";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { type OutboundMessage, openChannels, type Slack, type WebhookRequest } from "#channels";
import { type Lines, lines, MESSAGE_ID, NOW, post, surroundings, testChannel } from "./conformance.ts";
import { type FakeCarrier, fakeCarrier, type Script, type Taken } from "./fake-carrier.ts";

const BOT_TOKEN = "xoxb-kept-secret";
const APP_TOKEN = "xapp-kept-secret";
const SIGNING_SECRET = "slack-signing-secret-kept-secret";
const TS = "1795514400.000100";

const plain: OutboundMessage = { id: MESSAGE_ID, to: "slack:#approvals", text: "A draft waits" };
const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*A draft waits*" } }];
const posted = (id: string, ts = TS): object => ({
  type: "message",
  ts,
  text: "A draft waits",
  metadata: { event_type: "saypro_message", event_payload: { id } },
});

const WHO = { ok: true, user_id: "U0BOT", bot_id: "B0BOT", team_id: "T0TOWN" };
const ACCEPT: Script = { status: 200, body: { ok: true, channel: "C0APPROVALS", ts: TS } };
const error = (name: string): Script => ({ status: 200, body: { ok: false, error: name } });

/** The Web API, as far as a message needs it. */
function api(script: Script): (request: Taken) => Script {
  return ({ path }) => {
    if (path.endsWith("/auth.test")) return { status: 200, body: WHO };
    if (path.endsWith("/conversations.list") && script !== "cut")
      return {
        status: 200,
        body: {
          ok: true,
          channels: [
            { id: "C0OTHER", name: "inbox" },
            { id: "C0APPROVALS", name: "approvals" },
          ],
        },
      };
    return script;
  };
}

function open(url: string, log: Lines, more: object = { signingSecret: SIGNING_SECRET }): Slack {
  const { slack } = openChannels(
    { slack: { botToken: BOT_TOKEN, apiUrl: `${url}/api`, ...more } },
    surroundings(log),
  );
  if (!slack) throw new Error("Slack is off");
  return slack;
}

const NO_WEBHOOKS = "Slack's requests go to Bolt, tested below";
testChannel({
  name: "Slack",
  open: async (log) => {
    const carrier = await fakeCarrier(api(ACCEPT));
    const { channel } = open(carrier.url, log as Lines);
    return {
      channel,
      taken: carrier.taken,
      answer: (script) => carrier.answer(api(script === "accept" ? ACCEPT : script)),
      unplug: () => carrier.close(),
      close: async () => {
        await channel.close?.();
        await carrier.close();
      },
    };
  },
  secrets: [BOT_TOKEN, SIGNING_SECRET],
  skips: {
    "refuses to send": "Slack judges its messages itself",
    receives: NO_WEBHOOKS,
    forged: NO_WEBHOOKS,
    malformed: NO_WEBHOOKS,
    "receipts out of order": "Slack sends no receipts",
    "any text comes through": NO_WEBHOOKS,
    "any bytes are survived": NO_WEBHOOKS,
  },
  plain,
  wireOf: ({ path, body }) => ({ path, ...Object.fromEntries(new URLSearchParams(body)) }),
  contractFaults: ({ headers }) => (headers.authorization === `Bearer ${BOT_TOKEN}` ? [] : ["wrong token"]),
  outbound: [
    {
      name: "a text to a channel by its name",
      message: plain,
      wire: { path: "/api/chat.postMessage", channel: "#approvals", text: "A draft waits" },
    },
    {
      name: "blocks with the text as their fallback",
      message: { ...plain, blocks },
      wire: { text: "A draft waits", blocks: JSON.stringify(blocks) },
    },
    {
      name: "a direct message to a member",
      message: { ...plain, to: "slack:U0OFFICER" },
      wire: { channel: "U0OFFICER" },
    },
    {
      name: "a reply in a thread, in the thread's own channel",
      message: { ...plain, thread: `C0THREAD:${TS}` },
      wire: { path: "/api/chat.postMessage", channel: "C0THREAD", thread_ts: TS },
    },
    {
      name: "an edit in place",
      message: { ...plain, replaces: `C0APPROVALS:${TS}`, blocks },
      wire: { path: "/api/chat.update", channel: "C0APPROVALS", ts: TS, text: "A draft waits" },
    },
    {
      name: "choices as a numbered list",
      message: { ...plain, choices: [{ id: "y", title: "Yes" }] },
      wire: { text: "A draft waits\n1. Yes" },
    },
  ],
  refusals: [
    {
      name: "its rate, with its own time to wait",
      answer: { status: 429, headers: { "retry-after": "30" }, body: "" },
      failure: "throttled",
      retryAfterMs: 30_000,
    },
    {
      name: "an unknown channel",
      answer: error("channel_not_found"),
      failure: "misconfigured",
      code: "channel_not_found",
    },
    { name: "a channel that the app is not in", answer: error("not_in_channel"), failure: "misconfigured" },
    { name: "a revoked token", answer: error("token_revoked"), failure: "misconfigured" },
    { name: "a bad layout", answer: error("invalid_blocks"), failure: "refused", code: "invalid_blocks" },
    { name: "an unknown member", answer: error("user_not_found"), failure: "bad_address" },
    { name: "an internal error", answer: error("internal_error"), failure: "unavailable" },
    {
      name: "a name nobody knows: final",
      answer: error("brand_new_error"),
      failure: "refused",
      code: "brand_new_error",
    },
    { name: "503", answer: { status: 503, body: "" }, failure: "unavailable" },
    { name: "502: in doubt", answer: { status: 502, body: "<html>" }, failure: "unknown_outcome" },
  ],
  lookUp: {
    has: {
      status: 200,
      body: { ok: true, messages: [posted("another", "1795514500.000100"), posted(MESSAGE_ID)] },
    },
    hasNot: { status: 200, body: { ok: true, messages: [posted("another")] } },
    found: { providerId: `C0APPROVALS:${TS}`, status: "delivered" },
  },
});

describe("Slack's edits and threads", () => {
  let carrier: FakeCarrier;
  let slack: Slack;
  beforeEach(async () => {
    carrier = await fakeCarrier(api(ACCEPT));
    slack = open(carrier.url, lines());
  });
  afterEach(() => carrier.close());

  it("makes an edit again after a lost answer: it changes nothing", async () => {
    carrier.answer(() => "cut");
    expect(await slack.channel.send({ ...plain, replaces: `C0APPROVALS:${TS}` })).toMatchObject({
      failure: "unavailable",
    });
  });

  it("looks for a reply in its thread", async () => {
    carrier.answer(() => ({ status: 200, body: { ok: true, messages: [posted(MESSAGE_ID)] } }));
    const message = { ...plain, thread: "C0THREAD:1795514000.000100" };
    expect(await slack.channel.lookUp?.(message, NOW.toISOString())).toMatchObject({
      providerId: `C0THREAD:${TS}`,
    });
    const [{ path, body } = { path: "", body: "" }] = carrier.taken;
    expect(path).toBe("/api/conversations.replies");
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
      channel: "C0THREAD",
      ts: "1795514000.000100",
      oldest: "1795427995.000000",
      include_all_metadata: "true",
    });
  });

  it("turns the pages of a long history", async () => {
    carrier.answer(({ path, body }) => {
      if (path.endsWith("conversations.list")) return api(ACCEPT)({ path } as Taken);
      const second = new URLSearchParams(body).get("cursor") === "next";
      return {
        status: 200,
        body: {
          ok: true,
          messages: [posted(second ? MESSAGE_ID : "another")],
          response_metadata: { next_cursor: second ? "" : "next" },
        },
      };
    });
    expect(await slack.channel.lookUp?.(plain, NOW.toISOString())).toMatchObject({ status: "delivered" });
  });
});

function signed(
  body: string,
  { at = NOW, secret = SIGNING_SECRET, json = false, more = {} as Record<string, string> } = {},
): WebhookRequest {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return post(
    "/slack/events",
    body,
    { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature, ...more },
    json ? "application/json" : "application/x-www-form-urlencoded",
  );
}

const command = new URLSearchParams({
  token: "x",
  team_id: "T0TOWN",
  channel_id: "C0ANY",
  user_id: "U0OFFICER",
  command: "/saypro",
  text: "help",
  trigger_id: "1.2.abc",
  response_url: "https://hooks.slack.com/commands/T0TOWN/1/abc",
}).toString();
const event = JSON.stringify({
  token: "x",
  team_id: "T0TOWN",
  api_app_id: "A0APP",
  event: {
    type: "message",
    channel: "C0INBOX",
    channel_type: "channel",
    user: "U0OFFICER",
    text: "hello",
    ts: TS,
  },
  type: "event_callback",
  event_id: "Ev0ONE",
  event_time: 1795514400,
  authorizations: [{ team_id: "T0TOWN", user_id: "U0BOT", is_bot: true, is_enterprise_install: false }],
});

describe("Slack over HTTP", () => {
  let carrier: FakeCarrier;
  let slack: Slack;
  let log: Lines;
  beforeEach(async () => {
    carrier = await fakeCarrier(api(ACCEPT));
    log = lines();
    slack = open(carrier.url, log);
  });
  afterEach(() => carrier.close());
  const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

  it("answers a command with what its listener acknowledged, before the listener is through", async () => {
    let finish = (): void => {};
    slack.app.command("/saypro", async ({ ack }) => {
      await ack({ response_type: "ephemeral", text: "Help" });
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    expect(await slack.handle(signed(command))).toEqual({
      status: 200,
      contentType: "application/json",
      body: '{"response_type":"ephemeral","text":"Help"}',
    });
    finish();
  });

  it("answers a bare acknowledgement with nothing", async () => {
    slack.app.action("approve", async ({ ack }) => ack());
    const payload = JSON.stringify({
      type: "block_actions",
      team: { id: "T0TOWN" },
      user: { id: "U0OFFICER" },
      actions: [{ action_id: "approve", block_id: "b", type: "button", value: "1" }],
    });
    const request = signed(new URLSearchParams({ payload }).toString());
    expect(await slack.handle(request)).toEqual({ status: 200, contentType: "text/plain", body: "" });
  });

  it("answers an event once its listener is through, and gives the listener a client that works", async () => {
    const order: string[] = [];
    slack.app.event("message", async ({ event: { ts }, say }) => {
      await say(`got ${ts}`);
      order.push("listener");
    });
    const reply = await slack.handle(signed(event, { json: true }));
    order.push("reply");
    expect(reply.status).toBe(200);
    expect(order).toEqual(["listener", "reply"]);
    expect(carrier.taken.map(({ path }) => path)).toContain("/api/chat.postMessage");
  });

  it("asks for an event again when its listener failed: 503", async () => {
    slack.app.event("message", async () => {
      throw new Error("the database is down");
    });
    expect((await slack.handle(signed(event, { json: true }))).status).toBe(503);
    expect(log.text()).toContain("the database is down");
  });

  it("tells the listener which try of Slack's this is", async () => {
    let retry: number | undefined;
    slack.app.event("message", async ({ context }) => {
      retry = context.retryNum;
    });
    const more = { "x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout" };
    await slack.handle(signed(event, { json: true, more }));
    expect(retry).toBe(2);
  });

  it("says 404 to a command that nobody listens to, and 503 when its listener fails unacknowledged", async () => {
    expect((await slack.handle(signed(command))).status).toBe(404);
    slack.app.command("/saypro", async () => {
      throw new Error("oops");
    });
    expect((await slack.handle(signed(command))).status).toBe(503);
  });

  it("echoes Slack's challenge and survives its certificate check", async () => {
    const challenge = '{"type":"url_verification","challenge":"3eZbrw1aB"}';
    expect(await slack.handle(signed(challenge, { json: true }))).toMatchObject({
      status: 200,
      body: "3eZbrw1aB",
    });
    expect(await slack.handle(signed("ssl_check=1"))).toMatchObject({ status: 200 });
    expect((await slack.handle(signed("{", { json: true }))).status).toBe(400);
  });

  it.each<[string, WebhookRequest, number]>([
    ["a genuine request", signed(command), 200],
    ["five minutes old", signed(command, { at: minutes(-5) }), 200],
    ["older", signed(command, { at: minutes(-5.1) }), 403],
    ["from the future", signed(command, { at: minutes(5.1) }), 403],
    ["another secret", signed(command, { secret: "another" }), 403],
    ["a changed body", { ...signed(command), body: Buffer.from(`${command}x`) }, 403],
    ["no signature", { ...signed(command), headers: {} }, 403],
    [
      "a timestamp that is none",
      { ...signed(command), headers: { ...signed(command).headers, "x-slack-request-timestamp": "soon" } },
      403,
    ],
    [
      "another version of the signature",
      { ...signed(command), headers: { ...signed(command).headers, "x-slack-signature": "v1=00" } },
      403,
    ],
  ])("%s", async (_name, request, status) => {
    slack.app.command("/saypro", async ({ ack }) => ack());
    expect((await slack.handle(request)).status).toBe(status);
  });

  it("asks Slack who we are once, not before a genuine request, and again after a failure", async () => {
    slack.app.command("/saypro", async ({ ack }) => ack());
    await slack.handle(signed(command, { secret: "another" }));
    expect(carrier.taken).toEqual([]);
    carrier.answer(() => error("invalid_auth"));
    expect((await slack.handle(signed(command))).status).toBe(503);
    carrier.answer(api(ACCEPT));
    expect((await slack.handle(signed(command))).status).toBe(200);
    const asked = carrier.taken.length;
    expect((await slack.handle(signed(command))).status).toBe(200);
    expect(carrier.taken.length).toBe(asked);
  });

  it("does not follow a response_url away from the configured address", async () => {
    let words = "";
    slack.app.command("/saypro", async ({ ack, respond }) => {
      await respond("hello").catch((e: unknown) => {
        words = String(e);
      });
      await ack();
    });
    await slack.handle(signed(command));
    expect(words).toContain("nothing is sent to hooks.slack.com");
    expect(log.text()).not.toContain(BOT_TOKEN);
  });
});

describe("Slack in Socket Mode", () => {
  it("acknowledges an event once its listener is through, and leaves a failed one to be repeated", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const carrier = await fakeCarrier((request) =>
      request.path.endsWith("/apps.connections.open")
        ? { status: 200, body: { ok: true, url: `ws://127.0.0.1:${port}/link` } }
        : api(ACCEPT)(request),
    );
    const acknowledged: string[] = [];
    const done: string[] = [];
    const both = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        socket.on("message", (data) => {
          const { envelope_id } = JSON.parse(String(data)) as { envelope_id?: string };
          if (envelope_id) acknowledged.push(envelope_id);
          if (envelope_id === "good") resolve();
        });
        socket.send(
          JSON.stringify({ type: "hello", num_connections: 1, connection_info: { app_id: "A0APP" } }),
        );
        for (const envelope_id of ["bad", "good"])
          socket.send(
            JSON.stringify({
              envelope_id,
              type: "events_api",
              accepts_response_payload: false,
              payload: { ...(JSON.parse(event) as object), event_id: envelope_id },
            }),
          );
      });
    });
    const log = lines();
    const slack = open(carrier.url, log, { appToken: APP_TOKEN });
    slack.app.event("message", async ({ body }) => {
      if (body.event_id === "bad") throw new Error("not stored");
      done.push(body.event_id);
    });
    await slack.channel.connect?.(async () => {});
    await both;
    expect(done).toEqual(["good"]);
    expect(acknowledged).toEqual(["good"]);
    expect(await slack.channel.send(plain)).toMatchObject({ status: "delivered" });
    expect((await slack.handle(signed(command))).status).toBe(404);
    await slack.channel.close?.();
    server.close();
    for (const client of server.clients) client.terminate();
    await carrier.close();
    expect(log.text()).not.toContain(APP_TOKEN);
  });
});
