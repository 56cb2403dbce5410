import { fold } from "#flows";
import {
  acknowledgeVersion,
  findLiaison,
  type Liaison,
  lastSentTo,
  listVersions,
  type ReceivedMessage,
  type StatementVersion,
} from "#storage";
import { noteOnTimeline, showForApproval } from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { enquire } from "./enquire.ts";
import { say } from "./words.ts";

/** What counts as a confirmation when it is the whole message; folded, in the deployment's languages. */
const CONFIRMATIONS = [
  "ok",
  "okay",
  "oke",
  "ack",
  "acknowledge",
  "acknowledged",
  "confirm",
  "confirmed",
  "received",
  "noted",
  "got it",
  "ontvang",
  "reg so",
  "bevestig",
  "ngitholile",
  "sengitholile",
  "ndifumene",
  "ndiyifumene",
  "ke e fumane",
  "ke amohetse",
];
const THANKS =
  "(?:thanks|thank you|thank you very much|dankie|baie dankie|ngiyabonga|siyabonga|enkosi|kea leboha)";
/** With the version's number, or without; politely, or not. */
const CONFIRMATION = new RegExp(
  `^(?:${CONFIRMATIONS.join("|")})(?: (?:v ?|version |weergawe )?(?<version>\\d{1,4}))?(?: ${THANKS})?$`,
);
const THANKS_ALONE = new RegExp(`^${THANKS}$`);
const SIGN = /^(?:👍|👌|✅)\p{Emoji_Modifier}?\ufe0f?$/u;
/** Characters of one message that are kept. */
const MAX_QUESTION = 3_000;

/**
 * A message from a liaison: the confirmation of what was sent last, or an enquiry. False: neither, it is theirs as a
 * citizen.
 */
export async function handleLiaison(
  unit: Unit,
  liaisonId: string,
  message: Pick<ReceivedMessage, "address" | "text"> & { readonly extras?: ReceivedMessage["extras"] },
): Promise<boolean> {
  const liaison = await findLiaison(unit.tx, liaisonId);
  if (liaison === undefined || !liaison.active) return false;
  const { address, text, extras } = message;
  const version = await lastSentTo(unit.tx, liaison.contactId);
  const confirmation = confirmationIn(extras?.choice === "OK" ? extras.choice : text);
  if (confirmation) {
    if (version === undefined) return false;
    const meant = await versionMeant(unit, version, confirmation.version);
    if (meant !== undefined) {
      await confirm(unit, liaison, meant, address);
      return true;
    }
  }
  const attached = extras?.media?.length ? `[${extras.media.length} attachment(s)]` : "";
  const question = [text.trim(), attached].filter(Boolean).join("\n").slice(0, MAX_QUESTION).toWellFormed();
  if (question === "") return false;
  // Thanks for an answer want no answer.
  if (!THANKS_ALONE.test(fold(question))) await enquire(unit, liaison, version, address, question);
  return true;
}

/** Undefined when it is not one. */
export function confirmationIn(text: string): { readonly version?: number } | undefined {
  if (SIGN.test(text.trim())) return {};
  const match = CONFIRMATION.exec(fold(text));
  const version = match?.groups?.version;
  return match ? (version === undefined ? {} : { version: Number(version) }) : undefined;
}

/** What came last, or the released version of the same statement that they name. */
async function versionMeant(
  { tx }: Unit,
  last: StatementVersion,
  number: number | undefined,
): Promise<StatementVersion | undefined> {
  if (number === undefined || number === last.version) return last;
  const versions = await listVersions(tx, last.statementId);
  return versions.find(({ version, releasedAt }) => version === number && releasedAt !== null);
}

/** Kept once; a second confirmation is answered all the same. */
export async function confirm(
  unit: Unit,
  liaison: Liaison,
  version: StatementVersion,
  address: string,
): Promise<void> {
  if (await acknowledgeVersion(unit.tx, version.id, liaison.id)) {
    await noteOnTimeline(
      unit,
      version,
      "statement_confirmed",
      undefined,
      `${liaison.outlet} confirmed statement v${version.version}.`,
    );
    await unit.audit({
      actor: `contact:${liaison.contactId}`,
      action: "statement.acknowledged",
      subject: `statement:${version.id}`,
      data: { liaison: liaison.id, version: version.version },
    });
    await showForApproval(unit, version);
  }
  await say(unit, liaison, address, "liaison_acknowledged", {
    title: version.title,
    version: version.version,
  });
}
