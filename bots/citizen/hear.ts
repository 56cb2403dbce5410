import { keepProcessed } from "#storage";
import { handleStaffText } from "../crisis/staff-text.ts";
import { handleLiaison } from "../media/index.ts";
import { takePart } from "../meetings/take-part.ts";
import { help, startAgain, stop } from "./consent-words.ts";
import { answer, join, joinEnded } from "./converse.ts";
import { type Decision, decide } from "./decide.ts";
import { chooseLanguage, fallBack } from "./fallback.ts";
import { type Heard, type Hearing, withContact } from "./hearing.ts";
import { showInInbox } from "./inbox.ts";

/** What a message belongs to, as it is kept. */
interface Belongs {
  readonly contactId?: string;
  /** The session whose turn has kept the message already. */
  readonly session?: string;
}

/** Decides what a citizen's message means, does it, and keeps the message: all in the caller's transaction. */
export async function hear(hearing: Hearing): Promise<void> {
  const { unit, message } = hearing;
  const { session, contactId } = await handle(hearing);
  if (session === undefined)
    await keepProcessed(unit.tx, message, contactId === undefined ? {} : { contactId });
}

async function handle(hearing: Hearing): Promise<Belongs> {
  const { unit, message, situation } = hearing;
  const refused = new Set<Decision["kind"]>();
  let decision = decide(situation, message, unit.app.content.deployment, refused);
  if (decision.kind === "no_reply") return {};
  if (decision.kind === "staff" && situation.staff) {
    if (await handleStaffText(unit, situation.staff, message)) return {};
    decision = decide(situation, message, unit.app.content.deployment, refused.add("staff"));
  }
  const heard = await withContact(hearing);
  const contactId = heard.contact.id;
  if (decision.kind === "liaison") {
    if (await handleLiaison(unit, decision.liaisonId, message)) return { contactId };
    decision = decide(situation, message, unit.app.content.deployment, refused.add("liaison"));
  }
  const session = await carryOut(heard, decision);
  return { contactId, ...(session === undefined ? {} : { session }) };
}

/** Returns the session whose turn kept the message, where there is one. */
async function carryOut(heard: Heard, decision: Decision): Promise<string | undefined> {
  switch (decision.kind) {
    case "stop":
      return void (await stop(heard, decision.language));
    case "start":
      return void (await startAgain(heard, decision.language));
    case "help":
      return void (await help(heard, decision.language));
    case "inbox":
      return void (await showInInbox(heard, NOTES[decision.because]));
    case "join":
      return join(heard, decision.consultation, decision.language);
    case "closed":
      return joinEnded(heard, decision.consultation);
    case "meeting":
      return void (await takePart(heard, decision.meeting, decision.act));
    case "answer":
      return (await answer(heard)) ?? notTaken(heard);
    case "language":
      return void (await chooseLanguage(heard, decision.language));
    default:
      return fallBack(heard);
  }
}

const NOTES = {
  opted_out: "This person said STOP: they get nothing from us before they write START.",
  handed_over: "With you: the bot stays silent until you hand the person back.",
} as const;

/** Sessions wait, but not for words: what else can the message be? */
function notTaken(heard: Heard): Promise<string | undefined> {
  const { situation, message, unit } = heard;
  return carryOut(
    heard,
    decide(
      situation,
      message,
      unit.app.content.deployment,
      new Set<Decision["kind"]>(["answer", "staff", "liaison"]),
    ),
  );
}
