import type { Action, Command, Feature, ThreadReply, View } from "./registry.ts";

type GuestAction = NonNullable<Feature["guestActions"]>[string];

/** What all features bring together, by word or id. */
export interface Merged {
  readonly commands: ReadonlyMap<string, Command>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly views: ReadonlyMap<string, View>;
  readonly threads: ReadonlyMap<string, ThreadReply>;
  readonly guestActions: ReadonlyMap<string, GuestAction>;
}

/** Two features with the same word or id are a fault of the program. */
export function merge(features: readonly Feature[]): Merged {
  return {
    commands: unique(
      "command",
      features.flatMap(({ commands = [] }) => commands.map((c) => [c.word, c] as const)),
    ),
    actions: unique(
      "action",
      features.flatMap(({ actions = {} }) => Object.entries(actions)),
    ),
    views: unique(
      "view",
      features.flatMap(({ views = {} }) => Object.entries(views)),
    ),
    threads: unique(
      "thread reply",
      features.flatMap(({ threads = {} }) => Object.entries(threads)),
    ),
    guestActions: unique(
      "guest action",
      features.flatMap(({ guestActions = {} }) => Object.entries(guestActions)),
    ),
  };
}

function unique<T>(what: string, entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two features register the ${what} "${twice}"`);
  return new Map(entries);
}
