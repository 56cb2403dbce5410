import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that a carrier made. */
export interface Seen {
  readonly path: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answerer = (
  seen: Seen,
) => { status?: number; body?: string | object; type?: string; delayMs?: number } | undefined;

/** Stands where the product would: remembers what carriers call, and answers as the test says. */
export interface Product {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** What to answer; absent: 200 and nothing. */
  answer(answerer: Answerer): void;
  /** Waits until `count` requests match. */
  waitFor(match: (seen: Seen) => boolean, count?: number): Promise<readonly Seen[]>;
  close(): Promise<void>;
}

const LIMIT_MS = 10_000;

export async function openProduct(): Promise<Product> {
  const seen: Seen[] = [];
  let answerer: Answerer = () => undefined;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = request.url ?? "";
      const one: Seen = {
        path: url.split("?")[0] ?? "",
        url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(one);
      const { status = 200, body = "", type, delayMs = 0 } = answerer(one) ?? {};
      setTimeout(() => {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        response.writeHead(status, {
          "content-type": type ?? (typeof body === "string" ? "text/plain" : "application/json"),
        });
        response.end(text);
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    answer: (next) => {
      answerer = next;
    },
    waitFor: async (match, count = 1) => {
      const until = Date.now() + LIMIT_MS;
      for (;;) {
        const found = seen.filter(match);
        if (found.length >= count) return found;
        if (Date.now() > until)
          throw new Error(
            `only ${found.length} of ${count} requests came; all: ${seen.map((s) => s.url).join(", ")}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
