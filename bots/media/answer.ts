import { escapeMrkdwn } from "#channels";
import {
  type Enquiry,
  findEnquiry,
  findLiaison,
  findVersion,
  type Liaison,
  markAnswered,
  may,
  PRIORITY,
  type StaffMember,
} from "#storage";
import { templateFor } from "../approved-template.ts";
import { clockOf, type Outcome, refused } from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { showEnquiry } from "./enquiry-message.ts";
import { noteForCrisis } from "./timeline.ts";
import { channelName, enquiryReference, nameOf } from "./words.ts";

/** Sends what staff wrote in an enquiry's thread to the liaison, by the channel on which the question came. */
export async function answerEnquiry(
  unit: Unit,
  enquiryId: string,
  staff: StaffMember,
  text: string,
): Promise<Outcome> {
  const { tx, app } = unit;
  if (!may(staff, "enquiries.answer"))
    return refused("not_allowed", "Your role does not answer the media. Nothing was sent.");
  const enquiry = await findEnquiry(tx, enquiryId);
  const liaison = enquiry && (await findLiaison(tx, enquiry.liaisonId));
  if (enquiry === undefined || liaison === undefined)
    return refused("unknown_enquiry", "This enquiry is not known any more. Nothing was sent.");
  if (liaison.optedOut)
    return refused("no_reach", `${nameOf(liaison)} said STOP: nothing can be sent before they write START.`);
  const words = text.trim();
  if (words === "") return refused("no_reason", "There is nothing to send.");
  const channel = [...app.channels.values()].find(({ name }) => enquiry.address.startsWith(`${name}:`));
  if (channel === undefined)
    return refused("no_reach", "The channel on which the question came is switched off. Nothing was sent.");
  const message = `${enquiryReference(enquiry)}: ${words}`;
  if (message.length > channel.limits.textLength)
    return refused(
      "findings",
      `At most ${channel.limits.textLength} characters can be sent; this has ${message.length}.`,
    );
  const { deployment } = app.content;
  const carried = templateFor(message, liaison.language ?? deployment.defaultLanguage, deployment);
  await unit.send([
    {
      to: enquiry.address,
      contactId: liaison.contactId,
      // In Slack, what staff typed must not become a mention of everybody.
      text: enquiry.address.startsWith("slack:") ? escapeMrkdwn(message) : message,
      priority: PRIORITY.reply,
      kind: "enquiry_answer",
      ref: enquiry.id,
      ...(carried && enquiry.address.startsWith("whatsapp:") ? { approvedAs: carried.approvedAs } : {}),
    },
  ]);
  const first = await markAnswered(tx, enquiry.id);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "enquiry.answered",
    subject: `enquiry:${enquiry.id}`,
    data: { liaison: liaison.id, first },
  });
  if (first) await showAnswered(unit, enquiry, liaison, staff);
  return { ok: true, words: `Sent to ${nameOf(liaison)}, by ${channelName(enquiry.address)}.` };
}

async function showAnswered(
  unit: Unit,
  enquiry: Enquiry,
  liaison: Liaison,
  staff: StaffMember,
): Promise<void> {
  const { statementVersionId } = enquiry;
  const about = statementVersionId === null ? undefined : await findVersion(unit.tx, statementVersionId);
  const at = clockOf(unit.now, unit.app.content.deployment);
  const answered = `Answered by ${escapeMrkdwn(staff.name)} at ${at}.`;
  await showEnquiry(unit, enquiry, liaison, { about, answered });
  await noteForCrisis(unit, about?.crisisId, {
    actor: `staff:${staff.id}`,
    kind: "enquiry_answered",
    words: `${staff.name} answered enquiry ${enquiryReference(enquiry)}.`,
    data: { enquiry: enquiry.id },
  });
}
