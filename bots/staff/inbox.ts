import { PRIORITY } from "#storage";
import { handBack, replyToCitizen } from "../citizen/index.ts";
import { button } from "./inputs.ts";
import { type Feature, whisper } from "./registry.ts";
import { section } from "./views.ts";

/** The inbox: what staff write in a person's thread reaches that person, and the bot stays silent until handed back. */
export const inboxFeature: Feature = {
  threads: {
    inbox: {
      permission: "inbox.reply",
      run: async (unit, { parent, staff, text }) => {
        if (parent.ref === null) return undefined;
        const reply = await replyToCitizen(unit, parent.ref, staff, text);
        if (!reply.ok) return whisper(`Not sent. ${reply.words}`);
        const note = `On its way to …${reply.address.slice(-4)}. The bot leaves this person to you until you hand them back.`;
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
            kind: "inbox_note",
            ref: parent.ref,
          },
        ]);
        return undefined;
      },
    },
  },
  actions: {
    inbox_hand_back: {
      permission: "inbox.reply",
      run: async (unit, { staff, value }) =>
        (await handBack(unit, value, staff))
          ? whisper("The bot answers this person again; an open question was asked once more.")
          : whisper("The bot answers this person already."),
    },
  },
};
