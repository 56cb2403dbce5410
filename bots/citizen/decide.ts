import { distance } from "fastest-levenshtein";
import { fold } from "#flows";
import { isLive, type NamedConsultation, type ReceivedMessage, type Situation } from "#storage";
import type { Deployment } from "#templates";
import { meantMeeting } from "../meetings/meant.ts";
import type { MeetingAct } from "../meetings/meeting.ts";
import { joinWords, keywordOf } from "./keywords.ts";

/** What a citizen's message means. */
export type Decision =
  | { readonly kind: "stop" | "start"; readonly language?: string }
  | { readonly kind: "help"; readonly language?: string }
  /** An acknowledgement or another word to us from staff, who are paged by phone. */
  | { readonly kind: "staff" }
  | { readonly kind: "liaison"; readonly liaisonId: string }
  /** Only for staff to read: the bot stays silent. */
  | { readonly kind: "inbox"; readonly because: "opted_out" | "handed_over" }
  | { readonly kind: "join"; readonly consultation: NamedConsultation; readonly language?: string }
  | { readonly kind: "closed"; readonly consultation: NamedConsultation }
  /** Said to a meeting: after its keyword, or to whom we spoke of it last. */
  | ({ readonly kind: "meeting" } & MeetingAct)
  /** Sessions that may take it, the latest first; when none does, it is not understood. */
  | { readonly kind: "answer" }
  | { readonly kind: "language"; readonly language: string }
  | { readonly kind: "fallback" }
  /** From a short code or a sender with a name: nothing can be sent back. */
  | { readonly kind: "no_reply" };

/** Characters from which a word's one slip is forgiven: shorter ones are too near to others. */
const NEAR_FROM = 4;

/** Whether a reply can be sent to where it came from. */
const canReply = (address: string): boolean => /^(sms|whatsapp):\+[1-9]\d{6,14}$|^slack:/.test(address);

/**
 * Decides what a message means; the first that fits, in the order that the law and good manners ask for. `refused`
 * are meanings that those who were asked did not recognise.
 */
export function decide(
  situation: Situation,
  message: Pick<ReceivedMessage, "address" | "text">,
  deployment: Deployment,
  refused: ReadonlySet<Decision["kind"]> = new Set(),
): Decision {
  const { contact, sessions, staff, liaisonId } = situation;
  if (!canReply(message.address)) return { kind: "no_reply" };
  const optedOut = contact?.optedOut ?? situation.erased ?? false;
  const keyword = keywordOf(deployment, message.text);
  if (keyword?.kind === "stop" || keyword?.kind === "help") return keyword;
  if (keyword?.kind === "start" && (!keyword.affirmative || optedOut))
    return { kind: "start", ...(keyword.language === undefined ? {} : { language: keyword.language }) };
  if (staff && !refused.has("staff")) return { kind: "staff" };
  if (optedOut) return { kind: "inbox", because: "opted_out" };
  if (liaisonId !== undefined && !refused.has("liaison")) return { kind: "liaison", liaisonId };
  const joining = joined(situation, message.text, deployment);
  const wanted = situation.staffSilent && joining?.kind === "join";
  if (contact?.handedOver && !wanted) return { kind: "inbox", because: "handed_over" };
  if (joining?.kind === "join") return joining;
  const said = meantMeeting(situation, message.text, deployment);
  // A keyword may come back after what had it first is over.
  if (said && (!joining || isLive(said.meeting))) return { kind: "meeting", ...said };
  if (joining) return joining;
  if (sessions.length > 0 && !refused.has("answer")) return { kind: "answer" };
  if (keyword?.kind === "language") return keyword;
  return { kind: "fallback" };
}

/**
 * A consultation's keyword: alone, or before a language's name. While a question waits that is all that counts, since
 * an answer may begin with any word; else what follows the keyword does not matter.
 */
function joined(situation: Situation, text: string, deployment: Deployment): Decision | undefined {
  const [first, whole] = joinWords(text);
  const rest = whole.slice(first.length).trim();
  const named = keywordOf(deployment, rest);
  const language = named?.kind === "language" ? named.language : undefined;
  const loose = situation.sessions.length === 0 || rest === "" || language !== undefined;
  const fits = ({ keywords }: NamedConsultation): boolean =>
    keywords.includes(whole) || (loose && keywords.includes(first));
  const consultation = situation.consultations.find(fits);
  if (!consultation) return undefined;
  // An answer may well be the keyword of what is long over.
  if (!consultation.open)
    return situation.sessions.length === 0 ? { kind: "closed", consultation } : undefined;
  return { kind: "join", consultation, ...(language === undefined ? {} : { language }) };
}

/** The one open consultation whose keyword was meant, one slip off; undefined when that is not sure. */
export function nearlyJoined(
  text: string,
  open: readonly NamedConsultation[],
): NamedConsultation | undefined {
  const said = fold(text);
  if (said.length < NEAR_FROM || said.includes(" ")) return undefined;
  const near = open.filter(({ keywords }) => keywords.some((keyword) => oneSlip(said, fold(keyword))));
  return near.length === 1 ? near[0] : undefined;
}

/** Equal, one letter wrong, missing or too many, or two neighbours exchanged. */
function oneSlip(said: string, keyword: string): boolean {
  if (keyword.length < NEAR_FROM || Math.abs(said.length - keyword.length) > 1) return false;
  const off = distance(said, keyword);
  if (off <= 1) return true;
  if (off > 2 || said.length !== keyword.length) return false;
  const at = [...said].findIndex((letter, i) => letter !== keyword[i]);
  return said === keyword.slice(0, at) + keyword[at + 1] + keyword[at] + keyword.slice(at + 2);
}
