import type { OutboundMessage } from "#channels";
import { MESSAGE_ID, PUBLIC_URL, testChannel } from "./conformance.ts";
import {
  ACCOUNT,
  commonRefusals,
  created,
  createFaults,
  formOf,
  MESSAGES,
  openTwilioSubject,
  page,
  refusal,
  SID,
  STATUS,
  sign,
  signed,
  TOKEN,
} from "./twilio-parts.ts";

const FROM = "+27600000001";
const SERVICE = "MG0123456789abcdef0123456789abcdef";

const plain: OutboundMessage = { id: MESSAGE_ID, to: "sms:+27821234567", text: "Sawubona & molo 100% 😀" };

/** A webhook's form, as Twilio sends it for an SMS in South Africa. */
const said = {
  ToCountry: "ZA",
  ToState: "",
  SmsMessageSid: SID,
  NumMedia: "0",
  ToCity: "",
  FromZip: "",
  SmsSid: SID,
  FromState: "",
  SmsStatus: "received",
  FromCity: "",
  Body: "JOIN",
  FromCountry: "ZA",
  To: FROM,
  ToZip: "",
  NumSegments: "1",
  MessageSid: SID,
  AccountSid: ACCOUNT,
  From: "+27821234567",
  ApiVersion: "2010-04-01",
};
const status = (word: string, more: Record<string, string> = {}): Record<string, string> => ({
  AccountSid: ACCOUNT,
  ApiVersion: "2010-04-01",
  From: FROM,
  MessageSid: SID,
  MessageStatus: word,
  SmsSid: SID,
  SmsStatus: word,
  To: "+27821234567",
  ...more,
});
const message = { providerId: SID, from: "sms:+27821234567", to: `sms:${FROM}`, text: "JOIN" } as const;
const genuine = signed(MESSAGES, said);

for (const [name, config, sender] of [
  ["a number", { smsFrom: [FROM] }, { From: FROM }],
  ["a messaging service", { messagingServiceSid: SERVICE }, { MessagingServiceSid: SERVICE }],
] as const)
  testChannel({
    name: `SMS through Twilio, from ${name}`,
    open: (log) => openTwilioSubject(config, log),
    secrets: [TOKEN],
    skips: {},
    plain,
    wireOf: formOf,
    contractFaults: createFaults,
    outbound: [
      {
        name: "a text",
        message: plain,
        wire: {
          path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
          ...sender,
          To: "+27821234567",
          Body: plain.text,
          StatusCallback: `${PUBLIC_URL}${STATUS}`,
        },
      },
      {
        name: "choices as a numbered list",
        message: {
          ...plain,
          text: "Coming?",
          choices: [
            { id: "y", title: "Yes" },
            { id: "n", title: "No" },
          ],
        },
        wire: { Body: "Coming?\n1. Yes\n2. No" },
      },
      {
        name: "a video as a link",
        message: { ...plain, media: [{ url: "https://example.org/1.mp4", contentType: "video/mp4" }] },
        wire: { Body: `${plain.text}\nhttps://example.org/1.mp4` },
      },
      {
        name: "media as a link",
        message: { ...plain, media: [{ url: "https://example.org/map.png", contentType: "image/png" }] },
        wire: { Body: `${plain.text}\nhttps://example.org/map.png` },
      },
    ],
    refused: [
      { name: "1,601 characters", message: { ...plain, text: "a".repeat(1601) }, failure: "refused" },
      { name: "nothing", message: { ...plain, text: "" }, failure: "refused" },
    ],
    refusals: [
      ...commonRefusals,
      { name: "a bad number (21211)", answer: refusal(400, 21211), failure: "bad_address", code: "21211" },
      { name: "a landline (21614)", answer: refusal(400, 21614), failure: "bad_address" },
      {
        name: "a person who sent STOP (21610)",
        answer: refusal(400, 21610),
        failure: "opted_out",
        code: "21610",
      },
      { name: "a trial account (21608)", answer: refusal(400, 21608), failure: "misconfigured" },
      {
        name: "a full queue (21611)",
        answer: refusal(400, 21611),
        failure: "throttled",
        retryAfterMs: 60_000,
      },
    ],
    lookUp: {
      has: {
        status: 200,
        body: page(
          created({ sid: "SM1", body: "something newer", from: FROM }),
          created({ body: plain.text, status: "delivered", from: FROM }),
          created({
            sid: "SM2",
            body: plain.text,
            from: FROM,
            date_created: "Mon, 23 Nov 2026 09:59:00 +0000",
          }),
        ),
      },
      hasNot: {
        status: 200,
        body: page(
          created({ body: plain.text, direction: "inbound" }),
          created({ body: "something else", from: FROM }),
          created({ body: plain.text, from: FROM, date_created: "Mon, 23 Nov 2026 09:59:00 +0000" }),
        ),
      },
      found: { providerId: SID, status: "delivered" },
    },
    inbound: [
      { name: "an SMS", request: genuine, arrivals: [{ kind: "message", channel: "sms", message }] },
      {
        name: "a WhatsApp message, on the same webhook",
        request: signed(MESSAGES, { ...said, From: "whatsapp:+27821234567", To: `whatsapp:${FROM}` }),
        arrivals: [
          {
            kind: "message",
            channel: "whatsapp",
            message: { ...message, from: "whatsapp:+27821234567", to: `whatsapp:${FROM}` },
          },
        ],
      },
      {
        name: "a picture",
        request: signed(MESSAGES, {
          ...said,
          Body: "",
          NumMedia: "2",
          MediaUrl0: "https://api.twilio.com/2010-04-01/Accounts/A/Messages/M/Media/ME1",
          MediaContentType0: "image/jpeg",
        }),
        arrivals: [
          {
            kind: "message",
            channel: "sms",
            message: {
              ...message,
              text: "",
              media: [
                {
                  url: "https://api.twilio.com/2010-04-01/Accounts/A/Messages/M/Media/ME1",
                  contentType: "image/jpeg",
                },
              ],
            },
          },
        ],
      },
      {
        name: "a parameter that came twice, alike",
        request: { ...genuine, body: Buffer.from(`${Buffer.from(genuine.body)}&Body=JOIN`) },
        arrivals: [{ kind: "message", channel: "sms", message }],
      },
      {
        name: "a text that the database could not keep, without what it cannot",
        request: signed(MESSAGES, { ...said, Body: `a\u0000b${"c".repeat(5000)}` }),
        arrivals: [
          { kind: "message", channel: "sms", message: { ...message, text: `ab${"c".repeat(4094)}` } },
        ],
      },
      {
        name: "a delivery",
        request: signed(STATUS, status("delivered")),
        arrivals: [
          {
            kind: "receipt",
            channel: "sms",
            receipt: { messageId: MESSAGE_ID, providerId: SID, status: "delivered" },
          },
        ],
      },
      {
        name: "a status without our id, set in Twilio's console",
        request: signed("/webhooks/twilio/status", status("sending")),
        arrivals: [{ kind: "receipt", channel: "sms", receipt: { providerId: SID, status: "sending" } }],
      },
      {
        name: "an undelivered message with its code",
        request: signed(STATUS, status("undelivered", { ErrorCode: "30005" })),
        arrivals: [
          {
            kind: "receipt",
            channel: "sms",
            receipt: {
              messageId: MESSAGE_ID,
              providerId: SID,
              status: "undelivered",
              failure: "bad_address",
              code: "30005",
              detail: "The number does not exist or is no longer in use; check it.",
            },
          },
        ],
      },
      {
        name: "a status of an inbound message: nothing",
        request: signed(STATUS, status("received")),
        arrivals: [],
      },
    ],
    forged: [
      { name: "no signature", request: { ...genuine, headers: {} } },
      { name: "another account's token", request: signed(MESSAGES, said, "another-token") },
      { name: "a changed text", request: { ...genuine, body: Buffer.from(`${Buffer.from(genuine.body)}X`) } },
      { name: "a signature for another path", request: { ...genuine, url: `${MESSAGES}?x=1` } },
      {
        name: "a second, different text added",
        request: { ...genuine, body: Buffer.from(`${Buffer.from(genuine.body)}&Body=STOP`) },
      },
      {
        name: "another message's id in the callback",
        request: signed(STATUS.replace("id=0193581a", "id=0193581b"), status("delivered")),
      },
      {
        name: "an id without its mac",
        request: signed(`/webhooks/twilio/status?id=${MESSAGE_ID}`, status("sent")),
      },
    ],
    malformed: [
      { name: "no sender", request: signed(MESSAGES, { ...said, From: "" }) },
      { name: "no message id", request: signed(MESSAGES, { ...said, MessageSid: "" }) },
      {
        name: "two different texts, signed",
        request: {
          ...genuine,
          // Twilio's signature puts repeated values one behind the other.
          headers: { "x-twilio-signature": sign(MESSAGES, { ...said, Body: "JOINBodySTOP" }) },
          body: Buffer.from(`${Buffer.from(genuine.body)}&Body=STOP`),
        },
      },
      {
        name: "another account",
        request: signed(MESSAGES, { ...said, AccountSid: `AC${"f".repeat(32)}` }),
      },
    ],
    receipts: ["delivered", "sent", "read"].map((word) => signed(STATUS, status(word))),
    said: (text) => signed(MESSAGES, { ...said, Body: text }),
  });
