import type { OutboundMessage } from "#channels";
import { MESSAGE_ID, testChannel } from "./conformance.ts";
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
  signed,
  TOKEN,
} from "./twilio-parts.ts";

const OWN = "+27600000002";
const TEMPLATE = "HX0123456789abcdef0123456789abcdef";

const plain: OutboundMessage = {
  id: MESSAGE_ID,
  to: "whatsapp:+27821234567",
  text: "Sawubona",
  lastInboundAt: "2026-11-22T10:05:00.000Z",
};
const stale = { ...plain, lastInboundAt: "2026-11-22T09:59:00.000Z" };

const said = {
  SmsMessageSid: SID,
  NumMedia: "0",
  ProfileName: "Thandi",
  MessageType: "text",
  SmsSid: SID,
  WaId: "27821234567",
  SmsStatus: "received",
  Body: "JOIN",
  To: `whatsapp:${OWN}`,
  NumSegments: "1",
  ReferralNumMedia: "0",
  MessageSid: SID,
  AccountSid: ACCOUNT,
  From: "whatsapp:+27821234567",
  ApiVersion: "2010-04-01",
};
const message = {
  providerId: SID,
  from: "whatsapp:+27821234567",
  to: `whatsapp:${OWN}`,
  text: "JOIN",
} as const;
const status = (word: string, more: Record<string, string> = {}): Record<string, string> => ({
  AccountSid: ACCOUNT,
  ChannelPrefix: "whatsapp",
  EventType: word.toUpperCase(),
  From: `whatsapp:${OWN}`,
  MessageSid: SID,
  MessageStatus: word,
  To: "whatsapp:+27821234567",
  ...more,
});
const genuine = signed(MESSAGES, said);
const listed = { from: `whatsapp:${OWN}`, to: "whatsapp:+27821234567" };

testChannel({
  name: "WhatsApp through Twilio",
  open: (log) => openTwilioSubject({ whatsappFrom: OWN }, log),
  secrets: [TOKEN],
  skips: {},
  plain,
  wireOf: formOf,
  contractFaults: createFaults,
  outbound: [
    {
      name: "a text inside the window",
      message: plain,
      wire: { From: `whatsapp:${OWN}`, To: "whatsapp:+27821234567", Body: "Sawubona" },
    },
    {
      name: "the text, though there is a template, inside the window",
      message: { ...plain, approvedAs: { name: TEMPLATE, language: "zu", variables: [] } },
      wire: { Body: "Sawubona" },
    },
    {
      name: "the approved template outside it, its variables on one line",
      message: {
        ...stale,
        approvedAs: { name: TEMPLATE, language: "zu", variables: ["Ward 7", "two\nlines", ""] },
      },
      wire: { ContentSid: TEMPLATE, ContentVariables: '{"1":"Ward 7","2":"two lines","3":"-"}' },
    },
    {
      name: "the approved template to someone who never wrote",
      message: {
        id: MESSAGE_ID,
        to: plain.to,
        text: "Sawubona",
        approvedAs: { name: TEMPLATE, language: "zu", variables: ["x"] },
      },
      wire: { ContentSid: TEMPLATE },
    },
    {
      name: "choices as a numbered list",
      message: { ...plain, choices: [{ id: "1", title: "Yes" }] },
      wire: { Body: "Sawubona\n1. Yes" },
    },
    {
      name: "a video along",
      message: { ...plain, media: [{ url: "https://example.org/1.mp4", contentType: "video/mp4" }] },
      wire: { MediaUrl: "https://example.org/1.mp4", Body: "Sawubona" },
    },
    {
      name: "one picture along, the next as a link",
      message: {
        ...plain,
        media: [
          { url: "https://example.org/1.png", contentType: "image/png" },
          { url: "https://example.org/2.png", contentType: "image/png" },
        ],
      },
      wire: { MediaUrl: "https://example.org/1.png", Body: "Sawubona\nhttps://example.org/2.png" },
    },
  ],
  refused: [
    { name: "a text outside the window", message: stale, failure: "window_closed" },
    {
      name: "a text to someone who never wrote",
      message: { id: MESSAGE_ID, to: plain.to, text: "Sawubona" },
      failure: "window_closed",
    },
    { name: "1,601 characters", message: { ...plain, text: "a".repeat(1601) }, failure: "refused" },
  ],
  refusals: [
    ...commonRefusals,
    {
      name: "the closed window (63016)",
      answer: refusal(400, 63016),
      failure: "window_closed",
      code: "63016",
    },
    { name: "no WhatsApp (63003)", answer: refusal(400, 63003), failure: "bad_address" },
    { name: "a person who blocked us (63014)", answer: refusal(400, 63014), failure: "opted_out" },
    { name: "a paused template (63041)", answer: refusal(400, 63041), failure: "refused" },
    { name: "an unknown sender (63007)", answer: refusal(400, 63007), failure: "misconfigured" },
  ],
  lookUp: {
    has: { status: 200, body: page(created({ ...listed, body: "Sawubona", status: "queued" })) },
    hasNot: { status: 200, body: page(created({ ...listed, body: "Sawubona", from: "+27600000001" })) },
    found: { providerId: SID, status: "sent" },
  },
  inbound: [
    {
      name: "a text",
      request: genuine,
      arrivals: [{ kind: "message", channel: "whatsapp", message }],
    },
    {
      name: "a tapped button",
      request: signed(MESSAGES, {
        ...said,
        MessageType: "button",
        Body: "Yes",
        ButtonText: "Yes",
        ButtonPayload: "yes",
        OriginalRepliedMessageSid: SID,
      }),
      arrivals: [
        { kind: "message", channel: "whatsapp", message: { ...message, text: "Yes", choice: "yes" } },
      ],
    },
    {
      name: "a chosen row of a list",
      request: signed(MESSAGES, {
        ...said,
        MessageType: "interactive",
        Body: "",
        ListId: "ward-7",
        ListTitle: "Ward 7",
      }),
      arrivals: [
        { kind: "message", channel: "whatsapp", message: { ...message, text: "Ward 7", choice: "ward-7" } },
      ],
    },
    {
      name: "a location",
      request: signed(MESSAGES, {
        ...said,
        MessageType: "location",
        Body: "",
        Latitude: "-29.8587",
        Longitude: "31.0218",
        Label: "City Hall",
        Address: "Church Walk",
      }),
      arrivals: [
        {
          kind: "message",
          channel: "whatsapp",
          message: {
            ...message,
            text: "",
            location: { latitude: -29.8587, longitude: 31.0218, label: "City Hall" },
          },
        },
      ],
    },
    {
      name: "coordinates that are none",
      request: signed(MESSAGES, { ...said, Latitude: "91", Longitude: "north" }),
      arrivals: [{ kind: "message", channel: "whatsapp", message }],
    },
    {
      name: "read",
      request: signed(STATUS, status("read")),
      arrivals: [
        {
          kind: "receipt",
          channel: "whatsapp",
          receipt: { messageId: MESSAGE_ID, providerId: SID, status: "read" },
        },
      ],
    },
    {
      name: "a failure for the closed window",
      request: signed(STATUS, status("failed", { ErrorCode: "63016" })),
      arrivals: [
        {
          kind: "receipt",
          channel: "whatsapp",
          receipt: {
            messageId: MESSAGE_ID,
            providerId: SID,
            status: "failed",
            failure: "window_closed",
            code: "63016",
            detail:
              "More than 24 hours have passed since the person's last WhatsApp message; only an approved template reaches them.",
          },
        },
      ],
    },
  ],
  forged: [{ name: "no signature", request: { ...genuine, headers: {} } }],
  malformed: [{ name: "no addressee", request: signed(MESSAGES, { ...said, To: "" }) }],
  receipts: ["delivered", "sent", "read"].map((word) => signed(STATUS, status(word))),
  said: (text) => signed(MESSAGES, { ...said, Body: text }),
});
