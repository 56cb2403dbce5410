import { escapeMrkdwn } from "#channels";
import { type Attendee, type Meeting, saveNeeds } from "#storage";
import type { Heard } from "../citizen/hearing.ts";
import { postToInbox } from "../citizen/inbox.ts";
import { MAX_NEEDS } from "./meeting.ts";
import { reply } from "./reply.ts";

/**
 * Says how to ask for an interpreter, a ramp, a lift: once, to whoever says that they come. Sent before what confirms
 * their seats, which explains what NO means: a NO to this must not give them up unawares.
 */
export async function askNeeds(
  heard: Heard,
  meeting: Meeting,
  before: Pick<Attendee, "status" | "needs"> | undefined,
): Promise<void> {
  const again = before?.status === "coming" || before?.status === "waiting" || before?.needs;
  if (meeting.asksNeeds && !again) await reply(heard, meeting, "meeting_needs");
}

/** A person says what they need to take part: staff read it in the inbox, where they can answer. */
export async function noteNeeds(heard: Heard, meeting: Meeting, words: string): Promise<void> {
  const { unit, contact, message } = heard;
  const needs = words.slice(0, MAX_NEEDS).toWellFormed();
  await saveNeeds(unit.tx, meeting.id, contact.id, needs);
  await postToInbox(
    unit,
    contact,
    message.address,
    `For *${escapeMrkdwn(meeting.title)}* this person needs: ${escapeMrkdwn(needs)}`,
  );
  await reply(heard, meeting, "meeting_needs_noted");
}
