import type { Channel, OutboundMessage, Receipt, Surroundings, Webhook } from "../channel.ts";
import { failed } from "../failure.ts";
import { asNumberedList } from "../numbered-list.ts";
import { TWILIO_TEXT_LIMIT, twilioChannel } from "../twilio/channel.ts";
import type { Twilio } from "../twilio/client.ts";
import { templateVariables, windowClosed, windowIsOpen } from "./service-window.ts";

/** Twilio's pace for a WhatsApp sender. */
const PER_SECOND = 80;

/**
 * WhatsApp through Twilio. Buttons would need a content template that Twilio holds, so that choices become a
 * numbered list; Meta's Cloud API shows them natively.
 */
export function openTwilioWhatsApp(
  twilio: Twilio,
  surroundings: Surroundings,
  webhooks: readonly Webhook[],
): Channel {
  const own = `whatsapp:${twilio.config.whatsappFrom}`;
  return twilioChannel({
    name: "whatsapp",
    twilio,
    surroundings,
    webhooks,
    perSecond: twilio.config.whatsappPerSecond ?? PER_SECOND,
    own: [own],
    compose: (message) => composeWhatsApp(message, own, surroundings.clock()),
    textOf: whatsAppText,
  });
}

/** The first medium goes along, further ones become links. */
function whatsAppText({ text, choices, media = [] }: OutboundMessage): string {
  return [asNumberedList(text, choices), ...media.slice(1).map(({ url }) => url)].filter(Boolean).join("\n");
}

function composeWhatsApp(
  message: OutboundMessage,
  own: string,
  now: Date,
): Readonly<Record<string, string>> | Receipt {
  if (!windowIsOpen(message, now)) {
    if (message.approvedAs === undefined) return windowClosed(message);
    const variables = templateVariables(message.approvedAs.variables);
    return {
      From: own,
      ContentSid: message.approvedAs.name,
      ContentVariables: JSON.stringify(
        Object.fromEntries(variables.map((value, i) => [String(i + 1), value])),
      ),
    };
  }
  const [media] = message.media ?? [];
  const body = whatsAppText(message);
  if (body.length > TWILIO_TEXT_LIMIT)
    return failed(
      {
        failure: "refused",
        detail: `The message has ${body.length} characters; ${TWILIO_TEXT_LIMIT} are allowed. Shorten it.`,
      },
      { messageId: message.id },
    );
  return { From: own, Body: body, ...(media ? { MediaUrl: media.url } : {}) };
}
