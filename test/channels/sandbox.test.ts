import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Arrival,
  ForgedRequest,
  type InboundMessage,
  type OpenedChannels,
  type OutboundMessage,
  openChannels,
  type Receipt,
  type WebhookRequest,
} from "#channels";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { loadTown } from "../../sandbox/town.ts";
import { type Lines, lines } from "./conformance.ts";
import { type Guard, loopbackOnly } from "./loopback-only.ts";

const town = loadTown(new URL("../../sandbox/fixture-town.json", import.meta.url).pathname);
const THANDI = "+27821110001";
const SARAH = "+27821110004";

/** The adapters and the carriers' stand-ins with HTTP between them: both directions, as in `npm start`. */
describe.each(["meta", "twilio"] as const)(
  "all channels with the sandbox, WhatsApp through %s",
  (whatsapp) => {
    let guard: Guard;
    let sandbox: Sandbox;
    let server: Server;
    let opened: OpenedChannels;
    let arrivals: Arrival[];
    let refused: number;
    let log: Lines;
    let ids = 0;

    beforeEach(async () => {
      guard = loopbackOnly();
      arrivals = [];
      refused = 0;
      log = lines();
      server = createServer(async (request, response) => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const asked: WebhookRequest = {
          method: request.method ?? "",
          url: request.url ?? "",
          headers: request.headers as Record<string, string>,
          body: Buffer.concat(parts),
        };
        const path = asked.url.split("?", 1)[0];
        try {
          const webhook = opened.webhooks.find((w) => w.path === path && w.method === asked.method);
          const reply =
            path === "/slack/events"
              ? await opened.slack?.handle(asked)
              : ((received) => {
                  arrivals.push(...(received?.arrivals ?? []));
                  return received?.reply;
                })(webhook?.receive(asked));
          response
            .writeHead(reply?.status ?? 404, { "content-type": reply?.contentType ?? "text/plain" })
            .end(reply?.body);
        } catch (error) {
          refused += 1;
          response.writeHead(error instanceof ForgedRequest ? 403 : 400).end();
        }
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      sandbox = await startSandbox({ town, port: 0, server: publicUrl, whatsapp });
      const given = (await (await fetch(`${sandbox.url}/sandbox/api/credentials`)).json()) as {
        environment: Record<string, string>;
      };
      const env = (name: string): string => given.environment[name] ?? "";
      opened = openChannels(
        {
          sandbox: true,
          twilio: {
            accountSid: env("TWILIO_ACCOUNT_SID"),
            authToken: env("TWILIO_AUTH_TOKEN"),
            apiUrl: env("TWILIO_API_URL"),
            smsFrom: [env("TWILIO_SMS_FROM")],
            ...(whatsapp === "twilio" ? { whatsappFrom: env("TWILIO_WHATSAPP_FROM") } : {}),
          },
          ...(whatsapp === "meta"
            ? {
                whatsappCloud: {
                  token: env("WHATSAPP_CLOUD_TOKEN"),
                  phoneNumberId: env("WHATSAPP_CLOUD_PHONE_NUMBER_ID"),
                  appSecret: env("WHATSAPP_CLOUD_APP_SECRET"),
                  verifyToken: env("WHATSAPP_CLOUD_VERIFY_TOKEN"),
                  apiUrl: env("WHATSAPP_CLOUD_API_URL"),
                },
              }
            : {}),
          slack: {
            botToken: env("SLACK_BOT_TOKEN"),
            signingSecret: env("SLACK_SIGNING_SECRET"),
            apiUrl: env("SLACK_API_URL"),
          },
        },
        { publicUrl, mac: (text) => `mac-of-${text}`, clock: () => new Date(), log },
      );
    });
    afterEach(async () => {
      for (const channel of opened.channels.values()) await channel.close?.();
      await sandbox.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      expect(guard.refused).toEqual([]);
      guard.lift();
    });

    const control = async (path: string, body: object, method = "POST"): Promise<unknown> => {
      const response = await fetch(`${sandbox.url}/sandbox/api${path}`, {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    };
    const message = (to: OutboundMessage["to"], text: string, more: object = {}): OutboundMessage => ({
      id: `0193581a-7c00-7000-8000-${String(++ids).padStart(12, "0")}`,
      to,
      text,
      ...more,
    });
    const send = async (one: OutboundMessage): Promise<Receipt> => {
      const channel = opened.channels.get(one.to.split(":", 1)[0] as "sms");
      if (!channel) throw new Error(`no channel for ${one.to}`);
      return channel.send(one);
    };
    const receipts = (id: string) =>
      arrivals.flatMap((a) => (a.kind === "receipt" && a.receipt.messageId === id ? [a] : []));
    const messages = () => arrivals.flatMap((a) => (a.kind === "message" ? [a.message] : []));
    const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

    it("hands an SMS over, and its receipts come back under our id", async () => {
      const one = message(`sms:${THANDI}`, "Sawubona Thandi: môre & 100% 😀");
      expect(await send(one)).toMatchObject({ status: "sent", messageId: one.id });
      await until(() => expect(receipts(one.id).map((a) => a.receipt.status)).toContain("delivered"));
      expect(receipts(one.id).every((a) => a.channel === "sms")).toBe(true);
      expect(refused).toBe(0);
    });

    it("survives receipts that come twice and in any order", async () => {
      await control("/knobs", { duplicatedCallbacks: 1, reorderedCallbacks: 1 }, "PUT");
      const one = message(`sms:${THANDI}`, "Twice");
      await send(one);
      await until(() => expect(receipts(one.id).length).toBeGreaterThanOrEqual(4));
      expect(refused).toBe(0);
    });

    it("receives what a phone says, and answers with choices", async () => {
      await control(`/phones/${SARAH}/messages`, { channel: "whatsapp", text: "JOIN" });
      await until(() => expect(messages()).toMatchObject([{ from: `whatsapp:${SARAH}`, text: "JOIN" }]));
      const one = message(`whatsapp:${SARAH}`, "Are you coming?", {
        choices: [
          { id: "yes", title: "Yes" },
          { id: "no", title: "No" },
        ],
        lastInboundAt: new Date().toISOString(),
      });
      expect(await send(one)).toMatchObject({ status: "sent" });
      await until(() => expect(receipts(one.id).map((a) => a.receipt.status)).toContain("delivered"));
      expect(receipts(one.id)[0]?.channel).toBe("whatsapp");
      await control(`/phones/${SARAH}/messages`, whatsapp === "meta" ? { choose: "Yes" } : { text: "1" });
      await until(() =>
        expect(messages().at(-1)).toMatchObject(
          whatsapp === "meta" ? { text: "Yes", choice: "yes" } : { text: "1" },
        ),
      );
      await control(`/phones/${SARAH}/messages`, {
        location: { latitude: -29.85, longitude: 31.02, label: "City Hall" },
      });
      await until(() =>
        expect(messages().at(-1)?.location).toEqual({
          latitude: -29.85,
          longitude: 31.02,
          label: "City Hall",
        }),
      );
      await control(`/phones/${SARAH}/messages`, {
        text: "pothole",
        photo: { contentType: "image/png", base64: "iVBORw0KGgo=" },
      });
      await until(() =>
        expect(messages().at(-1)).toMatchObject({ text: "pothole", media: [{ contentType: "image/png" }] }),
      );
      expect(refused).toBe(0);
    });

    it("settles a doubt by asking: taken though the answer was lost, or never taken", async () => {
      const since = new Date().toISOString();
      const lost = message("sms:+27829999006", "The answer is lost");
      expect(await send(lost)).toMatchObject({ failure: "unknown_outcome" });
      const sms = opened.channels.get("sms");
      expect(await sms?.lookUp?.(lost, since)).toMatchObject({
        messageId: lost.id,
        providerId: expect.stringMatching(/^SM/),
      });
      expect(await sms?.lookUp?.(message("sms:+27829999006", "Never sent"), since)).toBe("absent");
    });

    it("tells a bad number from one that sent STOP", async () => {
      expect(await send(message("sms:+27829999002", "x"))).toMatchObject({ failure: "bad_address" });
      expect(await send(message("sms:+27829999003", "x"))).toMatchObject({ failure: "opted_out" });
    });

    it("fetches what was said while nobody listened, oldest first", async () => {
      const since = new Date(Date.now() - 1000).toISOString();
      for (const text of ["first", "second", "third"]) {
        await control(`/phones/${THANDI}/messages`, { text });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await send(message(`sms:${THANDI}`, "outbound, not missed"));
      const missed: InboundMessage[] = [];
      for await (const one of opened.channels.get("sms")?.missedSince?.(since) ?? []) missed.push(one);
      expect(missed.map((m) => m.text)).toEqual(["first", "second", "third"]);
      // The same ids as by the webhook: taken twice, they take effect once.
      await until(() => expect(messages().length).toBe(3));
      expect(messages().map((m) => m.providerId)).toEqual(missed.map((m) => m.providerId));
    });

    it("posts, edits and finds again in Slack, and hears staff", async () => {
      const heard: string[] = [];
      opened.slack?.app.event("message", async ({ event }) => {
        if (event.subtype === undefined) heard.push(event.text ?? "");
      });
      opened.slack?.app.command("/saypro", async ({ ack, respond }) => {
        await ack();
        await respond({ text: "Help", response_type: "ephemeral" });
      });
      const since = new Date().toISOString();
      const one = message("slack:#approvals", "A draft waits", {
        blocks: [{ type: "section", text: { type: "mrkdwn", text: "*A draft waits*" } }],
      });
      const receipt = await send(one);
      expect(receipt).toMatchObject({
        status: "delivered",
        providerId: expect.stringMatching(/^C0APPROVALS:/),
      });
      expect(await opened.channels.get("slack")?.lookUp?.(one, since)).toEqual(receipt);
      const thread = receipt.providerId ?? "";
      expect(await send(message("slack:#approvals", "A reply", { thread }))).toMatchObject({
        status: "delivered",
      });
      const edit = await send(message("slack:#approvals", "Approved", { replaces: thread }));
      expect(edit).toMatchObject({ status: "delivered", providerId: thread });
      const seen = await (
        await fetch(`${sandbox.url}/sandbox/api/slack/messages?channel=C0APPROVALS`)
      ).json();
      expect(seen).toMatchObject([{ text: "Approved" }, { text: "A reply" }]);
      await control("/slack/messages", { user: "U0AYANDA", channel: "C0INBOX", text: "hello" });
      await until(() => expect(heard).toEqual(["hello"]));
      expect(await control("/slack/commands", { user: "U0AYANDA", line: "/saypro help" })).toMatchObject({
        ok: true,
      });
      expect(await send(message("slack:#nowhere", "x"))).toMatchObject({ failure: "misconfigured" });
    });

    it("refuses to open with a carrier outside this machine", () => {
      expect(() =>
        openChannels(
          {
            sandbox: true,
            twilio: { accountSid: `AC${"0".repeat(32)}`, authToken: "x", smsFrom: ["+27600000001"] },
          },
          { publicUrl: "http://127.0.0.1", mac: (text) => text, clock: () => new Date(), log },
        ),
      ).toThrow("sandbox: twilio does not point to this machine");
    });
  },
);
