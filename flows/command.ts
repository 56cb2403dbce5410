import type { Flow } from "./flow.ts";
import { fold } from "./fold.ts";
import { namesOf, WORDS } from "./words/index.ts";

/** What a person can always say to a running flow. */
export type Command =
  | { readonly kind: "back" | "restart" | "skip" | "stop" }
  /** Without a language: which ones are there? */
  | { readonly kind: "language"; readonly language?: string };

/** Folded word to command, in the languages of one flow. */
type Commands = ReadonlyMap<string, Command>;

const remembered = new WeakMap<Flow, Commands>();
const KINDS = ["back", "restart", "skip", "stop"] as const;

/** The command that a whole reply is. `folded` went through fold(). */
export function commandOf(flow: Flow, folded: string): Command | undefined {
  let commands = remembered.get(flow);
  if (!commands) {
    commands = commandsOf(flow);
    remembered.set(flow, commands);
  }
  const command = commands.get(folded);
  if (command) return command;
  // "LANGUAGE xx" where the flow does not offer it: say what it offers.
  const space = folded.indexOf(" ");
  const first = space < 0 ? undefined : commands.get(folded.slice(0, space));
  return first?.kind === "language" && first.language === undefined && !folded.includes(" ", space + 1)
    ? first
    : undefined;
}

function commandsOf(flow: Flow): Commands {
  const commands = new Map<string, Command>();
  const spoken = [...new Set([...flow.languages, "en"])];
  // The names of the languages first: the flow's own words may give them another meaning, never the other way.
  for (const language of flow.languages)
    for (const name of namesOf(language)) commands.set(fold(name), { kind: "language", language });
  for (const each of spoken) {
    const openers = [...(WORDS[each]?.language ?? []), ...(flow.words?.language?.[each] ?? [])];
    for (const opener of openers.map(fold)) {
      commands.set(opener, { kind: "language" });
      for (const language of flow.languages)
        for (const name of [language, ...namesOf(language)])
          commands.set(`${opener} ${fold(name)}`, { kind: "language", language });
    }
    for (const kind of KINDS)
      for (const word of [...(WORDS[each]?.[kind] ?? []), ...(flow.words?.[kind]?.[each] ?? [])])
        commands.set(fold(word), { kind });
  }
  return commands;
}
