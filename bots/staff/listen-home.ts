import type { App as BoltApp } from "@slack/bolt";
import type { App } from "../app.ts";
import { publishHome } from "./home.ts";
import type { Feature } from "./registry.ts";

export function listenForHome(app: App, bolt: BoltApp, features: readonly Feature[]): void {
  bolt.event("app_home_opened", async ({ event, client }) => {
    if (event.tab === "home") await publishHome(app, client, features, event.user);
  });
}
