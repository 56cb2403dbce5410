import { findEnquiry, findLiaison, markAnswered, may, PRIORITY, type StaffMember } from "#storage";
import { type Outcome, refused } from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { enquiryReference } from "./liaison.ts";

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
    return refused("no_reach", `${liaison.name} said STOP: nothing can be sent before they write START.`);
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
  await unit.send([
    {
      to: enquiry.address,
      contactId: liaison.contactId,
      text: message,
      priority: PRIORITY.reply,
      kind: "enquiry_answer",
      ref: enquiry.id,
    },
  ]);
  await markAnswered(tx, enquiry.id);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "enquiry.answered",
    subject: `enquiry:${enquiry.id}`,
    data: { liaison: liaison.id },
  });
  return { ok: true, words: `Sent to ${liaison.name}, ${liaison.outlet}.` };
}
