import { escapeMrkdwn } from "#channels";
import { type Contact, findInboxThread, PRIORITY } from "#storage";
import type { Unit } from "../unit.ts";
import type { Heard } from "./hearing.ts";

/** Characters of a citizen's words that are shown in Slack. */
const SHOWN = 3_000;

/**
 * Puts something before staff in the inbox channel: one thread per person, in which they answer. `opening` is what
 * stands above a new thread.
 */
export async function postToInbox(
  unit: Unit,
  contact: Pick<Contact, "id" | "name" | "language">,
  address: string,
  words: string,
): Promise<void> {
  const { app } = unit;
  if (!app.channels.has("slack")) return;
  const thread = await findInboxThread(unit.tx, contact.id, unit.now);
  const text = thread
    ? words
    : `*${senderOf(unit, contact, address)}*\n${words}\n_Reply in this thread: the person gets it as a message._`;
  await unit.send([
    {
      to: `slack:${app.content.deployment.slack.inbox}`,
      text,
      priority: PRIORITY.reply,
      kind: "inbox",
      ref: contact.id,
      ...(thread ? { thread } : {}),
    },
  ]);
}

/** The message itself, for staff to read. `note`: why the bot leaves it to them. */
export async function showInInbox({ unit, contact, message }: Heard, note: string): Promise<void> {
  const { media = [], location } = message.extras;
  const parts = [
    quote(message.text),
    ...media.map((one) => `:paperclip: ${escapeMrkdwn(one.contentType)}`),
    ...(location ? [`:round_pushpin: ${location.latitude}, ${location.longitude}`] : []),
    `_${note}_`,
  ];
  await postToInbox(unit, contact, message.address, parts.filter(Boolean).join("\n"));
}

function quote(text: string): string {
  if (text.trim() === "") return "";
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN).toWellFormed()} …` : text;
  return escapeMrkdwn(shown)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

/** Name, channel, end of the number, language: enough to talk, not enough to copy. */
export function senderOf(unit: Unit, contact: Pick<Contact, "name" | "language">, address: string): string {
  const [channel = "", number = ""] = address.split(":", 2);
  const { languages } = unit.app.content.deployment;
  const language = languages.find(({ code }) => code === contact.language)?.name;
  const via = channel === "sms" ? "SMS" : channel === "whatsapp" ? "WhatsApp" : "Slack";
  return [escapeMrkdwn(contact.name ?? "Somebody"), `${via} …${number.slice(-4)}`, language]
    .filter(Boolean)
    .join(", ");
}
