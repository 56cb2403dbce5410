import { parse } from "csv-parse/sync";

/** A number is written as it is; a text may be anything that a citizen wrote. */
export type Cell = string | number | boolean | null | undefined;

/**
 * A spreadsheet runs a cell that begins with one of these as a formula, also after blanks and in their full-width
 * forms (OWASP, "CSV Injection").
 */
const FORMULA = /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** Excel takes a file for UTF-8 only when it begins with this. */
export const BYTE_ORDER_MARK = "\ufeff";

/** One line as in RFC 4180, with its CRLF. What a spreadsheet would run gets its mark for text, an apostrophe. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells
    .map((cell) => {
      if (cell === null || cell === undefined) return "";
      const text = typeof cell === "string" ? harmless(cell.replaceAll("\0", "")) : String(cell);
      // Where a semicolon separates, it splits a cell that is not quoted.
      return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(",")}\r\n`;
}

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A cell as it was meant: without the apostrophe that `csvLine`, or a person before a number, puts in front. */
export function plainText(cell: string): string {
  return cell.startsWith("'") && (FORMULA.test(cell.slice(1)) || /^'\d/.test(cell)) ? cell.slice(1) : cell;
}

/**
 * A small table whole: its rows by the names of its columns, in small letters. Throws what csv-parse throws, with the
 * line.
 */
export function readTable(text: string): readonly Readonly<Record<string, string | undefined>>[] {
  return parse<Record<string, string>>(text, {
    bom: true,
    columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()),
    // Where the comma is the decimal sign, spreadsheets write semicolons.
    delimiter: text.split("\n", 1)[0]?.includes(";") ? ";" : ",",
    skip_empty_lines: true,
    trim: true,
  });
}
