import type { Contact, ReceivedMessage, Situation } from "#storage";
import { addAddress, addStranger, recordConsent } from "#storage";
import { detectLanguage } from "../languages.ts";
import type { Unit } from "../unit.ts";

/** One message of a citizen, and all that is known of who sent it. */
export interface Hearing {
  readonly unit: Unit;
  readonly message: ReceivedMessage;
  readonly situation: Situation;
  /** The message was kept as received before: processing it failed, or it waited for an earlier one. */
  readonly keptBefore: boolean;
}

/** A citizen's message once it is known whose it is. */
export interface Heard extends Hearing {
  readonly contact: Contact;
}

/** Finds the sender among the contacts, or makes them one: SMS and WhatsApp of one number are one person. */
export async function withContact(hearing: Hearing): Promise<Heard> {
  const { unit, message, situation } = hearing;
  const known = situation.contact;
  const contact = known ?? {
    id: unit.app.newId(),
    name: null,
    language: null,
    fields: {},
    optedOut: situation.erased ?? false,
    handedOver: false,
  };
  if (!known) await addStranger(unit.tx, contact.id, message.address);
  if (situation.erased)
    await recordConsent(unit.tx, {
      id: unit.app.newId(),
      contactId: contact.id,
      address: message.address,
      kind: "opt_out",
      source: "erased before",
      messageId: message.id,
    });
  if (known && !situation.addressKnown) await addAddress(unit.tx, contact.id, message.address, 1);
  return { ...hearing, contact };
}

/**
 * The language to speak in: what the person stated, else what this message tells, else what it is clearly written in,
 * else the deployment's.
 */
export function languageOf({ unit, contact, message }: Heard, told?: string): string {
  const { languages, defaultLanguage } = unit.app.content.deployment;
  return (
    contact.language ??
    told ??
    detectLanguage(
      message.text,
      languages.map(({ code }) => code),
    ) ??
    defaultLanguage
  );
}
