import {
  type AuditEntry,
  appendAudit,
  type Db,
  findLiaisonByContact,
  groupsOf,
  listAnswers,
  listConsent,
  listParticipations,
  listTakenPart,
  type PersonMessage,
  readMeetingsOf,
  readMessagesOf,
  type Secrets,
} from "#storage";
import { type Found, findPerson } from "./find.ts";

/** Everything that is held of one person, in the words in which it is kept. */
export type PersonExport = Awaited<ReturnType<typeof exportPerson>>;

type Keys = { readonly db: Db; readonly secrets: Secrets };

/**
 * What a person may ask to see (POPIA, section 23). Answers are in it where the consultation was identified; of a
 * confidential or anonymous one only that they took part, as was promised to them. Writes the audit entry.
 */
export async function exportPerson(
  { db, secrets }: Keys,
  {
    who,
    country,
    actor,
  }: { readonly who: string; readonly country: "ZA"; readonly actor: AuditEntry["actor"] },
  now: Date,
) {
  const found: Found = await findPerson({ db, secrets }, who, country);
  if (found.kind !== "found") return found;
  const { contact, addresses } = found;
  const messages: PersonMessage[] = [];
  for await (const message of readMessagesOf(db, contact.id)) messages.push(message);
  const conversations = await Promise.all(
    (await listTakenPart(db, contact.id)).map(async ({ session, title, status, privacy, startedAt }) => ({
      consultation: title,
      status,
      startedAt,
      privacy: privacy ?? "identified",
      answers:
        privacy === null
          ? (await listAnswers(db, session)).map(({ question, value, said, at }) => ({
              question,
              value,
              said,
              at,
            }))
          : "kept apart, as was promised",
    })),
  );
  const liaison = await findLiaisonByContact(db, contact.id);
  const consents = await listConsent(db, contact.id);
  const held = {
    kind: "held" as const,
    asOf: now.toISOString(),
    contact: {
      id: contact.id,
      name: contact.name,
      language: contact.language,
      fields: contact.fields,
      optedOut: contact.optedOut,
    },
    addresses: addresses.map(({ address, bad }) => ({ address, canReceive: !bad })),
    groups: await groupsOf(db, contact.id),
    consents: consents.map(({ at, kind, source, address, messageId }) => ({
      at,
      kind,
      source,
      address,
      message: messageId ?? null,
    })),
    ...(liaison ? { mediaLiaison: { outlet: liaison.outlet, beat: liaison.beat } } : {}),
    conversations,
    anonymously: await listParticipations(db, contact.id),
    ...(await readMeetingsOf(db, contact.id)),
    messages,
  };
  await db.transaction((tx) =>
    appendAudit(tx as unknown as Db, {
      actor,
      action: "contact.exported",
      subject: `contact:${contact.id}`,
      data: { messages: messages.length },
    }),
  );
  return held;
}

/** The same for reading. */
export function exportText(held: Extract<PersonExport, { kind: "held" }>): string {
  const { contact, addresses, groups, consents, conversations, anonymously, meetings, questions, messages } =
    held;
  const part = (title: string, lines: readonly string[]): string =>
    `${title}\n${lines.length > 0 ? lines.map((line) => `  ${line}`).join("\n") : "  nothing"}\n`;
  return [
    `Everything that is held of one person, as of ${held.asOf}\n`,
    part("The person", [
      `name: ${contact.name ?? "not known"}`,
      `language: ${contact.language ?? "not known"}`,
      `messages: ${contact.optedOut ? "has opted out" : "may be sent"}`,
      ...Object.entries(contact.fields).map(([field, value]) => `${field}: ${value}`),
      ...(held.mediaLiaison ? [`media liaison: ${held.mediaLiaison.outlet}`] : []),
    ]),
    part(
      "Addresses",
      addresses.map(({ address, canReceive }) => `${address}${canReceive ? "" : " (cannot receive)"}`),
    ),
    part("Groups", groups),
    part(
      "Consent",
      consents.map(
        ({ at, kind, source, address, message }) =>
          `${at} ${kind === "opt_in" ? "opted in" : "opted out"}: ${source}, ${address}${message ? `, proof: message ${message}` : ""}`,
      ),
    ),
    part("Consultations", [
      ...conversations.flatMap(({ consultation, startedAt, status, privacy, answers }) => [
        `${startedAt} ${consultation ?? "a conversation"} (${privacy}): ${status}`,
        ...(typeof answers === "string"
          ? [`  answers: ${answers}`]
          : answers.map(({ question, value, said }) => `  ${question}: ${said || JSON.stringify(value)}`)),
      ]),
      ...anonymously.map((title) => `${title} (anonymous): took part; what was answered is nobody's`),
    ]),
    part("Meetings", [
      ...meetings.map(
        ({ meeting, startsAt, status, people, attended, needs }) =>
          `${startsAt} ${meeting}: ${status}, ${people} people${attended ? ", was there" : ""}${needs === null ? "" : `, needs ${needs}`}`,
      ),
      ...questions.map(
        ({ meeting, askedAt, text, answer }) =>
          `${askedAt} asked at ${meeting}: ${text}${answer ? ` (answered: ${answer})` : ""}`,
      ),
    ]),
    part(
      "Messages",
      messages.map(
        ({ at, direction, address, text, status }) =>
          `${at} ${direction === "in" ? "from" : "to"} ${address} (${status}): ${text.replaceAll("\n", " / ") || "no words kept"}`,
      ),
    ),
  ].join("\n");
}
