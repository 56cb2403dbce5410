import { posix } from "node:path";
import { columnOf, isDateFormat, textOf, unescaped } from "./cell.ts";
import type { TableChoice } from "./open.ts";
import { SharedStrings } from "./shared-strings.ts";
import type { TableRow } from "./table.ts";
import { UnreadableFile } from "./unreadable.ts";
import { REMEDY, readXml, takeXml } from "./xml.ts";
import { openZip, type ZipPart } from "./zip.ts";

/** Columns of one table: more is a picture made of cells, or a mistake. */
const MAX_COLUMNS = 1_000;
/** Sheets of one workbook. */
const MAX_SHEETS = 500;

interface Sheet {
  readonly name: string;
  readonly hidden: boolean;
  /** Packed bytes. */
  readonly size: number;
  readonly part: ZipPart;
}

/** What a sheet's cells are understood by. */
interface Frame {
  /** By the number that a cell's `s` gives. */
  readonly dates: readonly boolean[];
  readonly from1904: boolean;
}

export interface Workbook {
  /** The sheet of that name; else the first that is shown and `fits`, or has rows. */
  choose(choice: TableChoice): Promise<Sheet>;
  rows(sheet: Sheet): AsyncGenerator<TableRow>;
  close(): Promise<void>;
}

/** An Excel workbook (ECMA-376 part 1, SpreadsheetML), of which one sheet is read row by row. */
export async function openWorkbook(path: string): Promise<Workbook> {
  const parts = await openZip(path);
  const { sheets, from1904, stylesPath, stringsPath } = await readFrame(path, parts);
  const styles = parts.get(stylesPath ?? "");
  const frame: Frame = { from1904, dates: styles ? await readStyles(styles) : [] };
  let strings: Promise<SharedStrings> | undefined;
  const rows = (sheet: Sheet): AsyncGenerator<TableRow> =>
    readSheet(sheet, frame, () => {
      strings ??= readStrings(parts.get(stringsPath ?? ""));
      return strings;
    });
  return {
    rows,
    close: async () => (await strings?.catch(() => undefined))?.close(),
    choose: async ({ sheet: wanted, fits = () => true }) => {
      const names = sheets.map(({ name }) => `"${name}"`).join(", ");
      if (wanted !== undefined) {
        const found =
          sheets.find(({ name }) => name === wanted) ?? sheets.find(({ name }) => same(name, wanted));
        if (!found) throw new UnreadableFile(`${path} has no sheet "${wanted}". It has: ${names}.`);
        return found;
      }
      let filled: Sheet | undefined;
      for (const sheet of sheets.filter(({ hidden }) => !hidden)) {
        const first = await firstOf(rows(sheet));
        if (!first) continue;
        if (fits(first.cells)) return sheet;
        filled ??= sheet;
      }
      if (filled) return filled;
      throw new UnreadableFile(`${path} has no rows in any sheet that is shown. It has: ${names}.`);
    },
  };
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

async function firstOf(rows: AsyncGenerator<TableRow>): Promise<TableRow | undefined> {
  for await (const row of rows) return row;
  return undefined;
}

/** Which sheets there are, and where everything stands. */
async function readFrame(path: string, parts: ReadonlyMap<string, ZipPart>) {
  const main = [...parts.keys()].find((name) => /^xl\/workbook\d*\.xml$/.test(name));
  const book = main === undefined ? undefined : parts.get(main);
  if (main === undefined || !book)
    throw new UnreadableFile(
      `${path} is no Excel workbook (.xlsx)${parts.has("xl/workbook.bin") ? ", but a binary one (.xlsb)" : parts.has("content.xml") ? ", but one of LibreOffice (.ods)" : ""}. Save it as "Excel Workbook (.xlsx)" or as CSV.`,
    );
  const targets = new Map<string, string>();
  let [stylesPath, stringsPath]: (string | undefined)[] = [];
  const relations = parts.get(`${posix.dirname(main)}/_rels/${posix.basename(main)}.rels`);
  if (relations)
    await takeXml("its table of parts", relations.chunks(), {
      open: (name, attributes) => {
        if (name !== "Relationship") return;
        const { Id = "", Type = "", Target = "" } = attributes();
        const target = (Target.startsWith("/") ? Target.slice(1) : posix.join("xl", Target)).toLowerCase();
        targets.set(Id, target);
        if (Type.endsWith("/styles")) stylesPath = target;
        if (Type.endsWith("/sharedStrings")) stringsPath = target;
      },
    });
  const sheets: Sheet[] = [];
  let from1904 = false;
  await takeXml("its list of sheets", book.chunks(), {
    open: (tag, attributes, decode) => {
      if (tag === "workbookPr") from1904 = ["1", "true"].includes(attributes().date1904 ?? "");
      if (tag !== "sheet") return;
      const all = attributes();
      const id = Object.entries(all).find(([key]) => key.endsWith(":id"))?.[1] ?? "";
      const part = parts.get(targets.get(id) ?? "");
      // Without a part of cells it is a sheet of a chart.
      if (part && /worksheets\//.test(targets.get(id) ?? ""))
        sheets.push({
          name: decode(all.name ?? ""),
          hidden: all.state === "hidden" || all.state === "veryHidden",
          size: part.size,
          part,
        });
    },
  });
  if (sheets.length === 0 || sheets.length > MAX_SHEETS)
    throw new UnreadableFile(
      sheets.length === 0
        ? `${path} has no sheets. ${REMEDY}`
        : `${path} has more than ${MAX_SHEETS} sheets.`,
    );
  return { sheets, from1904, stylesPath, stringsPath };
}

/** Which of the formats that cells name are dates. */
async function readStyles(part: ZipPart): Promise<readonly boolean[]> {
  const codes = new Map<number, string>();
  const dates: boolean[] = [];
  let inCells = false;
  await takeXml("its formats", part.chunks(), {
    open: (name, attributes, decode) => {
      if (name === "cellXfs") inCells = true;
      else if (name === "numFmt") {
        const { numFmtId, formatCode = "" } = attributes();
        codes.set(Number(numFmtId), decode(formatCode));
      } else if (name === "xf" && inCells) {
        const id = Number(attributes().numFmtId ?? 0);
        dates.push(isDateFormat(id, codes.get(id)));
      }
    },
    close: (name) => {
      if (name === "cellXfs") inCells = false;
    },
  });
  return dates;
}

/** Texts that cells name by number; how they are to be pronounced is left out. */
async function readStrings(part: ZipPart | undefined): Promise<SharedStrings> {
  const strings = new SharedStrings();
  try {
    if (part) await takeStrings(part, strings);
  } catch (error) {
    strings.close();
    throw error;
  }
  return strings;
}

async function takeStrings(part: ZipPart, strings: SharedStrings): Promise<void> {
  let [text, inText, inPhonetic] = ["", false, false];
  await takeXml("its texts", part.chunks(), {
    open: (name) => {
      if (name === "si") text = "";
      else if (name === "rPh") inPhonetic = true;
      else if (name === "t") inText = !inPhonetic;
    },
    text: (more) => {
      if (inText) text += more;
    },
    close: (name) => {
      if (name === "si") strings.add(unescaped(text));
      else if (name === "rPh") inPhonetic = false;
      else if (name === "t") inText = false;
    },
  });
}

async function* readSheet(
  { name: sheet, part }: Sheet,
  { dates, from1904 }: Frame,
  openStrings: () => Promise<SharedStrings>,
): AsyncGenerator<TableRow> {
  const strings = await openStrings();
  const shared = (index: number): string | undefined => strings.get(index);
  let ready: TableRow[] = [];
  let [read, row, column] = [0, 0, 0];
  let cells: string[] = [];
  let cell:
    | { type: string | undefined; date: boolean; value: string | undefined; formula: boolean }
    | undefined;
  let inside: "value" | "formula" | undefined;
  let phonetic = false;
  const taker = {
    open: (name: string, attributes: () => Readonly<Record<string, string>>) => {
      if (name === "c") {
        const { r, t, s } = attributes();
        column = (r === undefined ? undefined : columnOf(r)) ?? column + 1;
        cell = {
          type: t,
          date: s !== undefined && (dates[Number(s)] ?? false),
          value: undefined,
          formula: false,
        };
      } else if (name === "v" || name === "t") inside = phonetic ? undefined : "value";
      else if (name === "f") {
        inside = "formula";
        if (cell) cell.formula = true;
      } else if (name === "rPh") phonetic = true;
      else if (name === "row") {
        const { r } = attributes();
        row = r === undefined ? row + 1 : Number(r);
        column = -1;
        cells = [];
      }
    },
    text: (text: string) => {
      if (inside === "value" && cell) cell.value = (cell.value ?? "") + text;
    },
    close: (name: string) => {
      if (name === "c" && cell) {
        const value = textOf(cell, shared, from1904).trim();
        cell = undefined;
        if (value === "") return;
        if (column >= MAX_COLUMNS)
          throw new UnreadableFile(
            `Sheet "${sheet}", row ${row}: more than ${MAX_COLUMNS} columns. Delete what stands far to the right.`,
          );
        while (cells.length < column) cells.push("");
        cells[column] = value;
      } else if (name === "row") {
        if (cells.length > 0) ready.push({ row, cells, read });
      } else if (name === "rPh") phonetic = false;
      else inside = undefined;
    },
  };
  const chunks = part.chunks((bytes) => {
    read = bytes;
  });
  for await (const _piece of readXml(`sheet "${sheet}"`, chunks, taker)) {
    yield* ready;
    ready = [];
  }
}
