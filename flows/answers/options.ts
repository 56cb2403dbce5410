import type { Choice } from "../flow.ts";
import { fold } from "../fold.ts";
import { type Match, nearMiss } from "../near.ts";
import { WORDS } from "../words/index.ts";

/** Words that mean a choice, folded. */
interface Option {
  readonly word: string;
  readonly of: Choice;
}

const remembered = new WeakMap<readonly Choice[], readonly Option[]>();

/** Ids, labels and synonyms in every language: people answer in another one than they were asked in. */
export function optionsOf(choices: readonly Choice[]): readonly Option[] {
  let options = remembered.get(choices);
  if (!options) {
    options = choices.flatMap((of) => {
      const words = [
        of.id.replaceAll("_", " "),
        of.id,
        ...Object.values(of.label),
        ...Object.values(of.synonyms ?? {}).flat(),
      ];
      return [...new Set(words.map(fold))].filter((word) => word.length > 0).map((word) => ({ word, of }));
    });
    remembered.set(choices, options);
  }
  return options;
}

/** By its number in the list ("2", "2.", "no 2", "option two") or by its letter. */
export function byPlace(
  said: string,
  choices: readonly Choice[],
  languages: readonly string[],
): Choice | undefined {
  const number = /^(?:(?:no|nr|nommer|number|option|opsie|inombolo|nomoro) ?)?(\d{1,2})$/.exec(said);
  if (number) return choices[Number(number[1]) - 1];
  if (/^[a-z]$/.test(said)) return choices[said.charCodeAt(0) - 97];
  for (const language of languages) {
    const numbers = WORDS[language]?.numbers;
    if (numbers && Object.hasOwn(numbers, said)) return choices[(numbers[said] ?? 0) - 1];
  }
  return undefined;
}

/** By exactly its label, id or a synonym. */
export function byName(said: string, choices: readonly Choice[]): Match<Choice> {
  return one(optionsOf(choices).filter(({ word }) => word === said));
}

/** By a label inside a sentence, by the beginning of one, or by a few slips of the hand. */
export function byResemblance(
  said: string,
  choices: readonly Choice[],
  languages: readonly string[],
): Match<Choice> {
  const options = optionsOf(choices);
  const words = said.split(" ");
  const denied = words.some((word) => languages.some((language) => WORDS[language]?.not.includes(word)));
  if (!denied) {
    const inside = one(named(said, options).found);
    if (inside.kind !== "none") return inside;
    if (said.length >= 3) {
      const begun = one(options.filter(({ word }) => word.startsWith(said)));
      if (begun.kind !== "none") return begun;
    }
  }
  return nearMiss(said, options);
}

/** Options that stand in a sentence as whole words, the longest first; `rest` is what remains of it. */
export function named(
  said: string,
  options: readonly Option[],
): { readonly found: readonly Option[]; readonly rest: string } {
  const found: Option[] = [];
  let rest = ` ${said} `;
  for (const option of options.toSorted((a, b) => b.word.length - a.word.length)) {
    if (option.word.length < 2 || !rest.includes(` ${option.word} `)) continue;
    found.push(option);
    rest = rest.replaceAll(` ${option.word} `, " | ");
  }
  return { found, rest: rest.trim() };
}

function one(options: readonly Option[]): Match<Choice> {
  const [first, second] = [...new Set(options.map(({ of }) => of))];
  if (!first) return { kind: "none" };
  return second ? { kind: "two", first, second } : { kind: "one", of: first };
}
