/**
 * What staff give when they write a message from a template: a date, an amount, one of several words. Each is written as
 * the language's readers write it.
 *
 * Glossary
 * - **Value**: declared by a template with its type; given once, written in each language's way by `Intl`.
 */
export type ValueType = "text" | "number" | "date" | "time" | "money" | "choice";

export interface ValueDeclaration {
  readonly type: ValueType;
  /** What the form calls it. */
  readonly label: string;
  readonly hint?: string;
  /** Of a choice: by its id, the words in each language. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const VALUE_LIMITS = {
  /** Values of one template. */
  values: 8,
  /** Characters of a text that is given. */
  text: 300,
  options: 20,
} as const;

export interface Writing {
  readonly language: string;
  /** Stands in for a language that `Intl` does not know, and for words that a choice does not have in it. */
  readonly defaultLanguage: string;
  readonly country: string;
  readonly currency: string;
}

export type Written =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly words: string };

/** One value as it stands in a text of this language; else why it cannot, for the person who gave it. */
export function writeValue(declared: ValueDeclaration, given: string, writing: Writing): Written {
  const value = given.trim();
  const refused = (words: string): Written => ({ ok: false, words });
  const written = (text: string): Written => ({ ok: true, text: text.replace(/\s+/gu, " ") });
  if (value === "") return refused(`Fill in "${declared.label}".`);
  switch (declared.type) {
    case "text":
      if (value.length > VALUE_LIMITS.text) return refused(`Use at most ${VALUE_LIMITS.text} characters.`);
      if (/[{}]/.test(value)) return refused("Braces { } have a meaning of their own here: leave them out.");
      return written(value);
    case "number": {
      const number = Number(value.replace(",", "."));
      return Number.isFinite(number)
        ? written(new Intl.NumberFormat(localeOf(writing)).format(number))
        : refused(`"${value}" is not a number.`);
    }
    case "money": {
      const amount = Number(value.replace(",", "."));
      return Number.isFinite(amount)
        ? written(
            new Intl.NumberFormat(localeOf(writing), {
              style: "currency",
              currency: writing.currency,
              // Round amounts are written as people write them: R 250.
              trailingZeroDisplay: "stripIfInteger",
            }).format(amount),
          )
        : refused(`"${value}" is not an amount.`);
    }
    case "date": {
      const day = dayIn(value);
      return day
        ? written(
            new Intl.DateTimeFormat(localeOf(writing), { dateStyle: "long", timeZone: "UTC" }).format(day),
          )
        : refused(`"${value}" is not a date: write 2026-12-10.`);
    }
    case "time": {
      if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) return refused(`"${value}" is not a time: write 14:30.`);
      return written(
        new Intl.DateTimeFormat(localeOf(writing), {
          timeStyle: "short",
          hourCycle: "h23",
          timeZone: "UTC",
        }).format(new Date(`2000-01-01T${value}:00Z`)),
      );
    }
    case "choice": {
      const words = declared.options?.[value];
      const text = words?.[writing.language] ?? words?.[writing.defaultLanguage];
      return text === undefined
        ? refused(`"${value}" is not one of: ${Object.keys(declared.options ?? {}).join(", ")}.`)
        : written(text);
    }
  }
}

/** Midnight UTC of a calendar day; undefined when there is no such day. */
function dayIn(value: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const day = new Date(`${value}T00:00:00Z`);
  return Number.isNaN(day.getTime()) || !day.toISOString().startsWith(value) ? undefined : day;
}

/**
 * `Intl` knows neither Xitsonga nor siSwati, Tshivenda or isiNdebele (CLDR 48): dates in another language's words would
 * mislead their readers less than those of the machine that happens to run this.
 */
function localeOf({ language, defaultLanguage, country }: Writing): string {
  const wanted = [language, defaultLanguage].map((code) => `${code}-${country}`);
  return Intl.DateTimeFormat.supportedLocalesOf(wanted)[0] ?? `en-${country}`;
}

/** The names of values that a text asks for: `{name}` alone, without words of its own. */
const NAMED = /\{([a-z][a-z0-9_]{0,39})\}/g;

/** Puts what was written in place of `{name}`; what is not there yet stays as it stands. */
export const putValues = (text: string, written: Readonly<Record<string, string>>): string =>
  text.replace(NAMED, (all, name: string) => (Object.hasOwn(written, name) ? (written[name] ?? all) : all));
