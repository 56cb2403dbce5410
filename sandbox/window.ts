import type { Text } from "./world.ts";

/** WhatsApp: free text passes for this long after the person's last message. */
export const WINDOW_MS = 24 * 60 * 60 * 1000;

export function insideWindow(texts: readonly Text[], at: string): boolean {
  const last = texts.findLast((t) => t.channel === "whatsapp" && t.direction === "in" && t.createdAt <= at);
  return last !== undefined && Date.parse(at) - Date.parse(last.createdAt) < WINDOW_MS;
}
