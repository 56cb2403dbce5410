import { randomUUID } from "node:crypto";
import { slackId } from "../carrier-ids.ts";
import { credentials } from "../credentials.ts";
import { happens } from "../knobs.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Answer, accepted, post, slackSignature } from "../webhook.ts";

export type EnvelopeKind = "events_api" | "interactive" | "slash_commands";

/** A Socket Mode connection of the product; when there is one, nothing goes by HTTP, as with Slack. */
export interface SocketLine {
  send(kind: EnvelopeKind, payload: object, timeoutMs: number, retry?: Retry): Promise<Answer>;
}

interface Retry {
  readonly number: number;
  readonly reason: string;
}

export interface Delivery {
  /** One signed request, with Slack's patience. */
  request(kind: EnvelopeKind, payload: object): Promise<Answer>;
  /** An event: answered later, or tried three more times. Resolves after the first try. */
  event(event: object): Promise<Answer>;
  connect(line: SocketLine): () => void;
}

export function openDelivery(around: Surroundings): Delivery {
  const { state } = around;
  const lines = new Set<SocketLine>();

  const send = async (kind: EnvelopeKind, payload: object, retry?: Retry): Promise<Answer> => {
    const timeoutMs = state.knobs.slackTimeoutMs;
    const line = [...lines].at(-1);
    const answer = line
      ? await line.send(kind, payload, timeoutMs, retry)
      : await overHttp(around.server(), kind, payload, timeoutMs, retry);
    if (!accepted(answer))
      around.problem(
        "slack",
        `The product answered ${answer.status || answer.problem} to ${describe(kind, payload)}.`,
      );
    return answer;
  };

  const again = (payload: object, number: number, answer: Answer) => {
    const pause = state.knobs.slackRetryDelaysMs[number - 1];
    if (pause === undefined) return;
    const reason =
      answer.status === 0
        ? answer.problem?.startsWith("no answer")
          ? "http_timeout"
          : "connection_failed"
        : "http_error";
    around.later(pause, async () => {
      const next = await send("events_api", payload, { number, reason });
      if (!accepted(next)) again(payload, number + 1, next);
    });
  };

  return {
    request: (kind, payload) => send(kind, payload),
    event: async (event) => {
      const payload = envelope(event);
      const answer = await send("events_api", payload);
      if (!accepted(answer)) again(payload, 1, answer);
      else if (happens(state.knobs.slackRetries))
        await send("events_api", payload, { number: 1, reason: "http_timeout" });
      return answer;
    },
    connect: (line) => {
      lines.add(line);
      return () => lines.delete(line);
    },
  };
}

function envelope(event: object): object {
  const { teamId, appId, botUserId } = credentials.slack;
  return {
    token: "sandbox-verification-token",
    team_id: teamId,
    api_app_id: appId,
    event: { ...event, event_ts: (Date.now() / 1000).toFixed(6) },
    type: "event_callback",
    event_id: slackId("Ev"),
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: randomUUID(),
  };
}

async function overHttp(
  server: string,
  kind: EnvelopeKind,
  payload: object,
  timeoutMs: number,
  retry?: Retry,
): Promise<Answer> {
  const json = kind === "events_api";
  const body = json
    ? JSON.stringify(payload)
    : kind === "interactive"
      ? new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
      : new URLSearchParams(payload as Record<string, string>).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "content-type": json ? "application/json" : "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": slackSignature(credentials.slack.signingSecret, timestamp, body),
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    ...(retry ? { "x-slack-retry-num": String(retry.number), "x-slack-retry-reason": retry.reason } : {}),
  };
  return post(`${server}/slack/events`, headers, body, timeoutMs);
}

function describe(kind: EnvelopeKind, payload: object): string {
  const { type, event, command } = payload as { type?: string; event?: { type?: string }; command?: string };
  return kind === "slash_commands" ? `the command ${command}` : `${event?.type ?? type ?? kind}`;
}
