import { setTimeout as sleep } from "node:timers/promises";
import { renderSVG, renderUnicodeCompact } from "uqr";
import type { Arrival, Channel, OutboundMessage, Receipt, Surroundings } from "../channel.ts";
import { type Fault, failed } from "../failure.ts";
import { asNumberedList } from "../numbered-list.ts";
import { windowIsOpen } from "./service-window.ts";
import { addressOf, arrivalOf, receiptOf } from "./web-arrivals.ts";
import type { OpenWebClient, WebClient } from "./web-client.ts";

export interface WhatsAppWebConfig {
  /** Where the linked session is kept; whoever has this folder has the WhatsApp account. */
  readonly sessionDir: string;
  readonly chromiumPath?: string;
}

/** The state of the linked number, for the terminal and the console. */
export type WebConnection =
  | { readonly state: "closed" | "connecting" | "connected" }
  | {
      readonly state: "qr";
      /** To be scanned with the phone; as lines of text and as an SVG picture. */
      readonly qr: string;
      readonly terminal: string;
      readonly svg: string;
    }
  | { readonly state: "refused"; readonly detail: string };

export interface WhatsAppWeb {
  readonly channel: Channel;
  connection(): WebConnection;
}

/** Numbers were banned after a handful of automatic messages: these caps are not to be raised. */
const PER_HOUR = 20;
const SPACING_MS = 6_000;
const HOUR_MS = 3_600_000;
const TEXT_LIMIT = 4096;
const BACKOFF_FIRST_MS = 5_000;
const BACKOFF_LIMIT_MS = 300_000;

/**
 * WhatsApp through whatsapp-web.js: a browser linked to a phone, unofficial, for pilots only. It answers people who
 * wrote within 24 hours, slowly, and never starts a conversation. One process at a time holds the session.
 */
export function openWhatsAppWeb(
  config: WhatsAppWebConfig,
  { clock, log }: Pick<Surroundings, "clock" | "log">,
  openClient: OpenWebClient,
): WhatsAppWeb {
  let connection: WebConnection = { state: "closed" };
  let client: WebClient | undefined;
  const closing = new AbortController();
  /** Hand-overs of the last hour, oldest first. Kept in memory: a restart forgets them. */
  let sentAt: number[] = [];

  const throttled = (now: number): Fault | undefined => {
    sentAt = sentAt.filter((at) => now - at < HOUR_MS);
    const [oldest] = sentAt;
    const newest = sentAt.at(-1);
    const wait =
      oldest !== undefined && sentAt.length >= PER_HOUR
        ? HOUR_MS - (now - oldest)
        : newest === undefined
          ? 0
          : SPACING_MS - (now - newest);
    return wait <= 0
      ? undefined
      : {
          failure: "throttled",
          detail: `An unofficial WhatsApp number sends at most ${PER_HOUR} messages an hour; this one waits.`,
          retryAfterMs: wait,
        };
  };

  const send = async (message: OutboundMessage): Promise<Receipt> => {
    const ids = { messageId: message.id };
    const now = clock();
    if (!windowIsOpen(message, now))
      return failed(
        {
          failure: "window_closed",
          detail: "This WhatsApp connection only answers people who wrote within the last 24 hours.",
        },
        ids,
      );
    if (client === undefined || connection.state !== "connected")
      return failed(
        { failure: "unavailable", detail: "WhatsApp is not linked; scan the QR code in the console." },
        ids,
      );
    const text = [asNumberedList(message.text, message.choices), ...(message.media ?? []).map((m) => m.url)]
      .filter(Boolean)
      .join("\n");
    if (text.length === 0 || text.length > TEXT_LIMIT)
      return failed({ failure: "refused", detail: `1 to ${TEXT_LIMIT} characters are allowed.` }, ids);
    const slower = throttled(now.getTime());
    if (slower) return failed(slower, ids);
    sentAt.push(now.getTime());
    try {
      const sent = await client.sendMessage(addressOf(message.to), text);
      return { ...ids, providerId: sent.id._serialized, status: "sent" };
    } catch {
      return failed(
        {
          failure: "unknown_outcome",
          detail: "The browser that is linked to WhatsApp did not answer; look at the phone.",
        },
        ids,
      );
    }
  };

  /** One linked browser from its start until it disconnects. */
  const session = async (arrive: (arrival: Arrival) => Promise<void>): Promise<boolean> => {
    connection = { state: "connecting" };
    let linked = false;
    const opened = await openClient(config);
    client = opened;
    const hand = (arrival: Arrival | undefined): void => {
      if (arrival)
        arrive(arrival).catch((error: unknown) =>
          log.error({ err: error }, "a WhatsApp message was not stored"),
        );
    };
    const ended = new Promise<string>((resolve) => {
      opened.on("disconnected", (reason) => resolve(String(reason)));
      opened.on("auth_failure", () => resolve("the session is no longer valid"));
      if (closing.signal.aborted) resolve("closed");
      closing.signal.addEventListener("abort", () => resolve("closed"), { once: true });
    });
    opened.on("qr", (qr) => {
      connection = { state: "qr", qr, terminal: renderUnicodeCompact(qr), svg: renderSVG(qr) };
      log.info({ channel: "whatsapp" }, "WhatsApp is to be linked: scan the QR code in the console");
    });
    opened.on("ready", () => {
      linked = true;
      connection = { state: "connected" };
      log.info({ channel: "whatsapp" }, "WhatsApp is linked");
    });
    opened.on("message", (message) => {
      arrivalOf(opened, message).then(hand, (error: unknown) =>
        log.error({ err: error }, "a WhatsApp message could not be read"),
      );
    });
    opened.on("message_ack", (message, ack) => hand(receiptOf(message, ack)));
    try {
      await Promise.race([opened.initialize(), ended]);
      const reason = await ended;
      if (!closing.signal.aborted) log.warn({ channel: "whatsapp", reason }, "WhatsApp was disconnected");
    } finally {
      client = undefined;
      await opened.destroy().catch(() => {});
    }
    return linked;
  };

  const keepLinked = async (arrive: (arrival: Arrival) => Promise<void>): Promise<void> => {
    let wait = BACKOFF_FIRST_MS;
    while (!closing.signal.aborted) {
      try {
        if (await session(arrive)) wait = BACKOFF_FIRST_MS;
      } catch (error) {
        const detail = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
        log.error({ channel: "whatsapp", detail }, "the browser for WhatsApp could not be started");
        connection = { state: "refused", detail };
      }
      if (closing.signal.aborted) break;
      if (connection.state !== "refused") connection = { state: "connecting" };
      await sleep(wait, undefined, { signal: closing.signal }).catch(() => {});
      wait = Math.min(wait * 2, BACKOFF_LIMIT_MS);
    }
    connection = { state: "closed" };
  };

  let running: Promise<void> | undefined;
  return {
    connection: () => connection,
    channel: {
      name: "whatsapp",
      carrier: "web",
      limits: { textLength: TEXT_LIMIT, choices: 0, perSecond: 1000 / SPACING_MS, repliesOnly: true },
      webhooks: [],
      send,
      connect: async (arrive) => {
        running ??= keepLinked(arrive);
      },
      close: async () => {
        closing.abort();
        await running;
      },
    },
  };
}
