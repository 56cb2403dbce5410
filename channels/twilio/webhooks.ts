import { timingSafeEqual } from "node:crypto";
import twilio from "twilio";
import {
  type Address,
  type Arrival,
  BadRequest,
  type ChannelName,
  ForgedRequest,
  type InboundMessage,
  type Media,
  type Receipt,
  type Surroundings,
  type Webhook,
  type WebhookReply,
  type WebhookRequest,
} from "../channel.ts";
import { failed } from "../failure.ts";
import { inboundText } from "../inbound-text.ts";
import type { TwilioConfig } from "./client.ts";
import { twilioFault } from "./failures.ts";

export const MESSAGES_PATH = "/webhooks/twilio/messages";
export const STATUS_PATH = "/webhooks/twilio/status";

/** Twilio allows ten media files in one message. */
const MEDIA_LIMIT = 10;
const FIELD_LIMIT = 100;

/** We answer by the API, not in TwiML: the reply is a row of the outbox first. */
const NO_REPLY: WebhookReply = { status: 200, contentType: "text/xml", body: "<Response/>" };

type Form = Readonly<Record<string, string>>;

/** The two webhooks that SMS and WhatsApp share. */
export function twilioWebhooks(config: TwilioConfig, surroundings: Surroundings): readonly Webhook[] {
  const channel: ChannelName =
    config.smsFrom !== undefined || config.messagingServiceSid !== undefined ? "sms" : "whatsapp";
  const webhook = (path: string, parse: (form: Form, request: WebhookRequest) => Arrival[]): Webhook => ({
    channel,
    method: "POST",
    path,
    receive: (request) => {
      const form = signedForm(request, config, surroundings.publicUrl);
      if (required(form, "AccountSid") !== config.accountSid)
        throw new BadRequest("AccountSid is not the account that is configured");
      return { arrivals: parse(form, request), reply: NO_REPLY };
    },
  });
  return [
    webhook(MESSAGES_PATH, (form) => {
      const message = parseMessage(form);
      return [{ kind: "message", channel: channelOf(message.from), message }];
    }),
    webhook(STATUS_PATH, (form, request) => {
      const receipt = parseStatus(form, ourMessageId(request, surroundings.mac));
      return receipt === undefined
        ? []
        : [{ kind: "receipt", channel: channelOf(twilioAddress(required(form, "To"))), receipt }];
    }),
  ];
}

/**
 * The form, if Twilio signed it for our public address. Repeated parameters are folded before they are signed, so
 * `Body=a&Body=a` verifies: here they become one string, and different values under one name are refused.
 */
function signedForm(request: WebhookRequest, { authToken }: TwilioConfig, publicUrl: string): Form {
  const fields = new Map<string, string[]>();
  const parameters = new URLSearchParams(Buffer.from(request.body).toString("utf8"));
  if (parameters.size > FIELD_LIMIT) throw new BadRequest("too many fields");
  for (const [name, value] of parameters) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else if (!values.includes(value)) values.push(value);
  }
  const signature = request.headers["x-twilio-signature"];
  const signed = Object.fromEntries(fields);
  if (!signature || !twilio.validateRequest(authToken, signature, publicUrl + request.url, signed))
    throw new ForgedRequest("Twilio's signature does not match");
  const form: Record<string, string> = {};
  for (const [name, [value, ...others]] of fields) {
    if (others.length > 0) throw new BadRequest(`${name} is given twice with different values`);
    form[name] = value ?? "";
  }
  return form;
}

/** Our message's id from the callback's own query, once its mac proves that we put it there. */
function ourMessageId(request: WebhookRequest, mac: Surroundings["mac"]): string | undefined {
  const query = new URLSearchParams(request.url.split("?", 2)[1] ?? "");
  const id = query.get("id");
  if (id === null) return undefined;
  const given = Buffer.from(query.get("mac") ?? "");
  const expected = Buffer.from(mac(id));
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ForgedRequest("the callback's mac does not match its id");
  return id;
}

function parseMessage(form: Form): InboundMessage {
  const choice = form.ButtonPayload ?? form.ListId;
  const media = mediaOf(form);
  const latitude = coordinate(form.Latitude, 90);
  const longitude = coordinate(form.Longitude, 180);
  const label = form.Label || form.Address;
  return {
    providerId: required(form, "MessageSid"),
    from: twilioAddress(required(form, "From")),
    to: twilioAddress(required(form, "To")),
    text: inboundText(form.Body || form.ButtonText || form.ListTitle || ""),
    ...(choice ? { choice } : {}),
    ...(media.length > 0 ? { media } : {}),
    ...(latitude !== undefined && longitude !== undefined
      ? { location: { latitude, longitude, ...(label ? { label: inboundText(label) } : {}) } }
      : {}),
  };
}

function mediaOf(form: Form): Media[] {
  const media: Media[] = [];
  const count = Math.min(Number(form.NumMedia) || 0, MEDIA_LIMIT);
  for (let i = 0; i < count; i++) {
    const url = form[`MediaUrl${i}`];
    if (url) media.push({ url, contentType: form[`MediaContentType${i}`] ?? "application/octet-stream" });
  }
  return media;
}

function coordinate(text: string | undefined, limit: number): number | undefined {
  const value = text ? Number(text) : Number.NaN;
  return Math.abs(value) <= limit ? value : undefined;
}

function parseStatus(form: Form, messageId: string | undefined): Receipt | undefined {
  return twilioReceipt(
    required(form, "MessageStatus"),
    form.ErrorCode && form.ErrorCode !== "0" ? form.ErrorCode : undefined,
    { providerId: required(form, "MessageSid"), ...(messageId === undefined ? {} : { messageId }) },
  );
}

/** Twilio's word for a message's state in ours; undefined for a state that says nothing about an outbound one. */
export function twilioReceipt(
  status: string,
  errorCode: string | undefined,
  ids: { readonly messageId?: string; readonly providerId: string },
): Receipt | undefined {
  switch (status) {
    case "accepted":
    case "scheduled":
    case "queued":
    case "sending":
      return { ...ids, status: "sending" };
    case "sent":
    case "delivered":
    case "read":
      return { ...ids, status };
    case "partially_delivered":
      return { ...ids, status: "delivered" };
    case "canceled":
      return failed({ failure: "refused", detail: "The message was cancelled at Twilio." }, ids);
    case "failed":
    case "undelivered":
      return failed(
        errorCode === undefined
          ? { failure: "unreachable", detail: "Twilio gave no reason; it is tried once more later." }
          : twilioFault(errorCode),
        ids,
        status,
      );
    default:
      return undefined;
  }
}

/** `whatsapp:+27…` is an address of ours already; a bare number or sender name is an SMS address. */
export function twilioAddress(value: string): Address {
  return value.startsWith("whatsapp:") ? (value as Address) : `sms:${value}`;
}

function channelOf(address: Address): ChannelName {
  return address.startsWith("whatsapp:") ? "whatsapp" : "sms";
}

function required(form: Form, name: string): string {
  const value = form[name];
  if (!value) throw new BadRequest(`${name} is missing`);
  return value;
}
