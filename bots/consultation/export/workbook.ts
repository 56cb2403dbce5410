import writeXlsx from "write-excel-file/node";
import type { Cell } from "../../csv.ts";

/** A sheet has no more (Microsoft, "Excel specifications and limits"); and all of it is held in memory. */
const MAX_ROWS = 1_048_576;
const MAX_TEXT = 32_767;
/** XML has no place for these. */
const UNWRITABLE = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu;

/** More rows than a sheet takes; words that name the remedy. */
export class TooManyRows extends Error {}

/** An Excel workbook of these tables. Texts are written as texts: none of them is a formula. */
export async function* workbook(
  tables: Readonly<Record<string, AsyncIterable<readonly Cell[]>>>,
): AsyncGenerator<Uint8Array> {
  const sheets = [];
  for (const [sheet, table] of Object.entries(tables)) {
    const data = [];
    for await (const cells of table) {
      if (data.length >= MAX_ROWS)
        throw new TooManyRows(
          `more than ${MAX_ROWS} rows do not fit into a sheet of Excel: use --format csv`,
        );
      data.push(cells.map((cell) => cellOf(cell, data.length === 0)));
    }
    sheets.push({ sheet, data, stickyRowsCount: 1 });
  }
  yield await writeXlsx(sheets).toBuffer();
}

function cellOf(cell: Cell, head: boolean) {
  if (cell === null || cell === undefined || cell === "") return null;
  const value =
    typeof cell === "string" ? cell.replace(UNWRITABLE, "").toWellFormed().slice(0, MAX_TEXT) : cell;
  return head ? { value, fontWeight: "bold" as const } : { value };
}
