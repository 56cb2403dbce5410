import { randomBytes, randomUUID } from "node:crypto";

/** Twilio's message SID: SM for text, MM with media. */
export function twilioSid(prefix: "SM" | "MM" | "ME"): string {
  return `${prefix}${randomBytes(16).toString("hex")}`;
}

/** Meta's message id. */
export function metaId(): string {
  return `wamid.${randomBytes(24).toString("base64url")}`;
}

export function slackId(prefix: string): string {
  return `${prefix}0${randomUUID().replaceAll("-", "").slice(0, 9).toUpperCase()}`;
}

let last = 0;

/** Slack's message timestamp: seconds and six digits, unique and rising within this process. */
export function slackTs(): string {
  last = Math.max(last + 1, Date.now() * 1000);
  return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, "0")}`;
}
