/** A number is written as it is; a text may be anything that a citizen wrote. */
export type Cell = string | number | boolean | null | undefined;

/**
 * A spreadsheet runs a cell that begins with one of these as a formula, also after blanks and in their full-width
 * forms (OWASP, "CSV Injection").
 */
const FORMULA = /^[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** What a spreadsheet shows as the text that it is: where it would be a formula an apostrophe stands before it. */
function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** Excel takes a file for UTF-8 only when it begins with this. */
export const BYTE_ORDER_MARK = "\ufeff";

/** One line as in RFC 4180, with its CRLF. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells
    .map((cell) => {
      if (cell === null || cell === undefined) return "";
      const text = typeof cell === "string" ? harmless(cell.replaceAll("\0", "")) : String(cell);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(",")}\r\n`;
}
