import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { listSetAside, useAgain } from "#storage";
import { moment, number } from "../broadcast/index.ts";
import { button } from "./inputs.ts";
import { actorOf, type Feature, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

/** Slack takes 50 blocks in a message. */
const SHOWN = 40;

/** Numbers to which nothing is sent any more, and the way back. */
export const numbersFeature: Feature = {
  commands: [
    {
      word: "numbers",
      help: "numbers that were set aside because they could not be reached, and the way back",
      example: "/saypro numbers",
      permission: "contacts.read",
      run: async ({ tx, app }) => {
        const { all, shown } = await listSetAside(tx, SHOWN);
        if (all === 0) return whisper("No number is set aside.");
        const blocks = shown.map(
          ({ address, name, reason, since }): KnownBlock => ({
            type: "section",
            text: {
              type: "mrkdwn",
              text: `*${escapeMrkdwn(name ?? "Somebody")}*, ${escapeMrkdwn(address)}: ${escapeMrkdwn(reason ?? "cannot receive")}, ${moment(since, app.content.deployment)}`,
            },
            accessory: button("number_again", "Use again", address),
          }),
        );
        return whisper(`${number(all)} set aside`, [
          section(
            `*${number(all)} set aside.* Nothing is sent to them, and audiences count them as not reached. Whoever writes from one is reached there again.`,
          ),
          ...blocks,
          ...(all > shown.length ? [context(`… and ${number(all - shown.length)} more.`)] : []),
        ]);
      },
    },
  ],
  actions: {
    number_again: {
      permission: "contacts.import",
      run: async (unit, { staff, value }) => {
        if (!(await useAgain(unit.tx, value))) return whisper("It is in use already.");
        await unit.audit({ actor: actorOf(staff), action: "address.restored", subject: `address:${value}` });
        return whisper(`${value} is written to again.`);
      },
    },
  },
};
