import { strToU8, Zip, ZipDeflate, ZipPassThrough } from "fflate";
import type { Cell } from "../../csv.ts";

/** A sheet has no more (Microsoft, "Excel specifications and limits"): what is over goes on in another. */
const MAX_ROWS = 1_048_576;
const MAX_TEXT = 32_767;
/** Characters of a sheet's name. */
const MAX_NAME = 31;
/** XML has no place for these. */
const UNWRITABLE = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu;
/** What a reader of ST_Xstring (ECMA-376 part 1, 22.9.2.19) would take for one character. */
const ESCAPE = /_(?=x[0-9a-f]{4}_)/gi;
/** Characters that are compressed together. */
const CHUNK = 64 * 1024;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/**
 * An Excel workbook of these tables (ECMA-376 part 1, SpreadsheetML), written as it is read: memory does not grow with
 * the rows. Texts are written as texts, none of them is a formula. The first row stays in sight.
 */
export async function* workbook(
  tables: Readonly<Record<string, AsyncIterable<readonly Cell[]>>>,
  maxRows = MAX_ROWS,
): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, data) => {
    if (error) throw error;
    ready.push(data);
  });
  const names: string[] = [];
  for (const [name, table] of Object.entries(tables)) {
    const rows = table[Symbol.asyncIterator]();
    const first = await rows.next();
    const head = first.done ? [] : first.value;
    let part = 0;
    for (let more = true; more; part++) {
      names.push(part === 0 ? name : `${name} ${part + 1}`);
      const sheet = new ZipDeflate(`xl/worksheets/sheet${names.length}.xml`, { level: 6 });
      zip.add(sheet);
      let text = `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${rowOf(head, 1)}`;
      more = false;
      for (let written = 1; ; written++) {
        if (written >= maxRows) {
          more = true;
          break;
        }
        const next = await rows.next();
        if (next.done) break;
        text += rowOf(next.value, written + 1);
        if (text.length < CHUNK) continue;
        sheet.push(strToU8(text));
        text = "";
        yield* ready;
        ready = [];
      }
      sheet.push(strToU8(`${text}</sheetData></worksheet>`), true);
    }
  }
  for (const [path, xml] of Object.entries(frame(names))) {
    const file = new ZipPassThrough(path);
    zip.add(file);
    file.push(strToU8(HEAD + xml), true);
  }
  zip.end();
  yield* ready;
}

/** The first is bold. Every cell names its place: those that are empty are left out. */
function rowOf(cells: readonly Cell[], row: number): string {
  const style = row === 1 ? ' s="1"' : "";
  let xml = `<row r="${row}">`;
  for (const [i, cell] of cells.entries())
    if (cell !== null && cell !== undefined && cell !== "")
      xml += cellOf(cell, ` r="${column(i)}${row}"${style}`);
  return `${xml}</row>`;
}

function cellOf(cell: string | number | boolean, where: string): string {
  if (typeof cell === "number" && Number.isFinite(cell)) return `<c${where}><v>${cell}</v></c>`;
  if (typeof cell === "boolean") return `<c${where} t="b"><v>${Number(cell)}</v></c>`;
  const text = String(cell).replace(UNWRITABLE, "").toWellFormed().slice(0, MAX_TEXT).toWellFormed();
  return `<c${where} t="inlineStr"><is><t xml:space="preserve">${escaped(text.replace(ESCAPE, "_x005F_"))}</t></is></c>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function column(i: number): string {
  return i < 26 ? String.fromCharCode(65 + i) : column(Math.floor(i / 26) - 1) + column(i % 26);
}

/** Everything that says which sheets there are. */
function frame(names: readonly string[]): Readonly<Record<string, string>> {
  const each = (of: (name: string, n: number) => string): string =>
    names.map((name, i) => of(escaped(name.slice(0, MAX_NAME)), i + 1)).join("");
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return {
    "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${each((_, n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${type}.worksheet+xml"/>`)}</Types>`,
    "_rels/.rels": `<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${each((name, n) => `<sheet name="${name}" sheetId="${n}" r:id="rId${n}"/>`)}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${RELATIONS}">${each((_, n) => `<Relationship Id="rId${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`)}<Relationship Id="rId${names.length + 1}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
  };
}
