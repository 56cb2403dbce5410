import { segmentsOf, smsText } from "#channels";
import { type BroadcastDraft, fillFor } from "#flows";
import { once, PRIORITY, type StaffMember } from "#storage";
import type { Unit } from "../unit.ts";
import { languageName, number } from "./words.ts";

/** One test in this time, so that a nervous finger costs nothing. */
const EVERY_MS = 15_000;

/**
 * Sends the texts to the staff member's own number and to no other, each marked as a test. Returns what was done, or why
 * nothing was, in words.
 */
export async function testSend(
  unit: Unit,
  staff: StaffMember,
  texts: BroadcastDraft["texts"],
): Promise<string> {
  const { app, now, tx } = unit;
  if (!staff.phone)
    return "There is no number of yours on the team's list. An admin adds it with /saypro team; a test goes to nobody else.";
  if (!app.channels.has("sms")) return "SMS is not connected.";
  const written = Object.entries(texts).filter(([, text]) => text.trim() !== "");
  if (written.length === 0) return "There is no text yet.";
  if (!(await once(tx, `test-send.${staff.id}.${Math.floor(now.getTime() / EVERY_MS)}`)))
    return "A test is on its way to you already. Wait a few seconds before the next one.";
  const to = `sms:${staff.phone}`;
  const filled = written.map(([, text]) => `TEST ${fillFor(text, { name: staff.name })}`);
  await unit.send(
    filled.map((text) => ({
      to,
      text,
      priority: PRIORITY.reply,
      kind: "test",
      consentExempt: true,
    })),
  );
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "broadcast.tested",
    subject: `staff:${staff.id}`,
    data: { texts: filled.length },
  });
  const segments = filled.reduce((sum, text) => sum + segmentsOf(smsText({ text })).segments, 0);
  const languages = written.map(([language]) => languageName(language, app.content.deployment)).join(", ");
  return `Sent to your number: ${languages}, marked TEST (${number(segments)} segments).`;
}
