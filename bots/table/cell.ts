import { NO_VALUE } from "./table.ts";

/** Number formats that are dates whatever the workbook says (ECMA-376 part 1, 18.8.30). */
const DATE_FORMATS = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47]);
const DAY_MS = 86_400_000;
/** Day 0 of a serial: 1900 counts a 29 February that there was not; workbooks of old Macs begin in 1904. */
const EPOCH = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) } as const;
/** A serial of 31 December 9999. */
const LAST_DAY = 2_958_465;

/** Whether numbers of this format are shown as dates: outside quotes and brackets it speaks of days, months or hours. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return DATE_FORMATS.has(id);
  const spoken = code.split(";", 1)[0]?.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]|_./g, "") ?? "";
  return /[dmyhs]/i.test(spoken) && !/[#0?]/.test(spoken.replaceAll(/s\.0+/gi, ""));
}

export interface RawCell {
  /** `t` of the cell. */
  readonly type: string | undefined;
  /** What stands in it, when anything does. */
  readonly value: string | undefined;
  readonly formula: boolean;
  /** A number that is shown as a date. */
  readonly date: boolean;
}

/** A cell as a text, the empty one when there is nothing in it. */
export function textOf(
  { type, value, formula, date }: RawCell,
  sharedString: (index: number) => string | undefined,
  from1904: boolean,
): string {
  if (value === undefined || value === "") return formula && type !== "str" ? NO_VALUE : "";
  switch (type) {
    case "s":
      return sharedString(Number(value)) ?? "";
    case "str":
    case "inlineStr":
      return unescaped(value);
    case "b":
      return value === "1" ? "TRUE" : "FALSE";
    case "e":
      return value;
    case "d":
      return value.replace(/T00:00:00.*$/, "");
    default: {
      const number = Number(value);
      if (!Number.isFinite(number)) return value;
      return date && number >= 0 && number <= LAST_DAY + 1 ? dateOf(number, from1904) : digits(number);
    }
  }
}

/** 8.27123456E+10 is how a file may write 82712345600: a number has all its digits. */
function digits(number: number): string {
  return Number.isInteger(number) && Math.abs(number) < 1e21 ? BigInt(number).toString() : String(number);
}

function dateOf(serial: number, from1904: boolean): string {
  // To the second: a serial has binary fractions of a day.
  const moment = new Date(EPOCH[from1904 ? 1904 : 1900] + Math.round((serial * DAY_MS) / 1000) * 1000);
  const [day = "", time = ""] = moment.toISOString().split("T");
  const clock = time.slice(0, 8).replace(/:00$/, "");
  if (serial < 1) return clock;
  return clock === "00:00" ? day : `${day} ${clock}`;
}

/** `_x000D_` is how XML carries what it has no place for (ECMA-376 part 1, 22.9.2.19). */
export function unescaped(text: string): string {
  return text.includes("_x")
    ? text.replaceAll(/_x([0-9A-F]{4})_/gi, (_all, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
}

/** `AB12` → 27, from 0; undefined when it names no column. */
export function columnOf(reference: string): number | undefined {
  let column = 0;
  for (const character of reference) {
    const letter = character.charCodeAt(0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column === 0 ? undefined : column - 1;
}
