import type { Channel } from "#channels";
import { type Outcome, once, PRIORITY } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";

const NOTICE_EVERY_MS = 10 * 60_000;

/** Tells staff in Slack, at most every ten minutes, that a channel refuses us because of our account or settings. */
export async function noticeMisconfigured(
  app: App,
  channel: Channel,
  outcomes: readonly Outcome[],
): Promise<void> {
  const fault = outcomes.find((o) => o.kind === "final" && o.failure === "misconfigured");
  if (fault?.kind !== "final" || channel.name === "slack") return;
  const window = Math.floor(app.clock().getTime() / NOTICE_EVERY_MS);
  await commit(app, async (unit) => {
    if (!(await once(unit.tx, `misconfigured.${channel.name}.${window}`))) return;
    await unit.send([
      {
        to: `slack:${app.content.deployment.slack.operations}`,
        text: `:warning: ${channel.name} through ${channel.carrier} refuses our messages (${fault.code ?? "no code"}): ${fault.detail}`,
        priority: PRIORITY.reply,
        kind: "notice",
      },
    ]);
  });
}
