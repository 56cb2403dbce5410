import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  BadRequest,
  type Channel,
  type Choice,
  ForgedRequest,
  type OutboundMessage,
  openChannels,
  type WebhookRequest,
} from "#channels";
import { metaFaults, words } from "../../sandbox/contract.ts";
import { lines, MESSAGE_ID, post, surroundings, testChannel } from "./conformance.ts";
import { fakeCarrier, type Script, type Taken } from "./fake-carrier.ts";

const TOKEN = "EAAG-cloud-token-kept-secret";
const APP_SECRET = "cloud-app-secret-kept-secret";
const VERIFY = "cloud-verify-token";
const NUMBER_ID = "106540352242922";
const WAMID = "wamid.HBgLMjc4MjEyMzQ1NjcVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA";
const PATH = "/webhooks/whatsapp";

const plain: OutboundMessage = {
  id: MESSAGE_ID,
  to: "whatsapp:+27821234567",
  text: "Sawubona",
  lastInboundAt: "2026-11-23T09:00:00.000Z",
};
const stale = { ...plain, lastInboundAt: "2026-11-22T09:59:30.000Z" };
const choices = (count: number, title = (i: number) => `Ward ${i}`): Choice[] =>
  Array.from({ length: count }, (_, i) => ({ id: `w${i + 1}`, title: title(i + 1) }));

const ACCEPT: Script = {
  status: 200,
  body: {
    messaging_product: "whatsapp",
    contacts: [{ input: "+27821234567", wa_id: "27821234567" }],
    messages: [{ id: WAMID, message_status: "accepted" }],
  },
};

const config = (apiUrl: string) => ({
  whatsappCloud: {
    token: TOKEN,
    phoneNumberId: NUMBER_ID,
    appSecret: APP_SECRET,
    verifyToken: VERIFY,
    apiUrl,
  },
});

function signed(body: string, secret = APP_SECRET): WebhookRequest {
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  return post(PATH, body, { "x-hub-signature-256": signature }, "application/json");
}

/** The envelope of Meta's webhooks, as its documentation shows it. */
function envelope(value: object, numberId = NUMBER_ID): string {
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          {
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "27 60 000 0003", phone_number_id: numberId },
              ...value,
            },
            field: "messages",
          },
        ],
      },
    ],
  });
}
const said = (part: object): string =>
  envelope({
    contacts: [{ profile: { name: "Thandi" }, wa_id: "27821234567" }],
    messages: [{ from: "27821234567", id: WAMID, timestamp: "1795514400", ...part }],
  });
const status = (word: string, more: object = {}): string =>
  envelope({
    statuses: [
      {
        id: WAMID,
        status: word,
        timestamp: "1795514400",
        recipient_id: "27821234567",
        biz_opaque_callback_data: MESSAGE_ID,
        ...more,
      },
    ],
  });
const at = new Date(1795514400 * 1000).toISOString();
const message = {
  providerId: WAMID,
  from: "whatsapp:+27821234567",
  to: "whatsapp:+27600000003",
  sentAt: at,
} as const;
const arrives = (part: object) =>
  [{ kind: "message", channel: "whatsapp", message: { ...message, text: "", ...part } }] as const;
const genuine = signed(said({ type: "text", text: { body: "JOIN" } }));

function refusal(httpStatus: number, code: number): Script {
  return {
    status: httpStatus,
    body: {
      error: {
        message: `(#${code}) refused`,
        type: "OAuthException",
        code,
        error_data: { messaging_product: "whatsapp", details: "to 27821234567" },
        fbtrace_id: "AbCdEf",
      },
    },
  };
}

testChannel({
  name: "WhatsApp through Meta's Cloud API",
  open: async (log) => {
    const carrier = await fakeCarrier(() => ACCEPT);
    const [channel] = [...openChannels(config(carrier.url), surroundings(log)).channels.values()] as [
      Channel,
    ];
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
  },
  secrets: [TOKEN, APP_SECRET, VERIFY],
  skips: { "look-up": "Meta keeps no list of sent messages to ask" },
  plain,
  wireOf: (request) => ({ path: request.path, ...(JSON.parse(request.body) as object) }),
  contractFaults: (request: Taken) => {
    const faults = metaFaults(JSON.parse(request.body));
    return [
      ...(request.headers.authorization === `Bearer ${TOKEN}` ? [] : ["wrong token"]),
      ...(faults.length > 0 ? [words(faults)] : []),
    ];
  },
  outbound: [
    {
      name: "a text inside the window, with our id to come back",
      message: plain,
      wire: {
        path: `/v23.0/${NUMBER_ID}/messages`,
        to: "+27821234567",
        type: "text",
        text: { body: "Sawubona" },
        biz_opaque_callback_data: MESSAGE_ID,
      },
    },
    {
      name: "three choices as buttons",
      message: { ...plain, choices: choices(3) },
      wire: {
        type: "interactive",
        interactive: {
          type: "button",
          body: { text: "Sawubona" },
          action: {
            buttons: choices(3).map(({ id, title }) => ({ type: "reply", reply: { id, title } })),
          },
        },
      },
    },
    {
      name: "ten choices as a list",
      message: { ...plain, choices: choices(10) },
      wire: {
        interactive: { type: "list", action: { button: "☰ 1–10", sections: [{ rows: choices(10) }] } },
      },
    },
    {
      name: "titles too long for buttons as a list, in full below their number",
      message: { ...plain, choices: choices(2, (i) => `A long title of ${i} that no button holds`) },
      wire: {
        interactive: {
          type: "list",
          action: {
            sections: [
              {
                rows: [
                  { id: "w1", title: "1.", description: "A long title of 1 that no button holds" },
                  { id: "w2", title: "2.", description: "A long title of 2 that no button holds" },
                ],
              },
            ],
          },
        },
      },
    },
    {
      name: "eleven choices as a numbered list",
      message: { ...plain, choices: choices(11) },
      wire: {
        type: "text",
        text: {
          body: `Sawubona\n${choices(11)
            .map((c, i) => `${i + 1}. ${c.title}`)
            .join("\n")}`,
        },
      },
    },
    {
      name: "choices with the same title as a numbered list",
      message: { ...plain, choices: choices(2, () => "Yes") },
      wire: { text: { body: "Sawubona\n1. Yes\n2. Yes" } },
    },
    {
      name: "choices under a long text as a numbered list",
      message: { ...plain, text: "a".repeat(1025), choices: choices(1) },
      wire: { text: { body: `${"a".repeat(1025)}\n1. Ward 1` } },
    },
    {
      name: "a picture with the text below",
      message: { ...plain, media: [{ url: "https://example.org/1.png", contentType: "image/png" }] },
      wire: { type: "image", image: { link: "https://example.org/1.png", caption: "Sawubona" } },
    },
    {
      name: "a video, with the choices below it as a numbered list",
      message: {
        ...plain,
        choices: choices(2),
        media: [{ url: "https://example.org/1.mp4", contentType: "video/mp4" }],
      },
      wire: {
        type: "video",
        video: { link: "https://example.org/1.mp4", caption: "Sawubona\n1. Ward 1\n2. Ward 2" },
      },
    },
    {
      name: "a video as a link where the text is too long to stand below it",
      message: {
        ...plain,
        text: "a".repeat(1025),
        media: [{ url: "https://example.org/1.mp4", contentType: "video/mp4" }],
      },
      wire: { type: "text", text: { body: `${"a".repeat(1025)}\nhttps://example.org/1.mp4` } },
    },
    {
      name: "a document",
      message: { ...plain, media: [{ url: "https://example.org/1.pdf", contentType: "application/pdf" }] },
      wire: { type: "document", document: { link: "https://example.org/1.pdf", caption: "Sawubona" } },
    },
    {
      name: "the approved template outside the window",
      message: {
        ...stale,
        approvedAs: { name: "policy_update", language: "zu", variables: ["Ward 7", "a\tb"] },
      },
      wire: {
        type: "template",
        template: {
          name: "policy_update",
          language: { policy: "deterministic", code: "zu" },
          components: [
            {
              type: "body",
              parameters: [
                { type: "text", text: "Ward 7" },
                { type: "text", text: "a b" },
              ],
            },
          ],
        },
      },
    },
    {
      name: "a template without variables",
      message: { ...stale, approvedAs: { name: "all_clear", language: "en", variables: [] } },
      wire: { template: { name: "all_clear", language: { policy: "deterministic", code: "en" } } },
    },
  ],
  refused: [
    { name: "a text outside the window", message: stale, failure: "window_closed" },
    { name: "4,097 characters", message: { ...plain, text: "a".repeat(4097) }, failure: "refused" },
    { name: "nothing", message: { ...plain, text: "" }, failure: "refused" },
  ],
  refusals: [
    { name: "its rate (130429)", answer: refusal(429, 130429), failure: "throttled", retryAfterMs: 2000 },
    {
      name: "its rate per person (131056)",
      answer: refusal(400, 131056),
      failure: "throttled",
      retryAfterMs: 6000,
    },
    {
      name: "the closed window (131047)",
      answer: refusal(400, 131047),
      failure: "window_closed",
      code: "131047",
    },
    { name: "no WhatsApp (131026)", answer: refusal(400, 131026), failure: "bad_address" },
    { name: "an unsupported kind (131051)", answer: refusal(400, 131051), failure: "refused" },
    { name: "an expired token (190)", answer: refusal(401, 190), failure: "misconfigured", code: "190" },
    { name: "a person who stopped marketing (131050)", answer: refusal(400, 131050), failure: "opted_out" },
    {
      name: "too many messages from businesses (131049)",
      answer: refusal(400, 131049),
      failure: "unreachable",
    },
    { name: "an internal error of its own (131000)", answer: refusal(500, 131000), failure: "unavailable" },
    {
      name: "a code nobody knows, 4xx: final",
      answer: refusal(400, 999999),
      failure: "refused",
      code: "999999",
    },
    { name: "a code nobody knows, 5xx: again", answer: refusal(500, 999999), failure: "unavailable" },
    { name: "401 without a code", answer: { status: 401, body: "" }, failure: "misconfigured" },
    {
      name: "429 without a code, with its own time to wait",
      answer: { status: 429, body: "", headers: { "retry-after": "3" } },
      failure: "throttled",
      retryAfterMs: 3000,
    },
    { name: "503", answer: { status: 503, body: "" }, failure: "unavailable" },
    { name: "502: in doubt", answer: { status: 502, body: "<html>" }, failure: "unknown_outcome" },
  ],
  inbound: [
    { name: "a text", request: genuine, arrivals: arrives({ text: "JOIN" }) },
    {
      name: "half of a surrogate pair, which JSON can escape and a database cannot keep",
      request: signed(said({ type: "text", text: { body: "a\ud800b" } })),
      arrivals: arrives({ text: "a\ufffdb" }),
    },
    {
      name: "a tapped button",
      request: signed(
        said({
          type: "interactive",
          context: { from: "27600000003", id: "wamid.X" },
          interactive: { type: "button_reply", button_reply: { id: "w1", title: "Ward 1" } },
        }),
      ),
      arrivals: arrives({ text: "Ward 1", choice: "w1" }),
    },
    {
      name: "a chosen row of a list",
      request: signed(
        said({
          type: "interactive",
          interactive: { type: "list_reply", list_reply: { id: "w7", title: "7.", description: "Ward 7" } },
        }),
      ),
      arrivals: arrives({ text: "Ward 7", choice: "w7" }),
    },
    {
      name: "a tapped button of a template",
      request: signed(said({ type: "button", button: { payload: "stop", text: "Stop" } })),
      arrivals: arrives({ text: "Stop", choice: "stop" }),
    },
    {
      name: "a picture with a caption",
      request: signed(
        said({
          type: "image",
          image: { caption: "pothole", mime_type: "image/jpeg", sha256: "x", id: "1479537139650973" },
        }),
      ),
      arrivals: [
        {
          kind: "message",
          channel: "whatsapp",
          message: {
            ...message,
            text: "pothole",
            media: [
              {
                url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v23\.0\/1479537139650973$/),
                contentType: "image/jpeg",
              },
            ],
          },
        },
      ],
    },
    {
      name: "a location",
      request: signed(
        said({
          type: "location",
          location: { latitude: -29.8587, longitude: 31.0218, name: "City Hall", address: "Church Walk" },
        }),
      ),
      arrivals: arrives({ location: { latitude: -29.8587, longitude: 31.0218, label: "City Hall" } }),
    },
    {
      name: "a kind that we do not know: a message without words",
      request: signed(
        said({ type: "unsupported", errors: [{ code: 131051, title: "Message type unknown" }] }),
      ),
      arrivals: arrives({}),
    },
    {
      name: "an odd part: a message without it",
      request: signed(said({ type: "location", location: { latitude: "north" } })),
      arrivals: arrives({}),
    },
    {
      name: "a reaction: nothing",
      request: signed(said({ type: "reaction", reaction: { message_id: WAMID, emoji: "👍" } })),
      arrivals: [],
    },
    {
      name: "another number of the same account: nothing",
      request: signed(
        envelope(
          { messages: [{ from: "27821234567", id: WAMID, type: "text", text: { body: "x" } }] },
          "999",
        ),
      ),
      arrivals: [],
    },
    {
      name: "a failure with its code",
      request: signed(status("failed", { errors: [{ code: 131026, title: "Message undeliverable" }] })),
      arrivals: [
        {
          kind: "receipt",
          channel: "whatsapp",
          receipt: {
            messageId: MESSAGE_ID,
            providerId: WAMID,
            at,
            status: "failed",
            failure: "bad_address",
            code: "131026",
            detail: "The number has no WhatsApp or cannot receive our messages; use SMS.",
          },
        },
      ],
    },
    {
      name: "messages and statuses in one",
      request: signed(
        envelope({
          messages: [
            { from: "27821234567", id: WAMID, timestamp: "1795514400", type: "text", text: { body: "A" } },
          ],
          statuses: [{ id: WAMID, status: "sent", timestamp: "1795514400", recipient_id: "27821234567" }],
        }),
      ),
      arrivals: [
        ...arrives({ text: "A" }),
        { kind: "receipt", channel: "whatsapp", receipt: { providerId: WAMID, at, status: "sent" } },
      ],
    },
  ],
  forged: [
    { name: "no signature", request: { ...genuine, headers: {} } },
    { name: "another app's secret", request: signed(Buffer.from(genuine.body).toString(), "another-secret") },
    { name: "one more space", request: { ...genuine, body: Buffer.from(`${Buffer.from(genuine.body)} `) } },
  ],
  malformed: [
    { name: "no JSON", request: signed("{") },
    { name: "another product", request: signed('{"object":"page","entry":[]}') },
    { name: "a message without id", request: signed(envelope({ messages: [{ from: "27821234567" }] })) },
  ],
  receipts: ["delivered", "sent", "read"].map((word) => signed(status(word))),
  said: (text) => signed(said({ type: "text", text: { body: text } })),
});

describe("Meta's verification handshake", () => {
  const { webhooks } = openChannels(config("http://127.0.0.1:1"), surroundings(lines()));
  const get = webhooks.find(({ method }) => method === "GET");
  const ask = (query: string) =>
    get?.receive({ method: "GET", url: `${PATH}?${query}`, headers: {}, body: new Uint8Array() });

  it("echoes the challenge to whoever knows the token", () => {
    expect(ask(`hub.mode=subscribe&hub.verify_token=${VERIFY}&hub.challenge=1158201444`)).toEqual({
      arrivals: [],
      reply: { status: 200, contentType: "text/plain", body: "1158201444" },
    });
  });
  it("refuses another token and an incomplete request", () => {
    expect(() => ask("hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1")).toThrow(ForgedRequest);
    expect(() => ask("hub.mode=subscribe&hub.challenge=1")).toThrow(ForgedRequest);
    expect(() => ask(`hub.mode=subscribe&hub.verify_token=${VERIFY}`)).toThrow(BadRequest);
  });
});
