import { type App, type Receiver, type ReceiverEvent, verifySlackRequest } from "@slack/bolt";
import { isRecord, jsonObject } from "../carrier-http.ts";
import type { Log, WebhookReply, WebhookRequest } from "../channel.ts";

/** Slack's own tolerance; Bolt checks the past only, we the future too. */
const TOLERANCE_S = 300;

const empty = (status: number): WebhookReply => ({ status, contentType: "text/plain", body: "" });
const FORGED: WebhookReply = {
  status: 403,
  contentType: "application/json",
  body: '{"error":"The request is not signed by Slack."}',
};

/** Bolt's receiver for a server that is not its own: one request in, one reply out. */
export interface HttpReceiver extends Receiver {
  handle(request: WebhookRequest): Promise<WebhookReply>;
}

/** `ready` is awaited before the first genuine request is dispatched. */
export function httpReceiver(
  signingSecret: string,
  clock: () => Date,
  log: Log,
  ready: () => Promise<void>,
): HttpReceiver {
  let app: App | undefined;
  return {
    init: (bolt) => {
      app = bolt;
    },
    start: async () => {},
    stop: async () => {},
    handle: async (request) => {
      if (!isSigned(request, signingSecret, clock())) {
        log.warn({ path: "/slack/events" }, "request refused: wrong or stale Slack signature");
        return FORGED;
      }
      const body = bodyOf(request);
      if (body === undefined) return empty(400);
      if (body.ssl_check) return empty(200);
      if (body.type === "url_verification")
        return { status: 200, contentType: "text/plain", body: String(body.challenge ?? "") };
      if (app === undefined) return empty(503);
      try {
        await ready();
      } catch (error) {
        log.error({ err: error }, "Slack does not say who we are; is SLACK_BOT_TOKEN right?");
        return empty(503);
      }
      return dispatch(app, body, request, log);
    },
  };
}

function isSigned({ headers, body }: WebhookRequest, signingSecret: string, now: Date): boolean {
  const signature = headers["x-slack-signature"];
  const timestamp = Number(headers["x-slack-request-timestamp"] || Number.NaN);
  if (!signature || !(Math.abs(now.getTime() / 1000 - timestamp) <= TOLERANCE_S)) return false;
  try {
    verifySlackRequest({
      signingSecret,
      body: Buffer.from(body).toString("utf8"),
      headers: { "x-slack-signature": signature, "x-slack-request-timestamp": timestamp },
      nowMilliseconds: now.getTime(),
    });
    return true;
  } catch {
    return false;
  }
}

/** Events come as JSON, commands as a form, everything that was clicked as JSON in the form's `payload`. */
function bodyOf({ headers, body }: WebhookRequest): Record<string, unknown> | undefined {
  const text = Buffer.from(body).toString("utf8");
  if (headers["content-type"]?.includes("application/json")) return jsonObject(text);
  const form = Object.fromEntries(new URLSearchParams(text));
  return typeof form.payload === "string" ? jsonObject(form.payload) : form;
}

/**
 * The reply is what a listener acknowledged, at once: its further work goes on. An event is answered only when its
 * listeners are through (see {@link ackWhenDone}). What failed before its acknowledgement is answered 503: Slack
 * repeats an event and tells a person who clicked that it did not work.
 */
function dispatch(
  app: App,
  body: Record<string, unknown>,
  { headers }: WebhookRequest,
  log: Log,
): Promise<WebhookReply> {
  const retryReason = headers["x-slack-retry-reason"];
  return new Promise((resolve) => {
    const event: ReceiverEvent = {
      body,
      ack: async (response) => resolve(replyOf(response)),
      ...(headers["x-slack-retry-num"] ? { retryNum: Number(headers["x-slack-retry-num"]) } : {}),
      ...(retryReason ? { retryReason } : {}),
    };
    ackWhenDone(app, event).then(
      () => resolve(empty(404)),
      (error: unknown) => {
        log.error({ err: error, type: body.type ?? "command" }, "a request from Slack was not processed");
        resolve(empty(503));
      },
    );
  });
}

/** Bolt acknowledges an event before its listeners run, and a crash would lose it: here it is afterwards. */
export async function ackWhenDone(app: Pick<App, "processEvent">, event: ReceiverEvent): Promise<void> {
  if (event.body.type !== "event_callback") return app.processEvent(event);
  await app.processEvent({ ...event, ack: async () => {} });
  await event.ack();
}

function replyOf(response: unknown): WebhookReply {
  if (typeof response === "string") return { status: 200, contentType: "text/plain", body: response };
  if (isRecord(response))
    return { status: 200, contentType: "application/json", body: JSON.stringify(response) };
  return empty(200);
}
