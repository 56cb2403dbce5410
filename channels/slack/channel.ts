import type { WebClient } from "@slack/web-api";
import { isRecord } from "../carrier-http.ts";
import type { Channel, OutboundMessage, Receipt } from "../channel.ts";
import { failed } from "../failure.ts";
import { asNumberedList } from "../numbered-list.ts";
import { slackFault } from "./failures.ts";

/** Slack cuts longer ones off. */
const TEXT_LIMIT = 40_000;
/** "Several hundred a minute" for a workspace; one a second in one channel, where Slack itself says when to wait. */
const PER_SECOND = 4;
/** Messages searched for one in doubt: pages of the channel's history since it was handed over. */
const PAGES = 5;
const PAGE_SIZE = 200;
const CLOCK_TOLERANCE_S = 5;
/** Slack's mark on our messages; its payload holds our id. */
const EVENT_TYPE = "saypro_message";
const NAMES_LIMIT = 1000;

interface Posted {
  readonly ts?: string | undefined;
  readonly metadata?: unknown;
}

/** Slack as a channel: posts and edits in place. What comes in is handled by Bolt's listeners. */
export function slackChannel(client: WebClient, connection: Pick<Channel, "connect" | "close">): Channel {
  /** Channel ids by the name or member that was written to: history wants ids. */
  const ids = new Map<string, string>();
  const remember = (name: string, id: string): void => {
    if (ids.size >= NAMES_LIMIT) ids.clear();
    ids.set(name, id);
  };
  return {
    name: "slack",
    carrier: "slack",
    limits: { textLength: TEXT_LIMIT, choices: 0, perSecond: PER_SECOND },
    webhooks: [],
    ...connection,
    send: async (message) => {
      const content = contentOf(message);
      try {
        const [where, ts] = placeOf(message.replaces);
        const { channel, ts: posted } =
          where && ts
            ? // Slack keeps the blocks of an edited message unless it is told that there are none.
              await client.chat.update({ channel: where, ts, blocks: [], ...content })
            : await client.chat.postMessage({ ...destination(message), unfurl_links: false, ...content });
        if (channel) remember(recipient(message), channel);
        return {
          messageId: message.id,
          ...(channel && posted ? { providerId: `${channel}:${posted}` } : {}),
          status: "delivered",
        };
      } catch (error) {
        return failed(slackFault(error, message.replaces !== undefined), { messageId: message.id });
      }
    },
    lookUp: async (message, since) => {
      // An edit in place may be made again.
      if (message.replaces !== undefined) return "absent";
      try {
        const [threadChannel, threadTs] = placeOf(message.thread);
        const name = recipient(message);
        const channel = threadChannel ?? ids.get(name) ?? (await channelId(client, name));
        if (channel === undefined) return "absent";
        remember(name, channel);
        const oldest = (Date.parse(since) / 1000 - CLOCK_TOLERANCE_S).toFixed(6);
        const found = await find(client, message.id, channel, threadTs, oldest);
        return found?.ts === undefined
          ? "absent"
          : { messageId: message.id, providerId: `${channel}:${found.ts}`, status: "delivered" };
      } catch {
        return failed(
          { failure: "unknown_outcome", detail: "Slack cannot be asked at present; it is looked up again." },
          { messageId: message.id },
        ) satisfies Receipt;
      }
    },
  };
}

function recipient({ to }: OutboundMessage): string {
  return to.slice("slack:".length);
}

/** `C0123:1712345678.000100` → channel and timestamp. */
function placeOf(providerId: string | undefined): [string?, string?] {
  const [channel, ts] = providerId?.split(":", 2) ?? [];
  return channel && ts ? [channel, ts] : [];
}

function destination(message: OutboundMessage): { channel: string; thread_ts?: string } {
  const [channel, ts] = placeOf(message.thread);
  return channel && ts ? { channel, thread_ts: ts } : { channel: recipient(message) };
}

function contentOf({ id, text, choices, media = [], blocks }: OutboundMessage) {
  const links = media.map(({ url }) => `<${url}>`);
  return {
    text: [asNumberedList(text, choices), ...links].filter(Boolean).join("\n"),
    ...(blocks === undefined ? {} : { blocks: blocks as [] }),
    metadata: { event_type: EVENT_TYPE, event_payload: { id } },
  };
}

async function find(
  client: WebClient,
  id: string,
  channel: string,
  threadTs: string | undefined,
  oldest: string,
): Promise<Posted | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const query = {
      channel,
      oldest,
      limit: PAGE_SIZE,
      include_all_metadata: true,
      ...(cursor ? { cursor } : {}),
    };
    const { messages = [], response_metadata } = threadTs
      ? await client.conversations.replies({ ...query, ts: threadTs })
      : await client.conversations.history(query);
    const found = messages.find((message: Posted) => ourId(message) === id);
    if (found) return found;
    cursor = response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  throw new Error("too much history to tell");
}

function ourId({ metadata }: Posted): unknown {
  return isRecord(metadata) && isRecord(metadata.event_payload) ? metadata.event_payload.id : undefined;
}

/** A channel's id by its name, a direct message's by its member. */
async function channelId(client: WebClient, name: string): Promise<string | undefined> {
  if (/^[CGD][A-Z0-9]+$/.test(name)) return name;
  if (/^[UW][A-Z0-9]+$/.test(name)) return (await client.conversations.open({ users: name })).channel?.id;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES * 10; page++) {
    const { channels = [], response_metadata } = await client.conversations.list({
      types: "public_channel,private_channel",
      exclude_archived: true,
      limit: PAGE_SIZE,
      ...(cursor ? { cursor } : {}),
    });
    const found = channels.find((channel) => channel.name === name.replace(/^#/, ""));
    if (found?.id) return found.id;
    cursor = response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}
