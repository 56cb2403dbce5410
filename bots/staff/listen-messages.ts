import type { App as BoltApp } from "@slack/bolt";
import { findPost, findStaffBySlackUser } from "#storage";
import type { App } from "../app.ts";
import { faultOf } from "./fault.ts";
import { type SlackApi, sorry } from "./give.ts";
import { perform, performForGuest } from "./perform.ts";
import { type Answer, type Feature, type GuestAsked, type ThreadReply, whisper } from "./registry.ts";

/** What we read of a message event; Slack's union has twenty members. */
interface SlackMessage {
  readonly subtype?: string;
  readonly bot_id?: string;
  readonly user?: string;
  readonly text?: string;
  readonly channel: string;
  readonly channel_type?: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly files?: readonly unknown[];
}

/** Messages that a person wrote just now; edits, deletions, joins and what bots say are not. */
const WRITTEN = [undefined, "file_share", "thread_broadcast"];
/** Slack tries an event that was not processed so often. */
const LAST_RETRY = 3;

/** Replies in the threads of our messages, and what is written to the bot itself. */
export function listenForMessages(
  app: App,
  bolt: BoltApp,
  threads: ReadonlyMap<string, ThreadReply>,
  features: readonly Feature[],
): void {
  bolt.event("message", async ({ event, body, client, context }) => {
    const message = event as SlackMessage;
    const { user, bot_id, subtype } = message;
    if (!user || bot_id || user === context.botUserId || !WRITTEN.includes(subtype)) return;
    let given: Answer | undefined;
    try {
      given = await hear(app, threads, features, message, user, `slack:event:${body.event_id}`);
    } catch (error) {
      // Slack brings it again; the person is told when that ends.
      if ((context.retryNum ?? 0) < LAST_RETRY) throw error;
      given = sorry(app, "a message", error);
    }
    if (given?.kind === "whisper") await whisperTo(app, client, message, user, given);
  });
}

async function hear(
  app: App,
  threads: ReadonlyMap<string, ThreadReply>,
  features: readonly Feature[],
  message: SlackMessage,
  user: string,
  key: string,
): Promise<Answer | undefined> {
  const { channel, ts, thread_ts: thread, text = "", files = [] } = message;
  const direct = message.channel_type === "im";
  const inThread = thread !== undefined && thread !== ts;
  if (!inThread && !direct) return undefined;
  const { db } = app.database;
  const parent = inThread ? await findPost(db, `${channel}:${thread}`) : undefined;
  if (!parent && !direct) return undefined;
  const providerId = `${channel}:${ts}`;
  const staff = await findStaffBySlackUser(db, user);
  const reply = parent && threads.get(parent.kind);
  if (!staff) {
    const asked = { slackUserId: user, channel, providerId, text, ...(parent ? { parent } : {}) };
    const heard = await hearGuest(app, features, key, asked);
    if (heard.known || !reply) return heard.given;
  }
  if (!reply || !parent)
    return direct && staff && !inThread ? whisper("I listen to commands: type `/saypro help`.") : undefined;
  if (text.trim() === "" && files.length > 0)
    return whisper("Files are not passed on: only words reach the person. Nothing was sent.");
  return perform(
    app,
    { slackUserId: user, key, ...(reply.permission ? { permission: reply.permission } : {}) },
    (unit, member) =>
      reply.run(unit, { staff: member, slackUserId: user, channel, parent, text: plain(text), providerId }),
  );
}

/** The first feature that knows the person takes what they wrote. */
async function hearGuest(
  app: App,
  features: readonly Feature[],
  key: string,
  asked: GuestAsked,
): Promise<{ readonly known: boolean; readonly given?: Answer }> {
  let known = false;
  const given = await performForGuest(app, `${key}:guest`, async (unit) => {
    for (const { guestMessage } of features) {
      const result = await guestMessage?.(unit, { ...asked, text: plain(asked.text) });
      if (result === undefined) continue;
      known = true;
      return result;
    }
    return undefined;
  });
  return { known, ...(given ? { given } : {}) };
}

/** Slack's way of writing links, mentions and the three signs that it escapes, back to what was typed. */
export function plain(text: string): string {
  return text
    .replace(/<(?:mailto:|tel:)?([^<>|]+)\|([^<>]+)>/g, (_all, target: string, label: string) =>
      /^[@#!]/.test(target) || target.endsWith(label) ? label : `${label} (${target})`,
    )
    .replace(/<(https?:[^<>]+)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}

async function whisperTo(
  app: App,
  slack: SlackApi,
  { channel, thread_ts: thread }: SlackMessage,
  user: string,
  given: Extract<Answer, { kind: "whisper" }>,
): Promise<void> {
  try {
    await slack.chat.postEphemeral({
      channel,
      user,
      text: given.text,
      ...(given.blocks ? { blocks: given.blocks } : {}),
      ...(thread ? { thread_ts: thread } : {}),
    });
  } catch (error) {
    app.log.warn({ what: "a whisper", ...faultOf(error) }, "an answer could not be shown in Slack");
  }
}
