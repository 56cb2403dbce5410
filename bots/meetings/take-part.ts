import { changeContact, isLive, lockMeeting, type Meeting, markHere, type NamedMeeting } from "#storage";
import type { Heard } from "../citizen/hearing.ts";
import { askQuestion, sayQuestions, vote } from "./ask.ts";
import type { Act } from "./meeting.ts";
import { noteNeeds } from "./needs.ts";
import { reply } from "./reply.ts";
import { come, invite, stayAway } from "./seats.ts";

/** Does what a person's words mean for a meeting, and answers. Everything at one meeting happens one after the other. */
export async function takePart(heard: Heard, { id }: NamedMeeting, act: Act): Promise<void> {
  const meeting = await lockMeeting(heard.unit.tx, id);
  if (!meeting) return;
  if (!isLive(meeting))
    return reply(heard, meeting, meeting.status === "cancelled" ? "meeting_off" : "meeting_over");
  switch (act.kind) {
    case "invite":
      return invite(await speaking(heard, act.language), meeting);
    case "coming":
      return come(heard, meeting, act.people);
    case "not_coming":
      return stayAway(heard, meeting);
    case "ask":
      return askQuestion(heard, meeting, act.question);
    case "vote":
      return vote(heard, meeting, act.number);
    case "need":
      return noteNeeds(heard, meeting, act.needs);
    case "list":
      return sayQuestions(heard, meeting);
    case "here":
      return checkIn(heard, meeting, act.code);
  }
}

/** The keyword came with a language's name: from now on that is spoken. */
async function speaking(heard: Heard, language: string | undefined): Promise<Heard> {
  const { unit, contact } = heard;
  if (language === undefined || language === contact.language) return heard;
  await changeContact(unit.tx, contact.id, { language });
  return { ...heard, contact: { ...contact, language } };
}

/** Who texts the code that is shown at the place is there, also without having said so before. */
async function checkIn(heard: Heard, meeting: Meeting, code: string | undefined): Promise<void> {
  if (meeting.status !== "open") return reply(heard, meeting, "meeting_not_begun");
  if (code !== meeting.code) return reply(heard, meeting, "meeting_wrong_code");
  await markHere(heard.unit.tx, meeting.id, heard.contact.id);
  return reply(heard, meeting, "meeting_here");
}
