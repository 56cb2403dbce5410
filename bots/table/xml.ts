import { Parser } from "saxen";
import { UnreadableFile } from "./unreadable.ts";

/** Characters without a tag: a text that swells when it is unpacked must not fill the memory. */
const MAX_TEXT = 4_000_000;

/** Names are without their prefix: what a workbook's writer calls its namespaces is its own affair. */
export interface XmlTaker {
  /** Attributes stand as they are written, until they are decoded. */
  open?(
    name: string,
    attributes: () => Readonly<Record<string, string>>,
    decode: (text: string) => string,
  ): void;
  close?(name: string): void;
  text?(text: string): void;
}

/**
 * Reads XML as it comes; yields after each piece, so that what was taken can be handed on. Throws UnreadableFile,
 * which names the part, when it is broken.
 */
export async function* readXml(
  part: string,
  chunks: AsyncIterable<Buffer>,
  taker: XmlTaker,
): AsyncGenerator<void> {
  let silent = 0;
  let broken: Error | undefined;
  const parser = new Parser()
    .on("openTag", (name, attributes, decode) => {
      silent = 0;
      taker.open?.(local(name), attributes, decode);
    })
    .on("closeTag", (name) => taker.close?.(local(name)))
    .on("text", (text, decode) => taker.text?.(decode(text)))
    .on("cdata", (text) => taker.text?.(text))
    .on("error", (error) => {
      broken ??= error;
    });
  const decoder = new TextDecoder();
  const check = (): void => {
    if (broken) throw new UnreadableFile(`The workbook is damaged in ${part}: ${broken.message}. ${REMEDY}`);
    if (silent > MAX_TEXT)
      throw new UnreadableFile(`The workbook has a text of more than ${MAX_TEXT} characters in ${part}.`);
  };
  for await (const chunk of chunks) {
    silent += chunk.length;
    parser.write(decoder.decode(chunk, { stream: true }));
    check();
    yield;
  }
  parser.write(decoder.decode());
  broken ??= parser.end();
  check();
  yield;
}

/** The same for what is small: reads it to its end. */
export async function takeXml(part: string, chunks: AsyncIterable<Buffer>, taker: XmlTaker): Promise<void> {
  for await (const _piece of readXml(part, chunks, taker));
}

export const REMEDY = "Open it in Excel and save it again.";

const local = (name: string): string => name.slice(name.indexOf(":") + 1);
