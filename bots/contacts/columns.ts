import { MAX_FIELDS } from "#storage";
import { UnreadableFile } from "../table/index.ts";

/** What a column of the file means: `phone`, `whatsapp`, `name`, `language`, `time_zone`, `consent_date`, or a contact's field. */
export interface Column {
  readonly index: number;
  readonly header: string;
  readonly meaning: string;
}

/** Columns of a report of faults: they are for people, an import passes over them. */
export const REPORT_PREFIX = "import: ";

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  phone: [
    "phone",
    "phone number",
    "mobile",
    "mobile number",
    "cell",
    "cell number",
    "cellphone",
    "cell no",
    "sms",
    "number",
    "msisdn",
  ],
  whatsapp: ["whatsapp", "whatsapp number"],
  name: ["name", "full name"],
  language: ["language", "preferred language", "home language"],
  time_zone: ["time zone", "timezone", "tz"],
  groups: ["groups", "group", "contact groups", "lists", "tags"],
  consent_date: ["consent date", "opt-in date", "opted in"],
};

const FIELD = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * Gives each column its meaning: by `map` (header → meaning, `-` to leave a column out), else by its header.
 * Throws UnreadableFile with all that is wrong.
 */
export function readHeader(headers: readonly string[], map: ReadonlyMap<string, string>): readonly Column[] {
  const faults: string[] = [];
  const wanted = new Map([...map].map(([header, meaning]) => [key(header), meaning]));
  const columns: Column[] = [];
  headers.forEach((header, index) => {
    if (header.trim() === "" || header.startsWith(REPORT_PREFIX)) return;
    const meaning = wanted.get(key(header)) ?? meaningOf(header);
    wanted.delete(key(header));
    if (meaning === "-") return;
    if (!FIELD.test(meaning))
      faults.push(
        `"${header}": "${meaning}" is no name for a field; say --map "${header}=field" or "${header}=-".`,
      );
    const twin = columns.find((column) => column.meaning === meaning);
    if (twin)
      faults.push(
        `"${header}" and "${twin.header}" are both ${meaning}; leave one out: --map "${header}=-".`,
      );
    columns.push({ index, header, meaning });
  });
  for (const header of wanted.keys()) faults.push(`--map names "${header}", which is not among the columns.`);
  if (!columns.some(({ meaning }) => isNumber(meaning)))
    faults.push('No column has phone numbers; say which one: --map "your header=phone".');
  if (columns.length > MAX_FIELDS) faults.push(`More than ${MAX_FIELDS} columns; leave some out with --map.`);
  if (faults.length > 0) throw new UnreadableFile(`The first line, with the headers:\n${faults.join("\n")}`);
  return columns;
}

/** Whether a first row has a column of numbers: of several sheets it is the one with the people. */
export function namesNumbers(headers: readonly string[], map: ReadonlyMap<string, string>): boolean {
  const wanted = new Map([...map].map(([header, meaning]) => [key(header), meaning]));
  return headers.some((header) => isNumber(wanted.get(key(header)) ?? meaningOf(header)));
}

const isNumber = (meaning: string): boolean => meaning === "phone" || meaning === "whatsapp";

const key = (header: string): string =>
  header
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, " ");

function meaningOf(header: string): string {
  const known = Object.entries(KNOWN).find(([, headers]) => headers.includes(key(header)));
  return known?.[0] ?? key(header).replaceAll(/[^a-z0-9]+/g, "_");
}
