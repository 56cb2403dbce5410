import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { Open } from "unzipper-esm";
import { UnreadableFile } from "./unreadable.ts";
import { REMEDY } from "./xml.ts";

/** Parts of one workbook. */
const MAX_PARTS = 10_000;
/** Of a local file header, without what varies (APPNOTE.TXT 4.3.7). */
const LOCAL_HEADER = 30;
const [STORED, DEFLATED] = [0, 8];

export interface ZipPart {
  /** Packed bytes. */
  readonly size: number;
  /** Unpacks it as it is read; `read` is told how many packed bytes have gone by. */
  chunks(read?: (bytes: number) => void): AsyncIterable<Buffer>;
}

/** The parts of a ZIP file by their paths, in small letters. Nothing is unpacked yet. */
export async function openZip(path: string): Promise<ReadonlyMap<string, ZipPart>> {
  const directory = await Open.file(path).catch((error: unknown) => {
    throw new UnreadableFile(
      `${path} looks like an Excel workbook and is damaged (${error instanceof Error ? error.message : error}). Get the file again, or: ${REMEDY}`,
    );
  });
  if (directory.files.length > MAX_PARTS)
    throw new UnreadableFile(`${path} has more than ${MAX_PARTS} parts: that is no workbook of people.`);
  return new Map(
    directory.files.map((file) => [
      file.path.replaceAll("\\", "/").replace(/^\//, "").toLowerCase(),
      {
        size: file.compressedSize,
        chunks: (read) => unpack(path, file, read),
      },
    ]),
  );
}

async function* unpack(
  path: string,
  {
    path: part,
    flags,
    compressionMethod: method,
    offsetToLocalFileHeader: header,
    compressedSize: size,
  }: {
    readonly path: string;
    readonly flags: number;
    readonly compressionMethod: number;
    readonly offsetToLocalFileHeader: number;
    readonly compressedSize: number;
  },
  read?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  if (flags & 1) throw new UnreadableFile(`${path} has a password. Save it without one.`);
  if (method !== STORED && method !== DEFLATED)
    throw new UnreadableFile(`${path} is packed in a way that Excel does not use. ${REMEDY}`);
  if (size === 0) return;
  const file = await open(path);
  const { buffer } = await file
    .read(Buffer.alloc(LOCAL_HEADER), 0, LOCAL_HEADER, header)
    .finally(() => file.close());
  // Name and extra field may be longer here than in the directory.
  const start = header + LOCAL_HEADER + buffer.readUInt16LE(26) + buffer.readUInt16LE(28);
  const packed = createReadStream(path, { start, end: start + size - 1 });
  // What goes wrong in either is thrown where the chunks are read.
  const chunks = method === STORED ? packed : pipeline(packed, createInflateRaw(), () => {});
  try {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      read?.(packed.bytesRead);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))
      throw new UnreadableFile(`${path} is damaged in ${part}: ${error.message}. ${REMEDY}`);
    throw error;
  } finally {
    chunks.destroy();
    packed.destroy();
  }
}
