import { isLive, type NamedMeeting, type Situation } from "#storage";
import type { Deployment } from "#templates";
import { joinWords, keywordOf } from "../citizen/keywords.ts";
import { actOf, afterFirstWord } from "./act.ts";
import type { Act, MeetingAct } from "./meeting.ts";

type Heard = Pick<Situation, "contact" | "sessions" | "meetings">;

/** Which meeting a message is about, and what it says to it; undefined when it is about none. */
export function meantMeeting(situation: Heard, text: string, deployment: Deployment): MeetingAct | undefined {
  if (situation.meetings.length === 0) return undefined;
  return named(situation, text, deployment) ?? unnamed(situation, text);
}

/**
 * After the keyword. While a question of a conversation waits, only what is clearly said to the meeting counts, since an
 * answer may begin with any word; and it may well be the keyword of a meeting that is long over.
 */
function named(
  { contact, sessions, meetings }: Heard,
  text: string,
  deployment: Deployment,
): MeetingAct | undefined {
  const [first] = joinWords(text);
  const meeting = meetings.find(({ keyword }) => keyword === first);
  if (!meeting || (sessions.length > 0 && !isLive(meeting))) return undefined;
  const rest = afterFirstWord(text);
  if (rest === "") return { meeting, act: { kind: "invite" } };
  const spoken = keywordOf(deployment, rest);
  if (spoken?.kind === "language") return { meeting, act: { kind: "invite", language: spoken.language } };
  const act =
    actOf(rest, true, contact?.language) ??
    (sessions.length === 0 ? ({ kind: "invite" } as const) : undefined);
  return act && { meeting, act };
}

function unnamed({ contact, sessions, meetings }: Heard, text: string): MeetingAct | undefined {
  const act = actOf(text, false, contact?.language);
  const meeting = act && meetings.find((each) => isLive(each) && takes(each, act, sessions.length > 0));
  return meeting && { meeting, act };
}

/** Whether words without the keyword are said to this meeting, and not to a conversation that waits for an answer. */
function takes({ part, waits, coded }: NamedMeeting, act: Act, conversing: boolean): boolean {
  if (act.kind === "here" && coded) return true;
  if (part === null) return false;
  // Nobody answers a question of a conversation with these by chance.
  if (act.kind === "vote") return true;
  if (conversing && !waits) return false;
  switch (act.kind) {
    case "coming":
      return part === "asked" || !act.bare;
    case "not_coming":
      return part === "asked" || part === "coming" || part === "waiting";
    default:
      return true;
  }
}
