import type { Text } from "#flows";
import type { Report } from "./finding.ts";
import type { SheetRow, Workbook } from "./workbook.ts";

/** A row of the survey sheet; a group or a repeat has rows inside. */
export interface Item {
  readonly row: SheetRow;
  /** The first word of the type: `select_one`. */
  readonly type: string;
  /** What follows it: the list's name. */
  readonly of: string;
  readonly inside: readonly Item[];
}

export interface Form {
  readonly items: readonly Item[];
  /** Rows of the choices sheet by list. */
  readonly lists: ReadonlyMap<string, readonly SheetRow[]>;
  readonly settings: ReadonlyMap<string, string>;
  /** Codes by the language's name in headers; `""` is a header without one. */
  readonly languages: ReadonlyMap<string, string>;
}

interface KnownLanguage {
  readonly code: string;
  readonly name: string;
}

/** Sorts a workbook's rows. What is out of place is reported. */
export function readForm(
  workbook: Workbook,
  known: readonly KnownLanguage[],
  fallback: string,
  report: (sheet: string) => Report,
): Form {
  const survey = workbook.get("survey") ?? [];
  if (survey.length === 0)
    report("survey")("error", 1, "there is no survey sheet with rows", "name the sheet of questions survey");
  const choices = workbook.get("choices") ?? [];
  const settings = workbook.get("settings")?.[0]?.cells ?? new Map<string, string>();
  const lists = new Map<string, SheetRow[]>();
  for (const row of choices) {
    const list = row.cells.get("list_name");
    if (list === undefined)
      report("choices")("error", row.row, "the choice belongs to no list", "fill in list_name");
    else lists.set(list, [...(lists.get(list) ?? []), row]);
  }
  const languages = languagesOf([...survey, ...choices], settings, known, fallback, report("survey"));
  return { items: nest(survey, report("survey")), lists, settings, languages };
}

const TRANSLATED = /^(label|hint|guidance_hint|constraint_message|required_message|media)::(.+)$/;

function languagesOf(
  rows: readonly SheetRow[],
  settings: ReadonlyMap<string, string>,
  known: readonly KnownLanguage[],
  fallback: string,
  report: Report,
): ReadonlyMap<string, string> {
  const codeOf = (name: string): string | undefined => {
    const code = /\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$/.exec(name)?.[1]?.toLowerCase();
    if (code !== undefined) return code;
    const said = name.trim().toLowerCase();
    return known.find((one) => one.name.toLowerCase() === said || one.code === said)?.code;
  };
  const headers = new Set(rows.flatMap(({ cells }) => [...cells.keys()]));
  const names = new Set([...headers].flatMap((header) => TRANSLATED.exec(header)?.[2] ?? []));
  const chosen = settings.get("default_language");
  const plain = chosen === undefined ? fallback : (codeOf(chosen) ?? fallback);
  const found = new Map<string, string>();
  if (names.size === 0 || headers.has("label")) found.set("", plain);
  for (const name of names) {
    const code = codeOf(name);
    if (code === undefined)
      report("error", 1, `the language "${name}" has no code`, `write it as label::${name} (code)`);
    else found.set(name, code);
  }
  return new Map([...found].toSorted(([, a], [, b]) => Number(b === plain) - Number(a === plain)));
}

/** The words under a header, in every language. */
export function textUnder(header: string, row: SheetRow, { languages }: Pick<Form, "languages">): Text {
  const texts: Record<string, string> = {};
  for (const [name, code] of languages) {
    const words = row.cells.get(name === "" ? header : `${header}::${name}`);
    if (words !== undefined && texts[code] === undefined) texts[code] = words;
  }
  return texts;
}

const OPENS = /^begin[_ ](group|repeat)$/;
const CLOSES = /^end[_ ](group|repeat)$/;

function nest(rows: readonly SheetRow[], report: Report): readonly Item[] {
  const top: Item[] = [];
  const open: { readonly item: Item; readonly inside: Item[]; readonly kind: string }[] = [];
  for (const row of rows) {
    const written = (row.cells.get("type") ?? "").replace(/\s+/g, " ");
    if (written === "") {
      report("error", row.row, "the row has no type", "fill in type, or empty the row");
      continue;
    }
    const spaced = written
      .replace(/^select (one|multiple)( from)?\b/i, "select_$1")
      .replace(/^select all that apply( from)?\b/i, "select_multiple")
      .replace(/^(phone number|string)\b/i, "text")
      .replace(/^(location|gps)$/i, "geopoint")
      .replace(/^photo$/i, "image");
    const [first = "", ...rest] = spaced.split(" ");
    const type = `${first} ${rest[0] ?? ""}`.trim().toLowerCase();
    const begins = OPENS.exec(first.toLowerCase()) ?? OPENS.exec(type);
    const ends = CLOSES.exec(first.toLowerCase()) ?? CLOSES.exec(type);
    const into = open.at(-1)?.inside ?? top;
    if (ends) {
      const last = open.pop();
      if (last?.kind !== ends[1])
        report(
          "error",
          row.row,
          `end ${ends[1]} closes nothing that is open`,
          `add begin ${ends[1]} above it`,
        );
    } else if (begins) {
      const inside: Item[] = [];
      const item: Item = { row, type: begins[1] ?? "", of: "", inside };
      into.push(item);
      open.push({ item, inside, kind: begins[1] ?? "" });
    } else into.push({ row, type: first.toLowerCase(), of: rest.join(" "), inside: [] });
  }
  for (const { item, kind } of open)
    report("error", item.row.row, `this ${kind} is never closed`, `add end ${kind} below its last row`);
  return top;
}
