import { escapeMrkdwn } from "#channels";
import { type Liaison, PRIORITY } from "#storage";
import type { MessageKey } from "#templates";
import type { Unit } from "../unit.ts";

/** What people call an enquiry by: E-7. */
export const enquiryReference = ({ number }: { readonly number: number }): string => `E-${number}`;

const CHANNELS: Readonly<Record<string, string>> = { sms: "SMS", whatsapp: "WhatsApp", slack: "Slack" };

/** `sms:+27…` → SMS. */
export function channelName(address: string): string {
  const channel = address.slice(0, address.indexOf(":"));
  return CHANNELS[channel] ?? channel;
}

/** Name and outlet, for Slack. */
export const nameOf = ({ name, outlet }: Pick<Liaison, "name" | "outlet">): string =>
  name === outlet ? `*${escapeMrkdwn(outlet)}*` : `*${escapeMrkdwn(name)}*, ${escapeMrkdwn(outlet)}`;

/** Says one of the system's own sentences to a liaison, where they wrote. */
export async function say(
  unit: Unit,
  liaison: Liaison,
  to: string,
  key: MessageKey,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  const { content } = unit.app;
  await unit.send([
    {
      to,
      contactId: liaison.contactId,
      text: content.say(key, liaison.language ?? content.deployment.defaultLanguage, values),
      priority: PRIORITY.reply,
      kind: "reply",
      ref: liaison.contactId,
    },
  ]);
}
