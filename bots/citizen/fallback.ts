import { changeContact, openConsultations, wasSent } from "#storage";
import { join } from "./converse.ts";
import { nearlyJoined } from "./decide.ts";
import type { Heard } from "./hearing.ts";
import { showInInbox } from "./inbox.ts";
import { say } from "./say.ts";

/** A person who writes several messages in a row is answered once. */
const AT_MOST_EVERY_MS = 60 * 60_000;

/**
 * Nothing runs and nothing matched: a slip of a keyword is forgiven, everything else goes to staff, and the person is
 * told so. Returns the session whose turn kept the message, where one began.
 */
export async function fallBack(heard: Heard): Promise<string | undefined> {
  const { unit, contact, message, situation } = heard;
  const meant =
    situation.sessions.length === 0
      ? nearlyJoined(message.text, await openConsultations(unit.tx))
      : undefined;
  if (meant) return join(heard, meant);
  const { address, extras } = message;
  const since = new Date(unit.now.getTime() - AT_MOST_EVERY_MS);
  if (!(await wasSent(unit.tx, address, "fallback", since))) {
    const wordless = message.text.trim() === "" && extras.media !== undefined;
    await say(heard, wordless ? "unsupported_media" : "fallback", { kind: "fallback" });
  }
  await showInInbox({ ...heard, contact }, "The bot did not know what to make of it.");
  return undefined;
}

/** A language's name, when no conversation is there to take it. */
export async function chooseLanguage(heard: Heard, language: string): Promise<void> {
  const { unit, contact } = heard;
  await changeContact(unit.tx, contact.id, { language });
  const name = unit.app.content.deployment.languages.find(({ code }) => code === language)?.name;
  await say({ ...heard, contact: { ...contact, language } }, "language_changed", {
    values: { language: name ?? language },
  });
}
