import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { csvTable, type Encoding } from "./csv.ts";
import type { Table } from "./table.ts";
import { UnreadableFile } from "./unreadable.ts";
import { openWorkbook } from "./workbook.ts";

export interface TableChoice {
  /** The sheet's name; without it the first whose first row `fits`, else the first that has rows. */
  readonly sheet?: string;
  readonly fits?: (cells: readonly string[]) => boolean;
}

/**
 * Opens a table. What the file is decides, not what its name ends in. Throws UnreadableFile when it is none that can
 * be read; a file that does not exist is the caller's to find out.
 */
export async function openTable(path: string, choice: TableChoice = {}): Promise<Table> {
  const { start, bytes, hash, encoding } = await examine(path);
  if (bytes === 0) throw new UnreadableFile(`${path} is empty.`);
  if (start.startsWith("\xD0\xCF\x11\xE0"))
    throw new UnreadableFile(
      `${path} is an old Excel workbook (.xls), or one with a password, whatever its name ends in. In Excel: Save As, "Excel Workbook (.xlsx)", without a password, and import that file.`,
    );
  if (start.startsWith("PK")) {
    const workbook = await openWorkbook(path);
    try {
      const sheet = await workbook.choose(choice);
      const rows = () => workbook.rows(sheet);
      return { sheet: sheet.name, hash, size: sheet.size, rows, close: workbook.close };
    } catch (error) {
      await workbook.close();
      throw error;
    }
  }
  if (choice.sheet !== undefined) throw new UnreadableFile(`${path} is no Excel workbook: it has no sheets.`);
  return csvTable(path, { encoding, bytes, hash });
}

/** Reads the file once: how it begins, how its text is encoded (Excel writes all three), its size and its hash. */
async function examine(path: string) {
  const hash = createHash("sha256");
  const strict = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let start = Buffer.alloc(0);
  let encoding: Encoding = "utf-8";
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (start.length < 4) start = Buffer.concat([start, chunk.subarray(0, 4)]);
    bytes += chunk.length;
    hash.update(chunk);
    if (encoding === "utf-8" && !decodes(strict, chunk)) encoding = "windows-1252";
  }
  if (encoding === "utf-8" && !decodes(strict)) encoding = "windows-1252";
  const magic = start.toString("latin1");
  if (magic.startsWith("\xFF\xFE")) encoding = "utf-16le";
  return { start: magic, bytes, hash: hash.digest("hex"), encoding };
}

function decodes(decoder: TextDecoder, chunk?: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}
