import { fold } from "#flows";
import type { Act } from "./meeting.ts";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

const YES = words("yes y yeah ja yebo ewe e ee eya ina iye ok okay");
const NO = words("no n nope nee cha qha hhayi hayi tjhe che nnyaa nyaa aowa hai aiwa awa e-e");
/** In Xitsonga it is a no, in the languages of the Sotho group and in Tshivenda a yes. */
const NO_IN: Readonly<Record<string, ReadonlySet<string>>> = { ts: words("ee") };
const ASK = words("ask question vra buza botsa botsisa vutisa buta vhudzisa");
const VOTE = words("up vote");
const NEED = words("need needs nodig ngidinga ndidinga ngidzinga ngitlhoga");
const LIST = words("list questions");
const HERE = words("here hier lapha apha mona fano laha fhano");
/** Words beside YES, NO and a number that say no more than these do. */
const SMALL_TALK = words(
  "please thanks thank you sorry people persons of us we are asseblief dankie mense ngiyabonga enkosi",
);

/** Words that are no keyword of a meeting, since they mean something beside one. */
export const isActWord = (word: string): boolean =>
  [YES, NO, ASK, VOTE, NEED, LIST, HERE].some((list) => list.has(fold(word)));

/**
 * What a message says to a meeting; undefined when it says nothing to one. `loose`, after the meeting's keyword: whatever
 * follows YES or NO does not matter. Without it, "No water since Monday" is no cancellation. `language`: the person's.
 */
export function actOf(text: string, loose: boolean, language?: string | null): Act | undefined {
  const said = fold(text).split(" ");
  const [first = "", second = ""] = said;
  if (ASK.has(first)) {
    const question = afterFirstWord(text);
    return question === "" ? undefined : { kind: "ask", question };
  }
  if (NEED.has(first)) {
    const needs = afterFirstWord(text);
    return needs === "" ? undefined : { kind: "need", needs };
  }
  if (VOTE.has(first) && /^\d{1,4}$/.test(second) && said.length === 2)
    return { kind: "vote", number: Number(second) };
  if (LIST.has(first) && said.length === 1) return { kind: "list" };
  if (HERE.has(first) && (said.length === 1 || (said.length === 2 && /^\d{4}$/.test(second))))
    return { kind: "here", ...(second === "" ? {} : { code: second }) };
  return answerOf(text, said, loose, NO.has(first) || NO_IN[language ?? ""]?.has(first) === true);
}

/** YES, NO, a number of people, or guests: "3", "YES 3", "YES +2". */
function answerOf(text: string, said: readonly string[], loose: boolean, no: boolean): Act | undefined {
  const [first = ""] = said;
  const numbers = said.filter((word) => /^\d{1,4}$/.test(word));
  const rest = said.filter((word) => !numbers.includes(word) && !SMALL_TALK.has(word));
  const bare = rest.length === 0 && numbers.length === 1;
  const opens = no || YES.has(first);
  if (!bare && !(opens && (loose || (rest.length === 1 && numbers.length <= 1)))) return undefined;
  if (no) return { kind: "not_coming" };
  const people = Number(numbers[0] ?? 1) + (/\+\s*\d/.test(text) ? 1 : 0);
  return people === 0 ? { kind: "not_coming" } : { kind: "coming", people, bare };
}

/** As it was written. */
export const afterFirstWord = (text: string): string =>
  text.replace(/^[^\p{L}\p{N}]*[\p{L}\p{N}'-]+[^\p{L}\p{N}+]*/u, "").trim();
