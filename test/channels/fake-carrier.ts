import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the carrier got it. */
export interface Taken {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What the carrier does with a request: answers it, or cuts the line once it has it whole. */
export type Script =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: string | object }
  | "cut";

export interface FakeCarrier {
  readonly url: string;
  readonly taken: Taken[];
  /** Decides on every request from now on. */
  answer(script: (request: Taken) => Script): void;
  close(): Promise<void>;
}

/** A carrier on the loopback that keeps what it was sent and answers as it is told. */
export async function fakeCarrier(first: (request: Taken) => Script): Promise<FakeCarrier> {
  const taken: Taken[] = [];
  let script = first;
  const server = createServer(async (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    for await (const part of request) body += part;
    const url = new URL(request.url ?? "/", "http://carrier");
    const one: Taken = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    taken.push(one);
    const does = script(one);
    if (does === "cut") return request.socket.destroy();
    const text = typeof does.body === "string" ? does.body : JSON.stringify(does.body);
    response.writeHead(does.status, { "content-type": "application/json", ...does.headers }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    answer: (next) => {
      script = next;
    },
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
