import type { HomeView, KnownBlock } from "@slack/types";
import { findStaffBySlackUser } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { faultOf } from "./fault.ts";
import type { SlackApi } from "./give.ts";
import type { Feature } from "./registry.ts";
import { context, divider, section } from "./views.ts";

/** Slack's limit. */
const MAX_BLOCKS = 100;

/** Shows a person what is running. Never throws: Home is shown again at the next visit. */
export async function publishHome(
  app: App,
  slack: SlackApi,
  features: readonly Feature[],
  slackUserId: string,
): Promise<void> {
  try {
    const blocks = await homeBlocks(app, features, slackUserId);
    const view: HomeView = { type: "home", blocks: [...blocks].slice(0, MAX_BLOCKS) };
    await slack.views.publish({ user_id: slackUserId, view });
  } catch (error) {
    app.log.warn({ what: "App Home", ...faultOf(error) }, "App Home could not be shown");
  }
}

function homeBlocks(
  app: App,
  features: readonly Feature[],
  slackUserId: string,
): Promise<readonly KnownBlock[]> {
  return commit(app, async (unit) => {
    const staff = await findStaffBySlackUser(unit.tx, slackUserId);
    if (!staff)
      return [
        section("Your Slack account is not linked to a member of staff. `/saypro help` tells whom to ask."),
      ];
    const sections: KnownBlock[] = [];
    for (const { home } of features) {
      const blocks = home ? await home(unit, staff) : [];
      if (blocks.length > 0) sections.push(...(sections.length > 0 ? [divider] : []), ...blocks);
    }
    const { timezone, municipality } = app.content.deployment;
    const at = unit.now.toLocaleTimeString("en-ZA", {
      timeZone: timezone,
      hour: "2-digit",
      minute: "2-digit",
    });
    return [
      { type: "header", text: { type: "plain_text", text: municipality } },
      ...sections,
      divider,
      context(`As of ${at}. \`/saypro help\` lists every command.`),
    ];
  });
}
