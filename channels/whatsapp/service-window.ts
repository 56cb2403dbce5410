import type { OutboundMessage, Receipt } from "../channel.ts";
import { failed } from "../failure.ts";

const WINDOW_MS = 24 * 60 * 60 * 1000;
/** Closed a little early for us: the carrier measures when the message arrives there, not when we look. */
const MARGIN_MS = 60 * 1000;

/** Whether WhatsApp lets us write freely to this person now. */
export function windowIsOpen({ lastInboundAt }: OutboundMessage, now: Date): boolean {
  if (lastInboundAt === undefined) return false;
  return now.getTime() - Date.parse(lastInboundAt) < WINDOW_MS - MARGIN_MS;
}

export function windowClosed(message: OutboundMessage): Receipt {
  return failed(
    {
      failure: "window_closed",
      detail:
        "More than 24 hours have passed since the person's last WhatsApp message, and the message has no approved template.",
    },
    { messageId: message.id },
  );
}

/** WhatsApp refuses line breaks, tabs and runs of spaces in a template's variables, and empty ones. */
export function templateVariables(variables: readonly string[]): string[] {
  return variables.map((value) => value.replace(/\s+/g, " ").trim() || "-");
}
