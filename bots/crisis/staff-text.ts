import { fold } from "#flows";
import {
  findCrisis,
  findPageByCode,
  findStaff,
  type Page,
  PRIORITY,
  type ReceivedMessage,
  type StaffMember,
} from "#storage";
import type { MessageKey } from "#templates";
import type { Unit } from "../unit.ts";
import { acknowledge, decline } from "./acts.ts";
import { referenceOf } from "./words.ts";

/** A page's code, alone or among words. */
const CODE = /(?<!\d)\d{4,6}(?!\d)/g;
/** In the deployment's languages, folded: no, can't. */
const NO = new Set([
  "no",
  "not",
  "cant",
  "can't",
  "cannot",
  "nee",
  "cha",
  "hayi",
  "hhayi",
  "angikwazi",
  "andikwazi",
  "tjhe",
]);

/**
 * A text from a staff member's phone. With a code of a page it acknowledges, with NO and the code it declines; an
 * unknown code is answered. Anything else is theirs as a citizen: false.
 */
export async function handleStaffText(
  unit: Unit,
  staff: StaffMember,
  message: Pick<ReceivedMessage, "address" | "text">,
): Promise<boolean> {
  const codes = [...new Set(message.text.match(CODE) ?? [])];
  if (codes.length === 0) return false;
  const page = await pageOf(unit, codes);
  if (page === undefined || (page.status !== "open" && !isBareCode(message.text))) {
    // Figures in a longer sentence are a citizen's; a bare code was meant for us.
    if (!isBareCode(message.text)) return false;
    await answer(unit, staff, message.address, "page_unknown_code", { code: codes.join(", ") });
    return true;
  }
  const crisis = await findCrisis(unit.tx, page.crisisId);
  if (crisis === undefined) return false;
  const no = saysNo(message.text);
  const outcome = no
    ? await decline(unit, staff, page.crisisId, "sms")
    : await acknowledge(unit, staff, page.crisisId, "sms");
  const values = { crisis: referenceOf(crisis) };
  if (outcome.ok)
    await answer(unit, staff, message.address, no ? "page_declined" : "page_acknowledged", values);
  else if (outcome.code === "already_acknowledged") {
    const by = crisis.state.owner && (await findStaff(unit.tx, crisis.state.owner))?.name;
    await answer(unit, staff, message.address, "page_already_acknowledged", { ...values, by: by ?? "" });
  } else await reply(unit, message.address, `${values.crisis}: ${outcome.words}`);
  return true;
}

async function pageOf({ tx }: Unit, codes: readonly string[]): Promise<Page | undefined> {
  for (const code of codes) {
    const page = await findPageByCode(tx, code);
    if (page !== undefined) return page;
  }
  return undefined;
}

const wordsIn = (text: string): readonly string[] =>
  fold(text)
    .split(/[^\p{L}\d']+/u)
    .filter(Boolean);
const isBareCode = (text: string): boolean =>
  wordsIn(text)
    .filter((word) => !NO.has(word))
    .every((word) => /^\d+$/.test(word));
const saysNo = (text: string): boolean => wordsIn(text).some((word) => NO.has(word));

function answer(
  unit: Unit,
  staff: StaffMember,
  to: string,
  key: MessageKey,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  return reply(unit, to, unit.app.content.say(key, staff.language, values));
}

function reply(unit: Unit, to: string, text: string): Promise<void> {
  return unit.send([{ to, text, priority: PRIORITY.crisis, kind: "notice", consentExempt: true }]);
}
