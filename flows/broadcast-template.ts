import type { MessageClass } from "./broadcast.ts";
import { placeholdersOf } from "./placeholders.ts";
import { putValues, type ValueDeclaration, type Writing, writeValue } from "./values.ts";

/** A text that a broadcast can be begun from. What stands in [square brackets] is for staff to rewrite. */
export interface BroadcastTemplate {
  readonly id: string;
  /** What staff choose it by. */
  readonly title: string;
  /** What kind of message it is. */
  readonly kind?: MessageClass;
  /** What staff give when they write it, by name. */
  readonly values: Readonly<Record<string, ValueDeclaration>>;
  /** Per language. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface FilledIn {
  /** By language, each value written in its way; what was not given stays as it stands. */
  readonly texts: Readonly<Record<string, string>>;
  /** By the name of the value: why it cannot stand. */
  readonly faults: Readonly<Record<string, string>>;
}

/** Puts what staff gave into texts, as they stand in the form, that were begun from a template. */
export function fillIn(
  texts: Readonly<Record<string, string>>,
  values: BroadcastTemplate["values"],
  given: Readonly<Record<string, string>>,
  writing: Omit<Writing, "language">,
): FilledIn {
  const faults: Record<string, string> = {};
  const filled = Object.entries(texts).map(([language, text]) => {
    const asked = new Set(placeholdersOf(text).map(({ field }) => field));
    const written: Record<string, string> = {};
    for (const [name, declared] of Object.entries(values)) {
      if (!asked.has(name)) continue;
      const result = writeValue(declared, given[name] ?? "", { ...writing, language });
      if (result.ok) written[name] = result.text;
      else faults[name] = result.words;
    }
    return [language, putValues(text, written)];
  });
  return { texts: Object.fromEntries(filled), faults };
}

/** The template that a broadcast was begun from: its version never changes, and is what an approval binds to. */
export interface BegunFrom {
  readonly id: string;
  readonly version: number;
  /** As staff gave them. */
  readonly values: Readonly<Record<string, string>>;
}
