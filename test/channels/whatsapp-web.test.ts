import { EventEmitter } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Arrival, OutboundMessage, WebConnection } from "#channels";
import { openWhatsAppWeb, type WhatsAppWeb } from "../../channels/whatsapp/web.ts";
import { openRealWebClient, type WebClient, type WebMessage } from "../../channels/whatsapp/web-client.ts";
import { type Lines, lines, MESSAGE_ID, NOW } from "./conformance.ts";

const PERSON = "27821234567@c.us";
const OWN = "27600000004@c.us";
const plain: OutboundMessage = {
  id: MESSAGE_ID,
  to: "whatsapp:+27821234567",
  text: "Sawubona",
  lastInboundAt: "2026-11-23T09:59:00.000Z",
};

class FakeClient extends EventEmitter {
  readonly sent: [string, string][] = [];
  destroyed = false;
  breaks = false;
  async initialize(): Promise<void> {}
  async destroy(): Promise<void> {
    this.destroyed = true;
  }
  async sendMessage(to: string, text: string): Promise<Pick<WebMessage, "id">> {
    if (this.breaks) throw new Error("Target closed");
    this.sent.push([to, text]);
    return { id: { _serialized: `true_${to}_${this.sent.length}` } };
  }
  async getContactLidAndPhone(ids: string[]): Promise<{ lid: string; pn: string }[]> {
    return ids.map((lid) => ({ lid, pn: PERSON }));
  }
}

const incoming = (more: Partial<WebMessage> = {}): WebMessage => ({
  id: { _serialized: `false_${PERSON}_3EB0` },
  from: PERSON,
  to: OWN,
  fromMe: false,
  body: "JOIN",
  type: "chat",
  timestamp: NOW.getTime() / 1000,
  hasMedia: false,
  ...more,
});

describe("WhatsApp through whatsapp-web.js, with a client of our own", () => {
  let now: Date;
  let log: Lines;
  let clients: FakeClient[];
  let arrivals: Arrival[];
  let web: WhatsAppWeb;
  const client = (): FakeClient => clients.at(-1) as FakeClient;
  beforeEach(async () => {
    now = NOW;
    log = lines();
    clients = [];
    arrivals = [];
    web = openWhatsAppWeb({ sessionDir: "/nowhere" }, { clock: () => now, log }, async () => {
      clients.push(new FakeClient());
      return client() as unknown as WebClient;
    });
    expect(web.connection()).toEqual({ state: "closed" });
    await web.channel.connect?.(async (arrival) => void arrivals.push(arrival));
    await vi.waitFor(() => expect(clients.length).toBe(1));
  });
  afterEach(() => web.channel.close?.());
  const later = (ms: number): void => {
    now = new Date(now.getTime() + ms);
  };

  it("shows a QR code for the terminal and the console, and links", async () => {
    client().emit("qr", "2@code");
    const shown = web.connection() as Extract<WebConnection, { state: "qr" }>;
    expect(shown).toMatchObject({ state: "qr", qr: "2@code" });
    expect(shown.svg).toMatch(/^<svg /);
    expect(shown.terminal.split("\n").length).toBeGreaterThan(8);
    expect(await web.channel.send(plain)).toMatchObject({ failure: "unavailable" });
    client().emit("ready");
    expect(web.connection()).toEqual({ state: "connected" });
    expect(log.text()).not.toContain("2@code");
  });

  it("answers a person who wrote, slowly: 1 in 6 s, 20 in an hour", async () => {
    client().emit("ready");
    expect(web.channel.limits).toMatchObject({ repliesOnly: true, choices: 0 });
    expect(await web.channel.send({ ...plain, choices: [{ id: "y", title: "Yes" }] })).toEqual({
      messageId: MESSAGE_ID,
      providerId: `true_${PERSON}_1`,
      status: "sent",
    });
    expect(client().sent).toEqual([[PERSON, "Sawubona\n1. Yes"]]);
    expect(await web.channel.send(plain)).toMatchObject({ failure: "throttled", retryAfterMs: 6000 });
    for (let i = 1; i < 20; i++) {
      later(6000);
      expect(await web.channel.send(plain)).toMatchObject({ status: "sent" });
    }
    later(6000);
    expect(await web.channel.send(plain)).toMatchObject({
      failure: "throttled",
      retryAfterMs: 3_600_000 - 20 * 6000,
    });
    later(3_600_000 - 20 * 6000);
    expect(await web.channel.send({ ...plain, lastInboundAt: now.toISOString() })).toMatchObject({
      status: "sent",
    });
    expect(client().sent.length).toBe(21);
  });

  it("never writes first", async () => {
    client().emit("ready");
    const { lastInboundAt: _, ...first } = plain;
    expect(await web.channel.send(first)).toMatchObject({ failure: "window_closed" });
    later(24 * 3_600_000);
    expect(await web.channel.send(plain)).toMatchObject({ failure: "window_closed" });
    expect(client().sent).toEqual([]);
  });

  it("does not know the outcome when the browser breaks", async () => {
    client().emit("ready");
    client().breaks = true;
    expect(await web.channel.send(plain)).toMatchObject({ failure: "unknown_outcome" });
  });

  it.each<[string, WebMessage, object | undefined]>([
    [
      "a text",
      incoming(),
      { text: "JOIN", from: plain.to, to: "whatsapp:+27600000004", sentAt: NOW.toISOString() },
    ],
    ["a hidden number", incoming({ from: "123@lid" }), { from: plain.to }],
    [
      "a picture",
      incoming({ type: "image", hasMedia: true, body: "pothole" }),
      { text: "pothole", media: [{ url: `whatsapp-web:false_${PERSON}_3EB0`, contentType: "image/*" }] },
    ],
    [
      "a location, without its picture",
      incoming({
        type: "location",
        body: "iVBORw0KGgo=",
        location: { latitude: "-29.8", longitude: "31.0" },
      }),
      { text: "", location: { latitude: -29.8, longitude: 31 } },
    ],
    ["a group", incoming({ from: "27821234567-1@g.us" }), undefined],
    ["a status post", incoming({ from: "status@broadcast", isStatus: true }), undefined],
    ["our own", incoming({ fromMe: true }), undefined],
    ["a call", incoming({ type: "call_log" }), undefined],
  ])("receives %s", async (_name, message, expected) => {
    client().emit("message", message);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (expected === undefined) expect(arrivals).toEqual([]);
    else
      expect(arrivals).toMatchObject([
        {
          kind: "message",
          channel: "whatsapp",
          message: { providerId: message.id._serialized, ...expected },
        },
      ]);
  });

  it("turns acknowledgements into receipts", () => {
    const ours = incoming({ fromMe: true, id: { _serialized: "true_x" } });
    for (const ack of [0, 2, 1, 3, 4, -1]) client().emit("message_ack", ours, ack);
    client().emit("message_ack", incoming(), 3);
    expect(arrivals.map((a) => a.kind === "receipt" && [a.receipt.providerId, a.receipt.status])).toEqual([
      ["true_x", "delivered"],
      ["true_x", "sent"],
      ["true_x", "read"],
      ["true_x", "read"],
      ["true_x", "failed"],
    ]);
  });

  it("links again after a disconnect, and stops when closed", async () => {
    client().emit("ready");
    client().emit("disconnected", "NAVIGATION");
    await vi.waitFor(() => expect(clients[0]?.destroyed).toBe(true));
    expect(await web.channel.send(plain)).toMatchObject({ failure: "unavailable" });
    await vi.waitFor(() => expect(clients.length).toBe(2), { timeout: 8000 });
    await web.channel.close?.();
    expect(client().destroyed).toBe(true);
    expect(web.connection()).toEqual({ state: "closed" });
  });

  it("says why the browser does not start, and tries again", async () => {
    const broken = openWhatsAppWeb({ sessionDir: "/nowhere" }, { clock: () => NOW, log }, async () => {
      throw new Error("Browser was not found at /usr/bin/chromium\n at launch");
    });
    await broken.channel.connect?.(async () => {});
    await vi.waitFor(() =>
      expect(broken.connection()).toEqual({
        state: "refused",
        detail: "Browser was not found at /usr/bin/chromium",
      }),
    );
    await broken.channel.close?.();
  });
});

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/**
 * The real client in a real browser, against a stub page in place of web.whatsapp.com. It shows that our adapter and
 * the library's events fit; WhatsApp's own protocol, its bans and its changes are NOT tested.
 */
describe.skipIf(!existsSync(CHROMIUM))(
  "WhatsApp through whatsapp-web.js, the real client on a stub page",
  () => {
    it("links, receives, answers and is told of the delivery", async () => {
      const sessionDir = mkdtempSync(join(tmpdir(), "saypro-web-"));
      mkdirSync(join(sessionDir, "versions"));
      const page = fileURLToPath(new URL("whatsapp-web-stub.html", import.meta.url));
      copyFileSync(page, join(sessionDir, "versions", "stub.html"));
      let browser: { pupPage: { evaluate(script: string): Promise<unknown> } } | undefined;
      const stub = (call: string): Promise<unknown> | undefined =>
        browser?.pupPage.evaluate(`window.stub.${call}`);
      const arrivals: Arrival[] = [];
      const web = openWhatsAppWeb(
        { sessionDir, chromiumPath: CHROMIUM },
        { clock: () => NOW, log: lines() },
        async (config) => {
          const client = await openRealWebClient(config, {
            webVersion: "stub",
            args: ["--host-resolver-rules=MAP * ~NOTFOUND"],
          });
          browser = client as unknown as typeof browser;
          return client;
        },
      );
      try {
        await web.channel.connect?.(async (arrival) => void arrivals.push(arrival));
        const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
        await until(() =>
          expect(web.connection()).toMatchObject({ state: "qr", qr: "first,static,identity,secret,9" }),
        );
        await stub("refreshQr()");
        await until(() => expect(web.connection()).toMatchObject({ qr: "second,static,identity,secret,9" }));
        await stub("link()");
        await until(() => expect(web.connection()).toEqual({ state: "connected" }));
        await stub("takeOver()");
        await stub(`say("${PERSON}", "JOIN")`);
        await until(() =>
          expect(arrivals).toMatchObject([
            { kind: "message", message: { from: plain.to, to: "whatsapp:+27600000004", text: "JOIN" } },
          ]),
        );
        const receipt = await web.channel.send(plain);
        expect(receipt).toMatchObject({ status: "sent", providerId: `true_${PERSON}_OUT1` });
        await stub("acknowledge(2)");
        await until(() =>
          expect(arrivals.at(-1)).toEqual({
            kind: "receipt",
            channel: "whatsapp",
            receipt: { providerId: receipt.providerId, status: "delivered" },
          }),
        );
      } finally {
        await web.channel.close?.();
        rmSync(sessionDir, { recursive: true, force: true });
      }
    });
  },
);
