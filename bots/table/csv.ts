import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { Table, TableRow } from "./table.ts";
import { UnreadableFile } from "./unreadable.ts";

/** Bytes of one row: a quote that is never closed must not swallow the file. */
const MAX_ROW = 64_000;
/** Bytes in which the separator is looked for. */
const HEAD = 64_000;

export type Encoding = "utf-8" | "utf-16le" | "windows-1252";

/** A CSV file; separated by comma, semicolon or tab. */
export function csvTable(
  path: string,
  { encoding, bytes, hash }: { readonly encoding: Encoding; readonly bytes: number; readonly hash: string },
): Table {
  return { hash, size: bytes, rows: () => readRows(path, encoding), close: async () => {} };
}

async function* readRows(path: string, encoding: Encoding): AsyncGenerator<TableRow> {
  let read = 0;
  const decoded = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of chunks) {
      read += chunk.length;
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  };
  let line = 1;
  const begins: number[] = [];
  const parser = parse({
    delimiter: await separatorOf(path, encoding),
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    trim: true,
    max_record_size: MAX_ROW,
    // Called as a row ends: the parser reads ahead of who takes the rows.
    on_record: (cells, { lines }) => {
      begins.push(line);
      line = lines + 1;
      return cells;
    },
  });
  // What goes wrong is thrown where the rows are read.
  pipeline(createReadStream(path), decoded, parser, () => {});
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      const row = begins.shift() ?? line;
      if (cells.some((cell) => cell !== "")) yield { row, cells, read };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableFile(
      error.code === "CSV_QUOTE_NOT_CLOSED"
        ? `Line ${line}: a quotation mark (") is opened and not closed.`
        : error.code === "CSV_MAX_RECORD_SIZE"
          ? `Line ${line}: the row is longer than ${MAX_ROW} bytes; is a quotation mark (") not closed there?`
          : `Line ${line}: ${error.message}`,
    );
  } finally {
    parser.destroy();
  }
}

/** The one of the three that the first line has most of. */
async function separatorOf(path: string, encoding: Encoding): Promise<string> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0).finally(() => file.close());
  const head = new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead));
  const first = head.split(/[\r\n]/, 1)[0]?.replaceAll(/"[^"]*"/g, "") ?? "";
  const count = (separator: string): number => first.split(separator).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}
