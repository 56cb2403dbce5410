import { escapeMrkdwn } from "#channels";
import { findPost, PRIORITY } from "#storage";
import { handBack, replyToCitizen } from "../citizen/index.ts";
import type { Unit } from "../unit.ts";
import { button } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ReplyAsked, whisper } from "./registry.ts";
import { section } from "./views.ts";

/** Our notes in a person's thread; `inbox` is the person's own words. */
const NOTE = "inbox_note";

/** The inbox: what staff write in a person's thread reaches that person, and the bot stays silent until handed back. */
export const inboxFeature: Feature = {
  threads: { inbox: { permission: "inbox.reply", run: reply } },
  actions: { inbox_hand_back: { permission: "inbox.reply", run: giveBack } },
};

async function reply(unit: Unit, { parent, staff, text }: ReplyAsked): Promise<Answer | undefined> {
  if (parent.ref === null) return whisper("Not sent. This thread belongs to nobody.");
  const sent = await replyToCitizen(unit, parent.ref, staff, text);
  if (!sent.ok) return whisper(`Not sent. ${sent.words}`);
  const note = `On its way to …${sent.address.slice(-4)}. The bot leaves this person to you until you hand them back.`;
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.inbox}`,
      text: note,
      blocks: [
        section(note),
        { type: "actions", elements: [button("inbox_hand_back", "Hand back to the bot", parent.ref)] },
      ],
      thread: parent.id,
      priority: PRIORITY.reply,
      kind: NOTE,
      ref: parent.ref,
    },
  ]);
  return undefined;
}

async function giveBack(unit: Unit, { staff, value, message }: ActionAsked): Promise<Answer> {
  const handed = await handBack(unit, value, staff);
  const note = message === undefined ? undefined : await findPost(unit.tx, message);
  if (note && handed) {
    const words = `Handed back to the bot by ${staff.name}. Whoever answers here takes over again.`;
    await unit.send([
      {
        to: `slack:${unit.app.content.deployment.slack.inbox}`,
        text: words,
        blocks: [section(escapeMrkdwn(words))],
        priority: PRIORITY.reply,
        kind: NOTE,
        ref: value,
        replaces: note.id,
      },
    ]);
  }
  return handed
    ? whisper("The bot answers this person again; an open question was asked once more.")
    : whisper("The bot answers this person already.");
}
