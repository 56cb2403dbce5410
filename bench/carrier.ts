import { once } from "node:events";
import { createServer } from "node:http";

/** A reply that takes longer is lost. */
const REPLY_LIMIT_MS = 30_000;

/** A stand-in for Twilio's Messages API that accepts everything. */
export interface Carrier {
  readonly url: string;
  /** The next message to this number. */
  next(to: string): Promise<string>;
  /** Once so many more were accepted: milliseconds from the first of them to the last. */
  accepts(messages: number): Promise<number>;
  close(): Promise<void>;
}

/** `delayMs`: every request is answered so long after it came. */
export async function openCarrier(delayMs = 0): Promise<Carrier> {
  const waiting = new Map<string, (text: string) => void>();
  let sent = 0;
  let counting: { left: number; first: number; readonly done: (ms: number) => void } | undefined;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const sid = `SM${String(++sent).padStart(32, "0")}`;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    response
      .writeHead(201, { "content-type": "application/json" })
      .end(JSON.stringify({ sid, status: "queued" }));
    const to = form.get("To") ?? "";
    waiting.get(to)?.(form.get("Body") ?? "");
    waiting.delete(to);
    if (!counting) return;
    if (counting.first === 0) counting.first = performance.now();
    counting.left -= 1;
    if (counting.left === 0) counting.done(performance.now() - counting.first);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    next: (to) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`no reply to ${to}`)), REPLY_LIMIT_MS);
        waiting.set(to, (text) => {
          clearTimeout(limit);
          resolve(text);
        });
      }),
    accepts: (messages) =>
      new Promise((done) => {
        counting = { left: messages, first: 0, done };
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
