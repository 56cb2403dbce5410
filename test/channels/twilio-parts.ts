import { createHmac } from "node:crypto";
import type { Channel, Log, TwilioConfig, WebhookRequest } from "#channels";
import { openChannels } from "#channels";
import { twilioContract, words } from "../../sandbox/contract.ts";
import { MESSAGE_ID, PUBLIC_URL, post, type Subject, surroundings } from "./conformance.ts";
import { fakeCarrier, type Script, type Taken } from "./fake-carrier.ts";

export const ACCOUNT = "AC0123456789abcdef0123456789abcdef";
export const TOKEN = "twilio-auth-token-kept-secret";
export const SID = "SM0123456789abcdef0123456789abcdef";

/** What api.twilio.com answers to a new message (recorded from its documentation, numbers changed). */
export function created(overrides: object = {}): object {
  return {
    account_sid: ACCOUNT,
    api_version: "2010-04-01",
    body: "Sawubona",
    date_created: "Mon, 23 Nov 2026 10:00:00 +0000",
    date_sent: null,
    date_updated: "Mon, 23 Nov 2026 10:00:00 +0000",
    direction: "outbound-api",
    error_code: null,
    error_message: null,
    from: "+27600000001",
    messaging_service_sid: null,
    num_media: "0",
    num_segments: "1",
    price: null,
    price_unit: null,
    sid: SID,
    status: "queued",
    subresource_uris: {},
    to: "+27821234567",
    uri: `/2010-04-01/Accounts/${ACCOUNT}/Messages/${SID}.json`,
    ...overrides,
  };
}

export function page(...messages: object[]): object {
  return {
    messages,
    first_page_uri: "",
    next_page_uri: null,
    previous_page_uri: null,
    page: 0,
    page_size: 50,
    start: 0,
    end: messages.length,
    uri: "",
  };
}

const ACCEPT: Script = { status: 201, body: created() };

/** A Twilio channel over a carrier of our own. */
export async function openTwilioSubject(config: Partial<TwilioConfig>, log: Log): Promise<Subject> {
  const carrier = await fakeCarrier(() => ACCEPT);
  const opened = openChannels(
    { twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiUrl: carrier.url, ...config } },
    surroundings(log),
  );
  const [channel] = [...opened.channels.values()] as [Channel];
  return {
    channel,
    taken: carrier.taken,
    answer: (script) => carrier.answer(() => (script === "accept" ? ACCEPT : script)),
    unplug: () => carrier.close(),
    close: async () => {
      await channel.close?.();
      await carrier.close();
    },
  };
}

export function formOf(request: Taken): Readonly<Record<string, unknown>> {
  return { path: request.path, ...Object.fromEntries(new URLSearchParams(request.body)) };
}

export function createFaults(request: Taken): readonly string[] {
  const expected = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}`;
  const { faults } = twilioContract.create(new URLSearchParams(request.body));
  return [
    ...(request.headers.authorization === expected ? [] : ["wrong credentials"]),
    ...(faults.length > 0 ? [words(faults)] : []),
  ];
}

/** Twilio's own way to sign: address, then each parameter's name and value, sorted, without delimiters. */
export function sign(url: string, form: Readonly<Record<string, string>>, token = TOKEN): string {
  const text = Object.keys(form)
    .sort()
    .reduce((sum, name) => sum + name + form[name], PUBLIC_URL + url);
  return createHmac("sha1", token).update(text, "utf8").digest("base64");
}

export function signed(url: string, form: Readonly<Record<string, string>>, token?: string): WebhookRequest {
  return post(url, new URLSearchParams(form).toString(), { "x-twilio-signature": sign(url, form, token) });
}

export const MESSAGES = "/webhooks/twilio/messages";
export const STATUS = `/webhooks/twilio/status?id=${MESSAGE_ID}&mac=mac-of-${MESSAGE_ID}`;

/** Twilio's error object. */
export function refusal(status: number, code: number, headers: Record<string, string> = {}): Script {
  return {
    status,
    headers,
    body: {
      code,
      message: `The 'To' number +27821234567 is refused`,
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    },
  };
}

/** Refusals that SMS and WhatsApp share. */
export const commonRefusals = [
  { name: "no credentials (20003)", answer: refusal(401, 20003), failure: "misconfigured", code: "20003" },
  { name: "its rate (20429)", answer: refusal(429, 20429), failure: "throttled", retryAfterMs: 2000 },
  {
    name: "its rate, with its own time to wait",
    answer: refusal(429, 20429, { "retry-after": "7" }),
    failure: "throttled",
    retryAfterMs: 7000,
  },
  { name: "429 without a code", answer: { status: 429, body: "slow down" }, failure: "throttled" },
  { name: "an internal error of its own (20500)", answer: refusal(500, 20500), failure: "unavailable" },
  { name: "503 without a code", answer: { status: 503, body: "busy" }, failure: "unavailable" },
  {
    name: "502 from something in between: in doubt",
    answer: { status: 502, body: "<html>bad gateway</html>" },
    failure: "unknown_outcome",
  },
  { name: "a code nobody knows, 4xx: final", answer: refusal(400, 99999), failure: "refused", code: "99999" },
  {
    name: "a code nobody knows, 5xx: again",
    answer: refusal(500, 99999),
    failure: "unavailable",
    code: "99999",
  },
  { name: "too long (21617)", answer: refusal(400, 21617), failure: "refused" },
  {
    name: "the daily cap (63038)",
    answer: refusal(400, 63038),
    failure: "throttled",
    retryAfterMs: 3_600_000,
  },
] as const;
