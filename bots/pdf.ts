import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import PDFDocument from "pdfkit";

/** With the letters of every language of South Africa, which the fonts inside every PDF reader lack. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
export const MARGIN = 56;
export const INK = "#12302f";
export const QUIET = "#5a6b6b";
export const SIZES = { title: 20, heading: 13, text: 10, small: 8.5 } as const;

export type Doc = InstanceType<typeof PDFDocument>;
export type Structure = ReturnType<Doc["struct"]>;

/** A tagged document, A4, that is being written. */
export interface Writing {
  readonly doc: Doc;
  readonly root: Structure;
  readonly write: Write;
  /** Numbers the pages; gives the file. `foot`: words at the foot of each. */
  end(foot: string): Promise<Buffer>;
}

export function openPdf({ title, author, now }: { title: string; author: string; now: Date }): Writing {
  const doc = new PDFDocument({
    size: "A4",
    margin: MARGIN,
    bufferPages: true,
    pdfVersion: "1.7",
    tagged: true,
    lang: "en-ZA",
    displayTitle: true,
    info: { Title: title, Author: author, CreationDate: now },
  });
  const parts: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on("data", (part: Buffer) => parts.push(part));
    doc.on("end", () => resolve(Buffer.concat(parts)));
    doc.on("error", reject);
  });
  doc.registerFont("plain", join(FONTS, "DejaVuSans.ttf"));
  doc.registerFont("bold", join(FONTS, "DejaVuSans-Bold.ttf"));
  doc.registerFont("slanted", join(FONTS, "DejaVuSans-Oblique.ttf"));
  const root = doc.struct("Document");
  doc.addStructure(root);
  return {
    doc,
    root,
    write: writer(doc, root),
    end: (foot) => {
      root.end();
      numberPages(doc, foot);
      doc.end();
      return done;
    },
  };
}

interface Style {
  readonly font?: "plain" | "bold" | "slanted";
  readonly size?: number;
  readonly colour?: string;
  readonly above?: number;
  readonly indent?: number;
}

export type Write = (tag: "H1" | "H2" | "H3" | "P", text: string, style?: Style) => void;

const writer =
  (doc: Doc, root: Structure): Write =>
  (tag, text, { font = "plain", size = SIZES.text, colour = INK, above = 3, indent = 0 } = {}) => {
    doc.y += above;
    root.add(
      doc.struct(tag, {}, () => {
        doc
          .font(font)
          .fontSize(size)
          .fillColor(colour)
          .text(text, MARGIN + indent, doc.y, { width: widthOf(doc) - indent });
      }),
    );
  };

export const widthOf = (doc: Doc): number => doc.page.width - 2 * MARGIN;

/** As much of the words as fits, in the font of now. */
export function cut(doc: Doc, words: string, width: number): string {
  if (doc.widthOfString(words) <= width) return words;
  let shown = words;
  while (shown !== "" && doc.widthOfString(`${shown}…`) > width) shown = shown.slice(0, -1);
  return `${shown.toWellFormed()}…`;
}

/** Begins a page where so much would not fit any more. */
export function needs(doc: Doc, height: number): void {
  if (doc.y + Math.min(height, 400) > doc.page.height - MARGIN) doc.addPage();
}

function numberPages(doc: Doc, words: string): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    // Inside the margin, where text would begin a page of its own.
    const { bottom } = doc.page.margins;
    doc.page.margins.bottom = 0;
    doc.markContent("Artifact", { type: "Pagination" });
    doc
      .font("plain")
      .fontSize(SIZES.small)
      .fillColor(QUIET)
      .text(`${cut(doc, words, widthOf(doc) - 80)}   ${page + 1} / ${count}`, MARGIN, doc.page.height - 36, {
        lineBreak: false,
      });
    doc.endMarkedContent();
    doc.page.margins.bottom = bottom;
  }
}
