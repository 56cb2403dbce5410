import type { Choice } from "../flow.ts";
import { fold } from "../fold.ts";
import { WORDS } from "../words/index.ts";
import type { AnswerKind, Hearing, SpecOf } from "./answer.ts";
import { labelOf, offered } from "./choice.ts";
import { byName, byPlace, byResemblance, named, optionsOf } from "./options.ts";

export const choices: AnswerKind<SpecOf<"choices">> = {
  parse({ choices, min = 1, max = choices.length, ordered, budget, knapsack }, reply, hearing) {
    const tapped = choices.find(({ id }) => id === reply.choice);
    const read = tapped ? { picked: [tapped], unsure: false } : readSeveral(reply.text, choices, hearing);
    if ("first" in read) {
      const values = { first: hearing.label(read.first.label), second: hearing.label(read.second.label) };
      return { ok: false, phrase: "choice_or", values, precise: true };
    }
    // Else in the order of the list: the order in which people name them means nothing.
    const chosen = ordered
      ? asNamed(reply.text, read.picked)
      : choices.filter((each) => read.picked.includes(each));
    const picked = chosen.map(({ id }) => id);
    if (picked.length === 0) return { ok: false, phrase: "choices" };
    if (picked.length < min) return { ok: false, phrase: "choices_min", values: { min } };
    if (picked.length > max) return { ok: false, phrase: "choices_max", values: { max } };
    const cost = chosen.reduce((sum, each) => sum + (each.cost ?? 0), 0);
    if (knapsack && budget !== undefined && cost > budget)
      return { ok: false, phrase: "over_budget", values: { cost, budget }, precise: true };
    return { ok: true, value: picked, ...(read.unsure ? { unsure: true } : {}) };
  },
  offer: ({ choices }, hearing) => offered(choices, hearing),
  exact: ({ choices }, folded, reply) =>
    choices.some(({ id }) => id === reply.choice) || byName(folded, choices).kind === "one",
  show: ({ choices }, value, hearing) =>
    (Array.isArray(value) ? value : [value]).map((id) => labelOf(choices, String(id), hearing)).join(", "),
};

/** Numbers come in their order already; names were found the longest first. */
function asNamed(text: string, picked: readonly Choice[]): readonly Choice[] {
  if (PLACES.test(text.trim())) return picked;
  const said = fold(text);
  const place = ({ id, label, synonyms }: Choice): number => {
    const words = [id, ...Object.values(label), ...Object.values(synonyms ?? {}).flat()].map(fold);
    const found = words.map((word) => said.indexOf(word)).filter((at) => at >= 0);
    return found.length > 0 ? Math.min(...found) : said.length;
  };
  return picked.toSorted((a, b) => place(a) - place(b));
}

/** Nothing but numbers and what stands between them. */
const PLACES = /^[\d\s,.;&+/\u2013\u2014-]+$/;

type Read =
  | { readonly picked: readonly Choice[]; readonly unsure: boolean }
  | { readonly first: Choice; readonly second: Choice };

const NOTHING: Read = { picked: [], unsure: false };

function readSeveral(text: string, choices: readonly Choice[], hearing: Hearing): Read {
  const said = fold(text);
  const words = hearing.languages.flatMap((language) => WORDS[language] ?? []);
  if (words.some(({ all }) => all.includes(said))) return { picked: choices, unsure: false };
  if (PLACES.test(text.trim())) return readPlaces(text, choices);

  // Labels may have commas and "and" in them: take those out first, then read what is left piece by piece.
  const { found, rest } = named(said, optionsOf(choices));
  const picked = new Set(found.map(({ of }) => of));
  const ands = new Set(words.flatMap(({ and }) => and));
  const nots = new Set(words.flatMap(({ not }) => not));
  if (rest.split(" ").some((word) => nots.has(word))) return NOTHING;
  if (found.length > 0 && rest.split(" ").every((word) => word === "|" || ands.has(word)))
    return { picked: [...picked], unsure: false };
  let unsure = false;
  for (const piece of piecesOf(text, ands)) {
    const placed = byPlace(piece, choices, hearing.languages);
    if (placed) {
      picked.add(placed);
      continue;
    }
    if (named(piece, optionsOf(choices)).found.length > 0) continue;
    const match = byResemblance(piece, choices, hearing.languages);
    if (match.kind === "two") return { first: match.first, second: match.second };
    // Something that is no choice: better asked again than half understood.
    if (match.kind === "none") return NOTHING;
    picked.add(match.of);
    unsure = true;
  }
  return { picked: [...picked], unsure };
}

/** "1,3", "1 3", "1-3" (a range), "13" where there are fewer than ten. */
function readPlaces(text: string, choices: readonly Choice[]): Read {
  const picked = new Set<Choice>();
  for (const [, from = "", to] of text.matchAll(/(\d+)(?:\s*[-\u2013\u2014]\s*(\d+))?/g)) {
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    const digits = [...from].map(Number);
    if (
      to === undefined &&
      first > choices.length &&
      choices.length < 10 &&
      new Set(digits).size === digits.length
    ) {
      for (const digit of digits) {
        const each = choices[digit - 1];
        if (!each) return NOTHING;
        picked.add(each);
      }
      continue;
    }
    if (first < 1 || last > choices.length || last < first) return NOTHING;
    for (const each of choices.slice(first - 1, last)) picked.add(each);
  }
  return { picked: [...picked], unsure: false };
}

/** Between commas, "and", slashes and line ends, folded. */
function piecesOf(text: string, ands: ReadonlySet<string>): readonly string[] {
  return text
    .split(/[,;&+/\n]/)
    .flatMap((part) => {
      const pieces: string[] = [""];
      for (const word of fold(part).split(" ")) {
        if (ands.has(word)) pieces.push("");
        else pieces.push(`${pieces.pop() ?? ""} ${word}`.trim());
      }
      return pieces;
    })
    .filter((piece) => piece.length > 0);
}
