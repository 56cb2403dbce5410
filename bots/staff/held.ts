import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { type Held, type HeldOf, listHeld, sendHeldAgain, settleHeldAsSent } from "#storage";
import { channelName, moment, number } from "../broadcast/index.ts";
import type { Unit } from "../unit.ts";
import { button } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, whisper } from "./registry.ts";
import { section } from "./views.ts";

/** Slack takes 50 blocks in a message; each thing has two. */
const SHOWN = 20;

/** How kinds of messages are called by those who read of them. */
const KINDS: Readonly<Record<string, string>> = {
  reply: "Answers of the bot in one conversation",
  staff_reply: "An answer of staff",
  statement: "A statement",
  reminder: "A reminder",
  meeting: "Messages about a town hall",
  enquiry: "An answer to the media",
};

/**
 * Messages of which the carrier could not say whether it took them: nobody gets one twice without somebody deciding so,
 * who has looked in the carrier's own list, or asked.
 */
export const heldFeature: Feature = {
  commands: [
    {
      word: "held",
      help: "decide about messages of which the carrier could not say whether they arrived",
      example: "/saypro held",
      permission: "messages.settle",
      run: async (unit) => {
        const held = await listHeld(unit.tx, SHOWN);
        return held.length === 0
          ? whisper("Nothing is held: of every message it is known what became of it.")
          : whisper(
              "Held, so that nobody gets anything twice",
              held.flatMap((each) => blocksOf(unit, each)),
            );
      },
    },
  ],
  actions: {
    held_sent: { permission: "messages.settle", run: decide("sent") },
    held_again: { permission: "messages.settle", run: decide("again") },
  },
};

function blocksOf(unit: Unit, held: Held): KnownBlock[] {
  const { channel, kind, ref, title, messages, handedOverAt } = held;
  const what = title === null ? (KINDS[kind] ?? kind) : `The broadcast "${escapeMrkdwn(title)}"`;
  const when = handedOverAt ? `, ${moment(handedOverAt, unit.app.content.deployment)}` : "";
  const value = [channel, kind, ref ?? ""].join("|");
  const again = {
    ...button("held_again", "Send again", value, "danger" as const),
    confirm: {
      title: { type: "plain_text" as const, text: "Send again?" },
      text: {
        type: "plain_text" as const,
        text: `${number(messages)} will be sent once more. Whoever got theirs already gets it twice.`,
      },
      confirm: { type: "plain_text" as const, text: "Send again" },
      deny: { type: "plain_text" as const, text: "Leave them" },
    },
  };
  return [
    section(
      `*${what}*: ${number(messages)} by ${channelName(channel)}${when}. Look in the carrier's list of messages.`,
    ),
    { type: "actions", elements: [button("held_sent", "They arrived", value), again] },
  ];
}

function decide(what: "sent" | "again") {
  return async (unit: Unit, { staff, value }: ActionAsked): Promise<Answer> => {
    const [channel = "", kind = "", ref = ""] = value.split("|");
    const of: HeldOf = { channel, kind, ref: ref || null };
    const messages =
      what === "sent"
        ? await settleHeldAsSent(unit.tx, of)
        : await sendHeldAgain(unit.tx, of, unit.app.newId);
    if (messages === 0) return whisper("Somebody has decided on these already.");
    if (what === "again") unit.ring("outbox", channel);
    await unit.audit({
      actor: `staff:${staff.id}`,
      action: what === "sent" ? "messages.held_arrived" : "messages.held_sent_again",
      subject: ref ? `${kind}:${ref}` : `messages:${kind}`,
      data: { channel, messages },
    });
    return whisper(
      what === "sent"
        ? `${number(messages)} count as sent.`
        : `${number(messages)} are on their way again, each counted as a possible duplicate.`,
    );
  };
}
