import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { credentials } from "../credentials.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Answer } from "../webhook.ts";
import type { Slack } from "./slack.ts";

export const SOCKET_PATH = "/slack-socket";

/** The far end of `apps.connections.open`: envelopes go out, acknowledgements come back by envelope id. */
export function mountSocketMode(server: Server, around: Surroundings, slack: Slack): { close(): void } {
  const sockets = new WebSocketServer({ server, path: SOCKET_PATH });
  sockets.on("connection", (socket) => serve(socket, around, slack));
  return {
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function serve(socket: WebSocket, around: Surroundings, slack: Slack): void {
  const waiting = new Map<string, (answer: Answer) => void>();
  const { appId } = credentials.slack;
  socket.send(
    JSON.stringify({
      type: "hello",
      num_connections: 1,
      debug_info: { host: "sandbox", build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: appId },
    }),
  );
  const disconnect = slack.delivery.connect({
    send: (kind, payload, timeoutMs, retry) =>
      new Promise((resolve) => {
        const id = randomUUID();
        waiting.set(id, resolve);
        socket.send(
          JSON.stringify({
            envelope_id: id,
            type: kind,
            accepts_response_payload: kind !== "events_api",
            payload,
            ...(retry ? { retry_attempt: retry.number, retry_reason: retry.reason } : {}),
          }),
        );
        around.later(timeoutMs, () => {
          if (waiting.delete(id)) resolve(silence(`no answer in ${timeoutMs} ms`));
        });
      }),
  });
  socket.on("message", (data) => {
    const { envelope_id: id, payload } = JSON.parse(String(data)) as {
      envelope_id?: string;
      payload?: unknown;
    };
    const resolve = id ? waiting.get(id) : undefined;
    if (!id || !resolve) return;
    waiting.delete(id);
    const body = payload === undefined ? "" : typeof payload === "string" ? payload : JSON.stringify(payload);
    resolve({ status: 200, body, contentType: "application/json" });
  });
  socket.on("close", () => {
    disconnect();
    for (const resolve of waiting.values()) resolve(silence("the socket was closed"));
    waiting.clear();
  });
}

function silence(problem: string): Answer {
  return { status: 0, body: "", contentType: "", problem };
}
