import type { Channel } from "#channels";
import { once, PRIORITY } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";

const NOTICE_EVERY_MS = 10 * 60_000;

/** Tells staff in Slack, at most every ten minutes, that a channel refuses us because of our account or settings. */
export async function noticeMisconfigured(
  app: App,
  channel: Channel,
  fault: { readonly code: string | null; readonly detail: string },
  bulkRests: boolean,
): Promise<void> {
  if (channel.name === "slack") return;
  const window = Math.floor(app.clock().getTime() / NOTICE_EVERY_MS);
  await commit(app, async (unit) => {
    if (!(await once(unit.tx, `misconfigured.${channel.name}.${window}`))) return;
    const rests = bulkRests ? " What waits of the broadcast is tried again in ten minutes." : "";
    await unit.send([
      {
        to: `slack:${app.content.deployment.slack.operations}`,
        text: `:warning: ${channel.name} through ${channel.carrier} refuses our messages (${fault.code ?? "no code"}): ${fault.detail}${rests}`,
        priority: PRIORITY.reply,
        kind: "notice",
      },
    ]);
  });
}
