import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, variableNames } from "./config.ts";

const faults = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
};

const TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "t",
  TWILIO_SMS_FROM: "+27870000000",
};
const LIVE = { PUBLIC_URL: "https://engage.example", SECRETS_KEY: "ab".repeat(32) };

describe("configuration", () => {
  it("needs nothing: then the sandbox runs on the embedded engine", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      sandbox: true,
      dataDir: ".data",
      publicUrl: "http://127.0.0.1:3000",
    });
    expect(config.databaseUrl).toBeUndefined();
  });

  it("switches the sandbox off once a carrier is there", () => {
    expect(readConfig({ ...TWILIO, ...LIVE })).toMatchObject({
      sandbox: false,
      twilio: { smsFrom: ["+27870000000"] },
    });
  });

  it.each([
    ["a word for a port", { PORT: "http" }, /^PORT: must be a port number/],
    ["another database", { DATABASE_URL: "mysql://x/y" }, /^DATABASE_URL: must be postgres:/],
    [
      "a carrier half set",
      { ...LIVE, TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID, TWILIO_SMS_FROM: "+27870000000" },
      /^TWILIO_AUTH_TOKEN: missing/,
    ],
    [
      "no sender",
      { ...LIVE, TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: "t" },
      /^TWILIO_SMS_FROM: missing/,
    ],
    ["Slack without a way in", { ...LIVE, SLACK_BOT_TOKEN: "xoxb-1" }, /^SLACK_SIGNING_SECRET: missing/],
    [
      "two WhatsApps",
      { ...TWILIO, ...LIVE, TWILIO_WHATSAPP_FROM: "+27870000000", WHATSAPP_WEB_SESSION_DIR: "x" },
      /one carrier at a time/,
    ],
    ["live without a key", { ...TWILIO, PUBLIC_URL: "https://engage.example" }, /^SECRETS_KEY: missing/],
    ["live without an address", { ...TWILIO, SECRETS_KEY: LIVE.SECRETS_KEY }, /^PUBLIC_URL: missing/],
    ["Redis without Postgres", { REDIS_URL: "redis://127.0.0.1:1" }, /^DATABASE_URL: missing/],
    [
      "a sender that is none",
      { ...TWILIO, TWILIO_SMS_FROM: "+27870000000, +087" },
      /^TWILIO_SMS_FROM\.1: must be/,
    ],
    [
      "a sender twice",
      { ...TWILIO, TWILIO_SMS_FROM: "+27870000000,+27870000000" },
      /^TWILIO_SMS_FROM: names a sender twice/,
    ],
    ["the sandbox beside a carrier", { ...TWILIO, ...LIVE, SANDBOX: "true" }, /^SANDBOX: true, but/],
    [
      "a secret file that is not there",
      { SECRETS_KEY_FILE: "/nonexistent" },
      /^SECRETS_KEY_FILE: cannot read/,
    ],
  ])("says what is wrong with %s", (_name, environment, words) => {
    expect(faults(environment).join("\n")).toMatch(words);
  });

  it("takes several senders", () => {
    const { twilio } = readConfig({ ...TWILIO, ...LIVE, TWILIO_SMS_FROM: "+27870000000, +27870000001" });
    expect(twilio?.smsFrom).toEqual(["+27870000000", "+27870000001"]);
  });

  it("tells every fault at once", () => {
    expect(faults({ PORT: "x", DATABASE_URL: "y", SECRETS_KEY: "z" })).toHaveLength(3);
  });

  it("reads a secret from a file", () => {
    expect(
      readConfig({
        TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID,
        TWILIO_AUTH_TOKEN_FILE: "package.json",
        TWILIO_SMS_FROM: "+27870000000",
        ...LIVE,
      }).twilio?.authToken,
    ).toMatch(/saypro-engage/);
  });

  it(".env.example names every variable and no other", () => {
    const named = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named.filter((name) => name !== "POSTGRES_PASSWORD").sort()).toEqual([...variableNames].sort());
  });
});
