import { cancelQueued, forgetErased, recordConsent, stopSessions } from "#storage";
import { erasedHash } from "../contacts/find.ts";
import type { Heard } from "./hearing.ts";
import { say } from "./say.ts";

/**
 * STOP: from this commit on nothing more is handed over to the person, on any of their addresses. One confirmation,
 * as the law asks; saying it again changes nothing and is not answered.
 */
export async function stop(heard: Heard, told?: string): Promise<void> {
  const { unit, contact, message } = heard;
  const changed = await recordConsent(unit.tx, {
    id: unit.app.newId(),
    contactId: contact.id,
    address: message.address,
    kind: "opt_out",
    source: `keyword ${keywordAsWritten(message.text)}`,
    messageId: message.id,
  });
  if (!changed) return;
  const sessions = await stopSessions(unit.tx, contact.id);
  const cancelled = await cancelQueued(unit.tx, contact.id);
  await say(heard, "stop_confirmed", { consentExempt: true, kind: "consent", ...spoken(told) });
  await unit.audit({
    actor: `contact:${contact.id}`,
    action: "consent.opted_out",
    subject: `contact:${contact.id}`,
    data: { message: message.id, sessions, cancelled },
  });
}

/** START: messages may come again. */
export async function startAgain(heard: Heard, told?: string): Promise<void> {
  const { unit, contact, message } = heard;
  const changed = await recordConsent(unit.tx, {
    id: unit.app.newId(),
    contactId: contact.id,
    address: message.address,
    kind: "opt_in",
    source: `keyword ${keywordAsWritten(message.text)}`,
    messageId: message.id,
  });
  if (changed) await forgetErased(unit.tx, erasedHash(unit.app.secrets, message.address));
  await say(heard, "start_confirmed", { kind: "consent", ...spoken(told) });
  if (changed)
    await unit.audit({
      actor: `contact:${contact.id}`,
      action: "consent.opted_in",
      subject: `contact:${contact.id}`,
      data: { message: message.id },
    });
}

/** HELP: who we are, how to reach a person, how to stop. Answered to everybody who asks. */
export function help(heard: Heard, told?: string): Promise<void> {
  return say(heard, "help", { consentExempt: true, kind: "consent", ...spoken(told) });
}

const spoken = (language: string | undefined) => (language === undefined ? {} : { language });

/** The ledger's proof, in few characters. */
const keywordAsWritten = (text: string): string => text.trim().slice(0, 40).toUpperCase();
