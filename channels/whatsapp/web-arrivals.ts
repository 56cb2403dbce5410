import type { Address, Arrival } from "../channel.ts";
import { inboundText } from "../inbound-text.ts";
import type { WebClient, WebMessage } from "./web-client.ts";

/** What citizens send; notices of the system, calls and polls are no messages. */
const KINDS = new Set(["chat", "image", "video", "audio", "ptt", "document", "sticker", "location"]);

/** `whatsapp:+2782…` → WhatsApp Web's `2782…@c.us`. */
export function addressOf(to: Address): string {
  return `${to.slice("whatsapp:+".length)}@c.us`;
}

/** A message of one person, or undefined: groups, status posts and our own are not for us. */
export async function arrivalOf(client: WebClient, message: WebMessage): Promise<Arrival | undefined> {
  if (message.fromMe || message.isStatus || !KINDS.has(message.type)) return undefined;
  const from = await phoneOf(client, message.from);
  const to = await phoneOf(client, message.to);
  if (from === undefined || to === undefined) return undefined;
  const { location } = message;
  return {
    kind: "message",
    channel: "whatsapp",
    message: {
      providerId: message.id._serialized,
      from,
      to,
      // The body of a location is its picture in base64.
      text: message.type === "location" ? "" : inboundText(message.body ?? ""),
      // The file stays on the phone: staff see that there is one.
      ...(message.hasMedia
        ? {
            media: [
              { url: `whatsapp-web:${message.id._serialized}`, contentType: contentType(message.type) },
            ],
          }
        : {}),
      ...(location
        ? {
            location: {
              latitude: Number(location.latitude),
              longitude: Number(location.longitude),
              ...(location.name ? { label: inboundText(location.name) } : {}),
            },
          }
        : {}),
      sentAt: new Date(message.timestamp * 1000).toISOString(),
    },
  };
}

/** Acknowledgements: 1 reached WhatsApp, 2 the phone, 3 and 4 were read or played; -1 failed. */
export function receiptOf(message: WebMessage, ack: number): Arrival | undefined {
  if (!message.fromMe) return undefined;
  const providerId = message.id._serialized;
  if (ack < 0)
    return {
      kind: "receipt",
      channel: "whatsapp",
      receipt: {
        providerId,
        status: "failed",
        failure: "unreachable",
        detail: "WhatsApp gave no reason; it is tried once more later.",
      },
    };
  const status = ack === 0 ? undefined : ack === 1 ? "sent" : ack === 2 ? "delivered" : "read";
  return status && { kind: "receipt", channel: "whatsapp", receipt: { providerId, status } };
}

/** WhatsApp may hide a number behind a `@lid`; the client can ask for it. */
async function phoneOf(client: WebClient, id: string): Promise<Address | undefined> {
  const [user, server] = id.split("@", 2);
  if (server === "c.us") return `whatsapp:+${user}`;
  if (server !== "lid") return undefined;
  const [known] = await client.getContactLidAndPhone([id]);
  const digits = known?.pn?.split("@", 1)[0]?.replace(/\D/g, "");
  return digits ? `whatsapp:+${digits}` : undefined;
}

function contentType(kind: string): string {
  if (kind === "image" || kind === "sticker") return "image/*";
  if (kind === "video") return "video/*";
  return kind === "document" ? "application/octet-stream" : "audio/*";
}
