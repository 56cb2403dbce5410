import {
  activeSessions,
  type Contact,
  changeContact,
  findContact,
  lastAddress,
  may,
  PRIORITY,
  type StaffMember,
} from "#storage";
import { templateFor } from "../approved-template.ts";
import type { Unit } from "../unit.ts";
import { askAgain } from "./take-turn.ts";

/** What came of it, in words for the person in staff who did it. */
export type StaffReply =
  | { readonly ok: true; readonly messageId: string; readonly address: string }
  | { readonly ok: false; readonly words: string };

const refused = (words: string): StaffReply => ({ ok: false, words });

/**
 * Sends what staff wrote in a person's thread of the inbox, to where the person wrote last. From then on the bot stays
 * silent with this person until they are handed back.
 */
export async function replyToCitizen(
  unit: Unit,
  contactId: string,
  staff: StaffMember,
  text: string,
): Promise<StaffReply> {
  const { tx, app } = unit;
  if (!may(staff, "inbox.reply")) return refused("Your role does not allow answering citizens.");
  const words = text.trim();
  if (words === "") return refused("There is nothing to send: only text can be passed on.");
  const contact = await findContact(tx, contactId);
  if (!contact) return refused("This person is no longer among the contacts.");
  if (contact.optedOut) return refused("This person said STOP: nothing can be sent before they write START.");
  const address = await lastAddress(tx, contactId);
  if (address === undefined) return refused("None of this person's addresses can receive messages.");
  const limit = [...app.channels.values()].find(({ name }) => address.startsWith(`${name}:`))?.limits;
  if (limit && words.length > limit.textLength)
    return refused(`At most ${limit.textLength} characters can be sent; this has ${words.length}.`);
  const messageId = app.newId();
  const { deployment } = app.content;
  const carried = templateFor(words, contact.language ?? deployment.defaultLanguage, deployment);
  await unit.send([
    {
      id: messageId,
      to: address,
      contactId,
      text: words,
      priority: PRIORITY.reply,
      kind: "staff_reply",
      ref: contactId,
      ...(carried && address.startsWith("whatsapp:") ? { approvedAs: carried.approvedAs } : {}),
    },
  ]);
  // Also when it was so before: it says when staff wrote last.
  await changeContact(tx, contactId, { handedOver: true });
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "inbox.replied",
    subject: `contact:${contactId}`,
    data: { message: messageId },
  });
  return { ok: true, messageId, address };
}

/** Gives a person back to the bot; the question that was open is asked again. False when the bot had them already. */
export async function handBack(unit: Unit, contactId: string, staff: StaffMember): Promise<boolean> {
  if (!may(staff, "inbox.reply")) return false;
  const contact = await findContact(unit.tx, contactId);
  if (!contact?.handedOver) return false;
  await changeContact(unit.tx, contactId, { handedOver: false });
  await resume(unit, contact);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "inbox.handed_back",
    subject: `contact:${contactId}`,
  });
  return true;
}

async function resume(unit: Unit, contact: Contact): Promise<void> {
  if (contact.optedOut) return;
  const [session] = await activeSessions(unit.tx, contact.id);
  const address = await lastAddress(unit.tx, contact.id);
  if (session && address) await askAgain(unit, contact, address, session);
}
