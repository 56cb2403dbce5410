import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { causeOf, neverSent, openHttp, retryAfter } from "./carrier-http.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(body: string): Promise<string> {
  server = createServer((request, response) => {
    response.writeHead(200, { "retry-after": "2" }).end(body || request.url);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const get = { method: "GET", path: "/messages?x=1", headers: {} } as const;

describe("HTTP to a carrier", () => {
  it("keeps the path of the carrier's address in front", async () => {
    const http = openHttp(`${await serve("")}/api/`);
    expect(await http.request(get)).toEqual({
      kind: "answer",
      status: 200,
      body: "/api/messages?x=1",
      retryAfterMs: 2000,
    });
    await http.close();
  });

  it("does not swallow an endless answer", async () => {
    const http = openHttp(await serve("x".repeat(5 * 1024 * 1024)));
    expect(await http.request(get)).toMatchObject({ kind: "lost" });
    await http.close();
  });

  it("was never sent when nobody listens, when there is no such host, and after it was closed", async () => {
    const url = await serve("");
    const http = openHttp(url);
    await new Promise((resolve) => server?.close(resolve));
    expect(await http.request(get)).toEqual({ kind: "not_taken", words: "ECONNREFUSED" });
    await http.close();
    await http.close();
    expect(await http.request(get)).toMatchObject({ kind: "not_taken" });
  });

  it.each<[string, unknown, boolean]>([
    ["refused", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), true],
    ["a wrong certificate", Object.assign(new Error("x"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" }), true],
    [
      "wrapped",
      new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }) }),
      true,
    ],
    ["reset", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), false],
    ["no answer in time", Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" }), false],
    [
      "both addresses refused",
      new AggregateError([Object.assign(new Error("x"), { code: "ECONNREFUSED" })]),
      true,
    ],
    [
      "one refused, one reset",
      new AggregateError([
        Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
        Object.assign(new Error("x"), { code: "ECONNRESET" }),
      ]),
      false,
    ],
    ["anything else", new Error("oops"), false],
    ["no error at all", "oops", false],
  ])("%s: never sent is %#", (_name, error, expected) => {
    expect(neverSent(error)).toBe(expected);
  });

  it("names a network's fault by its code, without its address", () => {
    expect(causeOf(Object.assign(new Error("connect 10.0.0.1:443"), { code: "ECONNRESET" }))).toBe(
      "ECONNRESET",
    );
    expect(causeOf(new TypeError("token xyz"))).toBe("TypeError");
  });

  it.each([
    ["5", 5000],
    ["0", 0],
    [["7", "8"], 7000],
    ["99999", 3_600_000],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    [undefined, undefined],
  ])("waits %s", (header, ms) => {
    expect(retryAfter(header)).toBe(ms);
  });
});
