import type { Choice } from "../flow.ts";
import { fold } from "../fold.ts";
import type { Match } from "../near.ts";
import type { AnswerKind, Hearing, SpecOf, Understood } from "./answer.ts";
import { readNumber } from "./numerals.ts";
import { byName, byPlace, byResemblance } from "./options.ts";

export const choice: AnswerKind<SpecOf<"choice">> = {
  parse({ choices }, reply, hearing) {
    const tapped = choices.find(({ id }) => id === reply.choice);
    if (tapped) return { ok: true, value: tapped.id };
    const said = fold(reply.text);
    const exact = byName(said, choices);
    if (exact.kind !== "none") return verdict(exact, hearing, false);
    const placed = byPlace(said, choices, hearing.languages);
    if (placed) return { ok: true, value: placed.id };
    const alike = byResemblance(said, choices, hearing.languages);
    if (alike.kind !== "none") return verdict(alike, hearing, true);
    // "the second", "2 please": with more words around it a number may count something else.
    const [place] = said.split(" ").length <= 2 ? readNumber(said, hearing.languages) : [];
    const meant = place === undefined ? undefined : choices[place - 1];
    return meant ? { ok: true, value: meant.id, unsure: true } : { ok: false, phrase: "choice" };
  },
  offer: ({ choices }, hearing) => offered(choices, hearing),
  exact: ({ choices }, folded, reply) =>
    choices.some(({ id }) => id === reply.choice) || byName(folded, choices).kind === "one",
  show: ({ choices }, value, hearing) => labelOf(choices, String(value), hearing),
};

function verdict(match: Match<Choice>, hearing: Hearing, unsure: boolean): Understood {
  if (match.kind === "one") return { ok: true, value: match.of.id, ...(unsure ? { unsure: true } : {}) };
  if (match.kind === "none") return { ok: false, phrase: "choice" };
  const values = { first: hearing.label(match.first.label), second: hearing.label(match.second.label) };
  return { ok: false, phrase: "choice_or", values, precise: true };
}

/** The list as people see it. */
export const offered = (choices: readonly Choice[], hearing: Hearing) =>
  choices.map(({ id, label }) => ({ id, title: hearing.label(label) }));

export function labelOf(choices: readonly Choice[], id: string, hearing: Hearing): string {
  const found = choices.find((each) => each.id === id);
  return found ? hearing.label(found.label) : id;
}
