import { randomBytes } from "node:crypto";
import { createConsoleLink, LINK_MINUTES, TOKEN_BYTES } from "#storage";
import { actorOf, type Feature, whisper } from "./registry.ts";

/** The way into the web console: a link that only the asker sees, good once. */
export const consoleFeature: Feature = {
  commands: [
    {
      word: "console",
      help: "open the web console",
      example: "/saypro console",
      permission: "results.read",
      run: async (unit, { staff }) => {
        const token = randomBytes(TOKEN_BYTES).toString("base64url");
        await createConsoleLink(unit.tx, staff.id, token);
        await unit.audit({
          actor: actorOf(staff),
          action: "console.link_made",
          subject: `staff:${staff.id}`,
        });
        const link = `${unit.app.config.publicUrl}/console/login?token=${token}`;
        return whisper(
          `<${link}|Open the console>. The link is for you alone, works once, and for ${LINK_MINUTES} minutes.`,
        );
      },
    },
  ],
};
