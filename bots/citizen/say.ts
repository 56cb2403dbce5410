import { PRIORITY } from "#storage";
import type { MessageKey } from "#templates";
import { type Heard, languageOf } from "./hearing.ts";

export interface SayOptions {
  /** Of this message, where the person has stated none. */
  readonly language?: string;
  readonly values?: Readonly<Record<string, string | number>>;
  /** Kind of the message; `reply` where absent. */
  readonly kind?: string;
  /** Said although the person opted out. */
  readonly consentExempt?: boolean;
}

/** Answers with one of the system's own sentences, where the person wrote. */
export async function say(heard: Heard, key: MessageKey, options: SayOptions = {}): Promise<void> {
  const { unit, contact, message } = heard;
  await unit.send([
    {
      to: message.address,
      contactId: contact.id,
      text: unit.app.content.say(key, languageOf(heard, options.language), options.values),
      priority: PRIORITY.reply,
      kind: options.kind ?? "reply",
      ref: contact.id,
      ...(options.consentExempt ? { consentExempt: true } : {}),
    },
  ]);
}
