import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import slackErrors from "../../channels/slack/errors.json" with { type: "json" };
import twilioErrors from "../../channels/twilio/errors.json" with { type: "json" };
import cloudErrors from "../../channels/whatsapp/cloud-errors.json" with { type: "json" };

const seam = readFileSync("channels/channel.ts", "utf8");
const union = /export type SendFailure =([^;]+);/.exec(seam)?.[1] ?? "";
const failures = [...union.matchAll(/\| "([a-z_]+)"/g)].map(([, name]) => name);

describe("the catalogue of failures", () => {
  it("is the one that docs/channels.md explains, in its order", () => {
    const table = readFileSync("docs/channels.md", "utf8").split("## Why a send fails")[1] ?? "";
    expect(failures.length).toBe(9);
    expect([...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name)).toEqual(failures);
  });

  it.each([
    ["Twilio", twilioErrors],
    ["Meta", cloudErrors],
    ["Slack", slackErrors],
  ])("%s: each code once, with a known failure and a sentence for staff", (_name, { source, groups }) => {
    expect(source).toMatch(/\S/);
    const codes: string[] = [];
    for (const group of Object.values(groups)) {
      expect(failures).toContain(group.failure);
      for (const [code, words] of Object.entries(group.codes)) {
        codes.push(code);
        expect(words).toMatch(/^[A-Z].+[^.]\.$/);
      }
    }
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("covers the 97 codes of Twilio's that were looked up, and no throttling without a time", () => {
    expect(Object.values(twilioErrors.groups).flatMap(({ codes }) => Object.keys(codes)).length).toBe(97);
    for (const file of [twilioErrors, cloudErrors, slackErrors])
      for (const group of Object.values(file.groups) as { failure: string; retryAfterMs?: number }[])
        expect(group.retryAfterMs !== undefined).toBe(group.failure === "throttled");
  });
});

describe("slack-manifest.yaml", () => {
  const manifest = parse(readFileSync("slack-manifest.yaml", "utf8")) as {
    features: { slash_commands: { command: string; url: string }[]; app_home: { home_tab_enabled: boolean } };
    oauth_config: { scopes: { bot: string[] } };
    settings: {
      event_subscriptions: { request_url: string; bot_events: string[] };
      interactivity: { is_enabled: boolean; request_url: string };
      socket_mode_enabled: boolean;
    };
  };
  it("points everything at /slack/events", () => {
    const { features, settings } = manifest;
    const urls = [
      ...features.slash_commands.map(({ url }) => url),
      settings.event_subscriptions.request_url,
      settings.interactivity.request_url,
    ];
    expect(new Set(urls)).toEqual(new Set(["https://engage.example.org/slack/events"]));
  });
  it("has the scope that each event and call needs", () => {
    const { bot_events } = manifest.settings.event_subscriptions;
    expect(bot_events).toEqual(["app_home_opened", "message.channels", "message.groups", "message.im"]);
    for (const event of bot_events.filter((name) => name.startsWith("message.")))
      expect(manifest.oauth_config.scopes.bot).toContain(`${event.slice("message.".length)}:history`);
    for (const scope of ["chat:write", "commands", "im:write", "channels:read", "groups:read", "users:read"])
      expect(manifest.oauth_config.scopes.bot).toContain(scope);
    expect(manifest.features.app_home.home_tab_enabled).toBe(true);
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(["/saypro"]);
  });
});
