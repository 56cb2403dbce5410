/**
 * A file with a table, as spreadsheets write it: CSV or an Excel workbook. Rows come one by one, so that memory does
 * not grow with the file.
 */
export interface Table {
  /** The sheet that is read; undefined for CSV. */
  readonly sheet?: string;
  /** SHA-256 of the file: the same content under another name is the same table. */
  readonly hash: string;
  /** What `TableRow.read` comes to at the end. */
  readonly size: number;
  /** Without those that are empty. Throws UnreadableFile where the file breaks. */
  rows(): AsyncGenerator<TableRow>;
  close(): Promise<void>;
}

export interface TableRow {
  /** As the spreadsheet counts its rows, or the line of the file on which the row begins; from 1. */
  readonly row: number;
  /** As texts: numbers with all their digits, dates as 2026-03-31, formulas by their value. */
  readonly cells: readonly string[];
  /** How much of `Table.size` has been read. */
  readonly read: number;
}

/** Stands where a formula has no value: the program that wrote the workbook did not calculate it. */
export const NO_VALUE = "#VALUE?";

/** What a cell says whose formula failed (ECMA-376 part 1, 18.18.11), or was never calculated. */
export const FAILED_FORMULA = /^#(?:N\/A|REF!|VALUE[!?]|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$/;
