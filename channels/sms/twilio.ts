import type { Channel, OutboundMessage, Receipt, Surroundings, Webhook } from "../channel.ts";
import { failed } from "../failure.ts";
import { asNumberedList } from "../numbered-list.ts";
import { TWILIO_TEXT_LIMIT, twilioChannel } from "../twilio/channel.ts";
import type { Twilio } from "../twilio/client.ts";
import { senderFor } from "./senders.ts";

/** Twilio's own pace for a number outside North America or a sender name. */
const PER_SECOND = 10;

/** SMS through Twilio: text only, so choices become a numbered list and media become links. */
export function openTwilioSms(
  twilio: Twilio,
  surroundings: Surroundings,
  webhooks: readonly Webhook[],
): Channel {
  const { smsFrom, messagingServiceSid, smsPerSecond } = twilio.config;
  const own = messagingServiceSid === undefined ? (smsFrom ?? []) : [];
  const sender = (to: string): Readonly<Record<string, string>> =>
    messagingServiceSid ? { MessagingServiceSid: messagingServiceSid } : { From: senderFor(to, own) ?? "" };
  return twilioChannel({
    name: "sms",
    twilio,
    surroundings,
    webhooks,
    // People are spread evenly over the senders, so that together they are as fast as all of them.
    perSecond: (smsPerSecond ?? PER_SECOND) * Math.max(1, own.length),
    own,
    compose: (message) => composeSms(message, sender(message.to)),
    textOf: smsText,
  });
}

/** What goes out as SMS for a message: the text to count in segments. */
export function smsText({
  text,
  choices,
  media,
}: Pick<OutboundMessage, "text" | "choices" | "media">): string {
  const links = (media ?? []).map(({ url }) => url);
  return [asNumberedList(text, choices), ...links].filter(Boolean).join("\n");
}

function composeSms(
  message: OutboundMessage,
  sender: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | Receipt {
  const body = smsText(message);
  if (body.length > TWILIO_TEXT_LIMIT || body.length === 0)
    return failed(
      {
        failure: "refused",
        detail:
          body.length === 0
            ? "The message is empty."
            : `The message has ${body.length} characters; ${TWILIO_TEXT_LIMIT} are allowed. Shorten it.`,
      },
      { messageId: message.id },
    );
  return { ...sender, Body: body };
}
