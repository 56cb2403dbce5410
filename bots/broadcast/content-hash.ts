import { contentHash } from "#flows";
import type { BroadcastContent } from "#storage";

/**
 * What an approval binds to. `returned`: how often it was returned, so that the same words, submitted again, are decided
 * on anew.
 */
export function hashOf(
  id: string,
  {
    title,
    texts,
    audience,
    channels,
    sendAt,
    expiresAt,
    expectedRecipients,
    messageClass,
    sensitive,
    template,
  }: Omit<BroadcastContent, "contentHash">,
  returned: number,
): string {
  return contentHash({
    subject: "broadcast",
    id,
    title,
    texts,
    audience,
    channels,
    sendAt,
    expiresAt,
    recipients: expectedRecipients,
    // Left out at their defaults: what was approved before they were known stays approved.
    ...(messageClass === "service" ? {} : { messageClass }),
    ...(sensitive ? { sensitive } : {}),
    ...(template ? { template } : {}),
    returned,
  });
}
