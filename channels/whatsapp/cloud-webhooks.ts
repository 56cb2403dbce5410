import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import {
  type Address,
  type Arrival,
  BadRequest,
  ForgedRequest,
  type InboundMessage,
  type Receipt,
  type Webhook,
  type WebhookRequest,
} from "../channel.ts";
import { failed } from "../failure.ts";
import { inboundText } from "../inbound-text.ts";
import type { WhatsAppCloudConfig } from "./cloud.ts";
import { cloudFault } from "./cloud-failures.ts";

const PATH = "/webhooks/whatsapp";

/** Meta bundles up to a thousand changes. */
const ENTRIES = 1000;

const reply = z.object({ id: z.string(), title: z.string(), description: z.string().optional() });
const medium = z.object({ id: z.string(), mime_type: z.string(), caption: z.string().optional() });
/** What is not as documented counts as absent: one odd part must not hold up a thousand messages. */
const odd = <T extends z.ZodType>(part: T) => part.optional().catch(undefined);
const message = z.object({
  from: z.string().min(1),
  id: z.string().min(1),
  timestamp: odd(z.string()),
  type: odd(z.string()),
  text: odd(z.object({ body: z.string() })),
  button: odd(z.object({ payload: z.string(), text: z.string() })),
  interactive: odd(z.object({ button_reply: reply.optional(), list_reply: reply.optional() })),
  image: odd(medium),
  audio: odd(medium),
  video: odd(medium),
  document: odd(medium),
  sticker: odd(medium),
  location: odd(
    z.object({
      latitude: z.number(),
      longitude: z.number(),
      name: odd(z.string()),
      address: odd(z.string()),
    }),
  ),
});
const status = z.object({
  id: z.string().min(1),
  status: z.string(),
  timestamp: odd(z.string()),
  biz_opaque_callback_data: odd(z.string()),
  errors: odd(z.array(z.object({ code: z.number() }))),
});
const payload = z.object({
  object: z.literal("whatsapp_business_account"),
  entry: z
    .array(
      z.object({
        changes: z
          .array(
            z.object({
              field: z.string(),
              value: z.looseObject({
                metadata: z
                  .object({ display_phone_number: z.string(), phone_number_id: z.string() })
                  .optional(),
                messages: z.array(message).max(ENTRIES).optional(),
                statuses: z.array(status).max(ENTRIES).optional(),
              }),
            }),
          )
          .max(ENTRIES),
      }),
    )
    .max(ENTRIES),
});

/** GET for Meta's verification handshake, POST for messages and statuses. `graphUrl` is where media are fetched. */
export function cloudWebhooks(config: WhatsAppCloudConfig, graphUrl: string): readonly Webhook[] {
  return [
    {
      channel: "whatsapp",
      method: "GET",
      path: PATH,
      receive: (request) => ({ arrivals: [], reply: handshake(request, config.verifyToken) }),
    },
    {
      channel: "whatsapp",
      method: "POST",
      path: PATH,
      receive: (request) => {
        verify(request, config.appSecret);
        return {
          arrivals: parse(request, config.phoneNumberId, graphUrl),
          reply: { status: 200, contentType: "text/plain", body: "" },
        };
      },
    },
  ];
}

function handshake(request: WebhookRequest, verifyToken: string) {
  const query = new URLSearchParams(request.url.split("?", 2)[1] ?? "");
  const challenge = query.get("hub.challenge");
  if (!same(query.get("hub.verify_token") ?? "", verifyToken))
    throw new ForgedRequest("the verify token does not match");
  if (query.get("hub.mode") !== "subscribe" || challenge === null)
    throw new BadRequest("hub.mode or hub.challenge is missing");
  return { status: 200, contentType: "text/plain", body: challenge };
}

/** The signature covers the raw bytes: escapes and spaces change when JSON is written again. */
function verify(request: WebhookRequest, appSecret: string): void {
  const expected = `sha256=${createHmac("sha256", appSecret).update(request.body).digest("hex")}`;
  if (!same(request.headers["x-hub-signature-256"] ?? "", expected))
    throw new ForgedRequest("Meta's signature does not match");
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function same(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function parse(request: WebhookRequest, phoneNumberId: string, graphUrl: string): Arrival[] {
  const text = Buffer.from(request.body).toString("utf8");
  let parsed: z.output<typeof payload>;
  try {
    parsed = payload.parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    throw new BadRequest(issue ? `${issue.path.join(".")}: ${issue.message}` : "the body is not JSON");
  }
  const arrivals: Arrival[] = [];
  for (const { field, value } of parsed.entry.flatMap((entry) => entry.changes)) {
    // One app receives for all numbers of the account: the others are not ours.
    if (field !== "messages" || value.metadata?.phone_number_id !== phoneNumberId) continue;
    const to: Address = `whatsapp:+${value.metadata.display_phone_number.replace(/\D/g, "")}`;
    for (const one of value.messages ?? []) {
      const inbound = messageOf(one, to, graphUrl);
      if (inbound) arrivals.push({ kind: "message", channel: "whatsapp", message: inbound });
    }
    for (const one of value.statuses ?? []) {
      const receipt = receiptOf(one);
      if (receipt) arrivals.push({ kind: "receipt", channel: "whatsapp", receipt });
    }
  }
  return arrivals;
}

/** Reactions and notices of the system (a changed number) are no messages. */
function messageOf(one: z.output<typeof message>, to: Address, graphUrl: string): InboundMessage | undefined {
  if (one.type === "reaction" || one.type === "system") return undefined;
  const picked = one.interactive?.button_reply ?? one.interactive?.list_reply;
  const choice = picked?.id ?? one.button?.payload;
  const media = one.image ?? one.audio ?? one.video ?? one.document ?? one.sticker;
  // A row whose title was too long has only its number there (cloud-body.ts).
  const title = picked && /^\d+\.$/.test(picked.title) ? picked.description || picked.title : picked?.title;
  const words = one.text?.body ?? title ?? one.button?.text ?? media?.caption ?? "";
  const label = one.location?.name ?? one.location?.address;
  const sentAt = instant(one.timestamp);
  return {
    providerId: one.id,
    from: `whatsapp:+${one.from.replace(/\D/g, "")}`,
    to,
    text: inboundText(words),
    ...(choice ? { choice } : {}),
    ...(media
      ? { media: [{ url: `${graphUrl}/${encodeURIComponent(media.id)}`, contentType: media.mime_type }] }
      : {}),
    ...(one.location
      ? {
          location: {
            latitude: one.location.latitude,
            longitude: one.location.longitude,
            ...(label ? { label: inboundText(label) } : {}),
          },
        }
      : {}),
    ...(sentAt ? { sentAt } : {}),
  };
}

function receiptOf(one: z.output<typeof status>): Receipt | undefined {
  const at = instant(one.timestamp);
  const ids = {
    providerId: one.id,
    ...(one.biz_opaque_callback_data ? { messageId: one.biz_opaque_callback_data } : {}),
    ...(at ? { at } : {}),
  };
  switch (one.status) {
    case "sent":
    case "delivered":
    case "read":
      return { ...ids, status: one.status };
    case "failed": {
      const code = one.errors?.[0]?.code;
      return failed(
        code === undefined
          ? { failure: "unreachable", detail: "WhatsApp gave no reason; it is tried once more later." }
          : cloudFault(String(code)),
        ids,
      );
    }
    default:
      return undefined;
  }
}

function instant(seconds: string | undefined): string | undefined {
  const value = Number(seconds);
  return seconds && Number.isFinite(value) && Math.abs(value) < 1e11
    ? new Date(value * 1000).toISOString()
    : undefined;
}
