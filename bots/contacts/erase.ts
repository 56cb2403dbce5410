import type { AnswerType } from "#flows";
import {
  type Consultation,
  type Erased,
  eraseContact,
  findConsultation,
  listAddresses,
  listAnswers,
  listTakenPart,
  lockNumber,
  numberOf,
  replaceAnswer,
} from "#storage";
import { questionsOf } from "../consultation/index.ts";
import { openAnswer, sealAnswer } from "../sealing.ts";
import type { Unit } from "../unit.ts";
import { erasedHash, findPerson } from "./find.ts";

/** Characters of the reason, which the audit log keeps for ever. */
export const MAX_REASON = 300;
/** Answers that name nobody: one of a few that were offered. Words, numbers, dates, places and pictures may. */
const NAMES_NOBODY: ReadonlySet<AnswerType> = new Set(["choice", "choices", "scale", "yes_no"]);

export type ErasureOutcome =
  | { readonly kind: "erased"; readonly erased: Erased }
  | { readonly kind: "already"; readonly day: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly words: string };

export interface ErasureRequest {
  /** As findPerson takes it. */
  readonly who: string;
  /** Why, in words that name nobody. */
  readonly reason: string;
  /** `cli`, `staff:<id>`. */
  readonly actor: string;
}

/**
 * Erases a person: name, numbers, fields, groups, words of all messages, conversations. What stays: that messages were
 * sent, the proof of consent and opt-out under a keyed hash, and of finished conversations in consultations that are
 * over the choices that name nobody. Asked again, it finds nothing.
 */
export async function erasePerson(
  unit: Unit,
  { who, reason, actor }: ErasureRequest,
): Promise<ErasureOutcome> {
  const { app, tx } = unit;
  const secrets = app.secrets;
  const found = await findPerson({ db: tx, secrets }, who, app.content.deployment.country);
  if (found.kind === "erased") return { kind: "already", day: found.day };
  if (found.kind === "unknown") return found;
  const words = reason.trim();
  const { contact } = found;
  const numbers = [...new Set(found.addresses.map(({ address }) => numberOf(address) ?? address))].sort();
  if (words === "" || words.length > MAX_REASON)
    return { kind: "refused", words: `Give the reason in 1 to ${MAX_REASON} characters.` };
  if (namesPerson(words, contact.name, numbers))
    return {
      kind: "refused",
      words: "The audit log keeps the reason for ever: write it without the person's name and number.",
    };
  // What the person writes meanwhile is heard before or after, never half.
  for (const number of numbers) await lockNumber(tx, number);
  const addresses = await listAddresses(tx, contact.id);
  if (addresses.length !== found.addresses.length)
    return { kind: "refused", words: "The person is just being changed. Try again." };
  const detached = await detachable(unit, contact.id);
  const erased = await eraseContact(tx, {
    contactId: contact.id,
    hashes: Object.fromEntries(addresses.map(({ address }) => [address, erasedHash(secrets, address)])),
    numbers: numbers.map((number) => erasedHash(secrets, number)),
    detached,
  });
  for (const { session, sealed } of detached) if (sealed) await unsay(unit, session);
  await unit.audit({
    actor,
    action: "contact.erased",
    subject: `contact:${contact.id}`,
    data: { reason: words, ...erased },
  });
  return { kind: "erased", erased };
}

function namesPerson(words: string, name: string | null, numbers: readonly string[]): boolean {
  const digits = words.replaceAll(/\D/g, "");
  if (numbers.some((number) => digits.includes(number.slice(-9)))) return true;
  const said = words.toLowerCase();
  return (name ?? "")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .some((part) => part.length > 2 && said.includes(part));
}

/** Finished conversations of consultations that are over, with the questions whose answers name nobody. */
async function detachable({ tx }: Unit, contactId: string) {
  const part = (await listTakenPart(tx, contactId)).filter(
    ({ status, over }) => over && status === "completed",
  );
  const closed = new Map<string, readonly string[]>();
  for (const id of new Set(part.flatMap(({ consultation }) => consultation ?? []))) {
    const consultation: Consultation | undefined = await findConsultation(tx, id);
    if (!consultation) continue;
    const { questions } = await questionsOf(tx, consultation);
    closed.set(
      id,
      questions.flatMap((question) => (NAMES_NOBODY.has(question.ask.answer.type) ? [question.id] : [])),
    );
  }
  return part.map(({ session, consultation, privacy }) => ({
    session,
    closed: closed.get(consultation ?? "") ?? [],
    sealed: privacy !== null,
  }));
}

/** What the person wrote is sealed together with what it meant: only that stays. */
async function unsay({ app, tx }: Unit, session: string): Promise<void> {
  for (const answer of await listAnswers(tx, session)) {
    const opened = { ...openAnswer(app, session, answer), said: "" };
    await replaceAnswer(tx, session, sealAnswer(app, session, opened));
  }
}
