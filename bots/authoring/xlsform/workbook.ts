import { readFile } from "node:fs/promises";
import readXlsx from "read-excel-file/node";

/** The file is no workbook that can be read; words that name the remedy. */
export class UnreadableWorkbook extends Error {}

export interface SheetRow {
  /** As the spreadsheet counts: the header is row 1. */
  readonly row: number;
  /** By header, as the file writes it but trimmed and in small letters before any `::`. Never empty. */
  readonly cells: ReadonlyMap<string, string>;
}

export type Workbook = ReadonlyMap<string, readonly SheetRow[]>;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "this is a folder; name the workbook itself",
};

/** Bytes of one workbook. */
const MAX_FILE = 10_000_000;
const MAX_ROWS = 5_000;

/** Reads every sheet. What the file is counts, not what its name says. */
export async function readWorkbook(path: string): Promise<Workbook> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UnreadableWorkbook(`${path}: ${WHY[error.code ?? ""] ?? error.message}`);
  });
  const magic = bytes.subarray(0, 4).toString("latin1");
  if (magic === "\xD0\xCF\x11\xE0")
    throw new UnreadableWorkbook(
      `${path} is an old Excel workbook (.xls), whatever its name ends in. In Excel: Save As, "Excel Workbook (.xlsx)".`,
    );
  if (!magic.startsWith("PK"))
    throw new UnreadableWorkbook(
      `${path} is no Excel workbook. Save the form as .xlsx and import that file.`,
    );
  if (bytes.length > MAX_FILE) throw new UnreadableWorkbook(`${path} is larger than ${MAX_FILE / 1e6} MB.`);
  const sheets = await readXlsx(bytes).catch((error: unknown) => {
    throw new UnreadableWorkbook(
      `${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}. Open it in Excel and save it again.`,
    );
  });
  return new Map(
    sheets.map(({ sheet, data }) => [sheet.trim().toLowerCase(), rowsOf(data.slice(0, MAX_ROWS))]),
  );
}

function rowsOf(data: readonly (readonly unknown[])[]): readonly SheetRow[] {
  const [head = [], ...rest] = data;
  const headers = head.map((cell) => headerOf(textOf(cell)));
  return rest.flatMap((values, i) => {
    const cells = new Map<string, string>();
    values.forEach((value, column) => {
      const text = textOf(value);
      const header = headers[column] ?? "";
      if (text !== "" && header !== "" && !cells.has(header)) cells.set(header, text);
    });
    return cells.size > 0 ? [{ row: i + 2, cells }] : [];
  });
}

/** Other names that forms use (pyxform, "aliases"). */
const ALIASES: Readonly<Record<string, string>> = {
  relevance: "relevant",
  caption: "label",
  command: "type",
  value: "name",
  tag: "name",
  calculate: "calculation",
  "constraint message": "constraint_message",
  "constraint-message": "constraint_message",
  constraintmsg: "constraint_message",
  "choice filter": "choice_filter",
  "list name": "list_name",
  "form title": "form_title",
  "form id": "form_id",
  id_string: "form_id",
  title: "form_title",
};

function headerOf(text: string): string {
  // Older forms write label:English with one colon.
  const [name = "", ...language] = text.split(/::|(?<=^(?:label|caption|hint|constraint_message)) ?:/i);
  const plain = name.trim().toLowerCase();
  return [ALIASES[plain] ?? plain, ...language.map((part) => part.trim())].filter(Boolean).join("::");
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return String(cell)
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\u00a0/g, " ")
    .trim();
}
