import {
  type Enquiry,
  enquiryContext,
  insertEnquiry,
  type Liaison,
  openEnquirySince,
  rewriteQuestion,
  type StatementVersion,
} from "#storage";
import type { Unit } from "../unit.ts";
import { questionOf, showEnquiry, showMore } from "./enquiry-message.ts";
import { noteForCrisis } from "./timeline.ts";
import { enquiryReference, say } from "./words.ts";

/** A further message so soon belongs to the same enquiry. */
const SAME_ENQUIRY_MS = 15 * 60_000;
/** For so long after its release a question is taken to be about a statement. */
const ABOUT_STATEMENT_MS = 7 * 24 * 60 * 60_000;

/**
 * Keeps a question, sealed; opens a thread on the media desk and tells the liaison its number. `version`: the statement
 * that they were sent last.
 */
export async function enquire(
  unit: Unit,
  liaison: Liaison,
  version: StatementVersion | undefined,
  address: string,
  question: string,
): Promise<void> {
  const { app, tx, now } = unit;
  const open = await openEnquirySince(tx, liaison.id, address, new Date(now.getTime() - SAME_ENQUIRY_MS));
  if (open !== undefined) {
    const whole = `${questionOf(unit, open)}\n${question}`;
    await rewriteQuestion(tx, open.id, app.secrets.encrypt(whole, enquiryContext(open.id)));
    await showMore(unit, open, question);
    return;
  }
  const id = app.newId();
  const about = version && isFresh(version, now) ? version : undefined;
  const kept = {
    id,
    liaisonId: liaison.id,
    address,
    statementVersionId: about?.id ?? null,
    question: app.secrets.encrypt(question, enquiryContext(id)),
  };
  const number = await insertEnquiry(tx, { ...kept, createdAt: now });
  const enquiry: Enquiry = { ...kept, number, status: "open" };
  const reference = enquiryReference(enquiry);
  await showEnquiry(unit, enquiry, liaison, { about });
  // The question itself stays out of the timeline and the audit log: it is confidential.
  const actor = `contact:${liaison.contactId}`;
  await noteForCrisis(unit, about?.crisisId, {
    actor,
    kind: "enquiry_received",
    words: `${liaison.outlet} sent enquiry ${reference}.`,
    data: { enquiry: id },
  });
  await unit.audit({
    actor,
    action: "enquiry.received",
    subject: `enquiry:${id}`,
    data: { number, liaison: liaison.id },
  });
  await say(unit, liaison, address, "enquiry_received", { reference });
}

const isFresh = ({ releasedAt }: StatementVersion, now: Date): boolean =>
  releasedAt !== null && now.getTime() - Date.parse(releasedAt) < ABOUT_STATEMENT_MS;
