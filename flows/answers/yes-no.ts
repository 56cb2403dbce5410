import { fold } from "../fold.ts";
import { nearMiss } from "../near.ts";
import { WORDS, wordToWrite } from "../words/index.ts";
import type { AnswerKind, Hearing, SpecOf } from "./answer.ts";

export const yesNo: AnswerKind<SpecOf<"yes_no">> = {
  parse(_spec, reply, hearing) {
    const again = {
      ok: false,
      phrase: "yes_no",
      values: { yes: shout("yes", hearing), no: shout("no", hearing) },
    } as const;
    if (reply.choice === "yes" || reply.choice === "no") return { ok: true, value: reply.choice === "yes" };
    if (/👍|✅|\u2714/u.test(reply.text) !== /👎|❌|\u2716/u.test(reply.text))
      return { ok: true, value: /👍|✅|\u2714/u.test(reply.text) };
    const said = fold(reply.text);
    // As they stand in the numbered list.
    if (said === "1" || said === "2") return { ok: true, value: said === "1" };
    const meaning = meaningOf(said, hearing.languages);
    if (meaning !== undefined) return { ok: true, value: meaning };
    // "yes I will come", "ja, ek kom": the first word decides unless a later one says the opposite.
    const words = said.split(" ");
    const opening = meaningOf(words[0] ?? "", hearing.languages);
    const rest = words.slice(1).map((word) => meaningOf(word, hearing.languages));
    const negated = words
      .slice(1)
      .some((word) => hearing.languages.some((each) => WORDS[each]?.not.includes(word)));
    if (opening !== undefined && !rest.includes(!opening) && !(opening && negated))
      return { ok: true, value: opening };
    const near = nearMiss(
      said,
      [true, false].flatMap((of) => wordsFor(of, hearing.languages).map((word) => ({ word, of }))),
    );
    return near.kind === "one" ? { ok: true, value: near.of, unsure: true } : again;
  },
  offer: (_spec, hearing) => [
    { id: "yes", title: capital(wordToWrite("yes", hearing.languages)) },
    { id: "no", title: capital(wordToWrite("no", hearing.languages)) },
  ],
  show: (_spec, value, hearing) => capital(wordToWrite(value === true ? "yes" : "no", hearing.languages)),
};

/** The first language that knows the word decides. */
function meaningOf(word: string, languages: readonly string[]): boolean | undefined {
  for (const language of languages) {
    if (WORDS[language]?.yes.includes(word)) return true;
    if (WORDS[language]?.no.includes(word)) return false;
  }
  return undefined;
}

const wordsFor = (meaning: boolean, languages: readonly string[]): readonly string[] =>
  languages.flatMap((language) => WORDS[language]?.[meaning ? "yes" : "no"] ?? []);

const shout = (kind: "yes" | "no", hearing: Hearing): string =>
  wordToWrite(kind, hearing.languages).toUpperCase();
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
