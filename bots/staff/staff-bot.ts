import type { App as BoltApp } from "@slack/bolt";
import type { App } from "../app.ts";
import { listenForActions } from "./listen-actions.ts";
import { listenForCommands } from "./listen-commands.ts";
import { listenForHome } from "./listen-home.ts";
import { listenForMessages } from "./listen-messages.ts";
import { listenForViews } from "./listen-views.ts";
import { merge } from "./merge.ts";
import type { Feature } from "./registry.ts";

/** Wires the features to Slack. */
export function registerStaffBot(app: App, bolt: BoltApp, features: readonly Feature[]): void {
  const { commands, actions, views, threads, guestActions } = merge(features);
  listenForCommands(app, bolt, commands);
  listenForActions(app, bolt, actions, guestActions, features);
  listenForViews(app, bolt, views);
  listenForHome(app, bolt, features);
  listenForMessages(app, bolt, threads, features);
}
