import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Characters of one row: a quote that is never closed must not swallow the file. */
const MAX_ROW = 64_000;
/** Characters in which the separator is looked for. */
const HEAD = 64_000;

/** The file cannot be read as CSV; words that name the place and the remedy. */
export class UnreadableFile extends Error {}

export type Encoding = "utf-8" | "utf-16le" | "windows-1252";

export interface FileFacts {
  readonly encoding: Encoding;
  readonly bytes: number;
  /** SHA-256 of the content: the same file under another name is the same import. */
  readonly hash: string;
}

/** Reads the file once: how its text is encoded (Excel writes all three), its size and its hash. */
export async function examineFile(path: string): Promise<FileFacts> {
  const hash = createHash("sha256");
  const strict = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let start = Buffer.alloc(0);
  let encoding: Encoding = "utf-8";
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (bytes < 4) start = Buffer.concat([start, chunk.subarray(0, 4)]);
    bytes += chunk.length;
    hash.update(chunk);
    if (encoding === "utf-8" && !decodes(strict, chunk)) encoding = "windows-1252";
  }
  if (encoding === "utf-8" && !decodes(strict)) encoding = "windows-1252";
  const magic = start.toString("latin1");
  if (magic.startsWith("PK\x03\x04") || magic.startsWith("\xD0\xCF\x11\xE0"))
    throw new UnreadableFile(
      `${path} is an Excel workbook, whatever its name ends in. In Excel: Save As, "CSV UTF-8", and import that file.`,
    );
  if (bytes === 0) throw new UnreadableFile(`${path} is empty.`);
  return { encoding: magic.startsWith("\xFF\xFE") ? "utf-16le" : encoding, bytes, hash: hash.digest("hex") };
}

function decodes(decoder: TextDecoder, chunk?: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Bytes of the file read so far. */
  readonly bytes: number;
}

/** The rows of a CSV file one by one, without those that are empty; separated by comma, semicolon or tab. */
export async function* readCsv(path: string, encoding: Encoding): AsyncGenerator<CsvRow> {
  const decoder = new TextDecoder(encoding);
  let separator: string | undefined;
  let waiting = "";
  let bytes = 0;
  let line = 1;
  let begin = 1;
  let cells: string[] = [];
  let cell = "";
  let length = 0;
  // plain; inside quotes; after a quote inside quotes, which may be the first of two
  let state: "plain" | "quoted" | "quote" = "plain";

  const closeRow = (): CsvRow | undefined => {
    const row = { line: begin, cells: [...cells, cell], bytes };
    cells = [];
    cell = "";
    length = 0;
    state = "plain";
    begin = line;
    return row.cells.some((value) => value.trim() !== "") ? row : undefined;
  };
  function* take(text: string): Generator<CsvRow> {
    for (const character of text) {
      if (++length > MAX_ROW)
        throw new UnreadableFile(
          `Line ${begin}: the row is longer than ${MAX_ROW} characters; is a quotation mark (") not closed there?`,
        );
      if (state === "quoted") {
        if (character === '"') state = "quote";
        else cell += character;
        if (character === "\n") line++;
      } else if (character === '"' && state === "quote") {
        cell += '"';
        state = "quoted";
      } else if (character === '"' && cell === "") state = "quoted";
      else if (character === separator) {
        cells.push(cell);
        cell = "";
        state = "plain";
      } else if (character === "\n") {
        line++;
        const row = closeRow();
        if (row) yield row;
      } else if (character !== "\r") cell += character;
    }
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const text = decoder.decode(chunk, { stream: true });
    if (separator === undefined) {
      waiting += text;
      if (!waiting.includes("\n") && waiting.length < HEAD) continue;
      separator = separatorOf(waiting);
      yield* take(waiting);
      waiting = "";
    } else yield* take(text);
  }
  separator ??= separatorOf(waiting);
  yield* take(waiting + decoder.decode());
  if ((state as string) === "quoted")
    throw new UnreadableFile(`Line ${begin}: a quotation mark (") is opened and not closed.`);
  const last = closeRow();
  if (last) yield last;
}

/** The one of the three that the first line has most of. */
function separatorOf(text: string): string {
  const first = text.split("\n", 1)[0]?.replaceAll(/"[^"]*"/g, "") ?? "";
  const count = (separator: string): number => first.split(separator).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}
