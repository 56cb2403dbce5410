import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import writeXlsx from "write-excel-file/node";
import { workbook } from "../consultation/export/workbook.ts";
import { csvLine } from "../csv.ts";
import { openTable, UnreadableFile } from "./index.ts";
import type { TableChoice } from "./open.ts";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saypro-table-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const written = async (content: string | Uint8Array): Promise<string> => {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, content);
  return path;
};

async function read(content: string | Uint8Array, choice: TableChoice = {}) {
  const table = await openTable(await written(content), choice);
  const rows: (readonly [number, ...string[]])[] = [];
  let read = 0;
  try {
    for await (const row of table.rows()) {
      rows.push([row.row, ...row.cells]);
      read = row.read;
    }
  } finally {
    await table.close();
  }
  expect(read).toBeLessThanOrEqual(table.size);
  return { rows, sheet: table.sheet };
}

interface Parts {
  readonly sheet?: string;
  readonly strings?: string;
  readonly formats?: string;
  readonly book?: string;
}

/** A workbook as Excel lays it out, with the sheet before its texts. */
function xlsx({ sheet = "", strings = "", formats = "", book = "" }: Parts): Uint8Array {
  const xml = (text: string): Uint8Array => strToU8(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return zipSync({
    "xl/worksheets/sheet1.xml": xml(`<worksheet><sheetData>${sheet}</sheetData></worksheet>`),
    "xl/workbook.xml": xml(
      `<workbook>${book}<sheets><sheet name="R&amp;D" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    "xl/_rels/workbook.xml.rels": xml(
      '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>',
    ),
    "xl/styles.xml": xml(
      `<styleSheet><numFmts>${formats}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
    ),
    "xl/sharedStrings.xml": xml(`<sst>${strings}</sst>`),
  });
}

const cell = async (xml: string, more: Parts = {}): Promise<string | undefined> => {
  const { rows } = await read(
    xlsx({ ...more, sheet: `<row r="1"><c r="A1" t="str"><v>x</v></c>${xml}</row>` }),
  );
  return rows[0]?.[2];
};

describe("cells of a workbook", () => {
  const formats =
    '<numFmt numFmtId="164" formatCode="[$-1C09]dd\\ mmmm\\ yyyy;@"/><numFmt numFmtId="165" formatCode="&quot;day &quot;0000000000"/>';
  it.each([
    ["a number in the exponent's form", '<c r="B1"><v>8.2712345600000001E+10</v></c>', "82712345600"],
    ["a number that lost its zero", '<c r="B1" s="3"><v>821234567</v></c>', "821234567"],
    ["a text that looks like a number", '<c r="B1" t="inlineStr"><is><t>082 123</t></is></c>', "082 123"],
    ["a broken number", '<c r="B1"><v>0.30000000000000004</v></c>', "0.30000000000000004"],
    ["a date", '<c r="B1" s="1"><v>46112</v></c>', "2026-03-31"],
    ["a date in a format of its own", '<c r="B1" s="2"><v>46112</v></c>', "2026-03-31"],
    ["a date with a time", '<c r="B1" s="1"><v>46112.604166666664</v></c>', "2026-03-31 14:30"],
    ["a time", '<c r="B1" s="1"><v>0.5</v></c>', "12:00"],
    ["a date after ISO 8601", '<c r="B1" t="d"><v>2026-03-31T00:00:00Z</v></c>', "2026-03-31"],
    ["a formula's value", '<c r="B1"><f>A1*2</f><v>27821234567</v></c>', "27821234567"],
    ["a formula's text", '<c r="B1" t="str"><f>A1&amp;""</f><v>Lebo &amp; co</v></c>', "Lebo & co"],
    ["a formula's empty text", '<c r="B1" t="str"><f>""</f><v></v></c>', undefined],
    ["a formula that was never calculated", '<c r="B1"><f>A1*2</f></c>', "#VALUE?"],
    ["a formula that failed", '<c r="B1" t="e"><v>#N/A</v></c>', "#N/A"],
    ["yes or no", '<c r="B1" t="b"><v>1</v></c>', "TRUE"],
    ["a shared text", '<c r="B1" t="s"><v>1</v></c>', "Žana Dlamini"],
    ["a shared text that is not there", '<c r="B1" t="s"><v>7</v></c>', undefined],
    ["an escaped character", '<c r="B1" t="str"><v>a_x000A_b</v></c>', "a\nb"],
    ["a cell that is only coloured", '<c r="B1" s="3"/>', undefined],
    ["a cell without its place", "<c><v>5</v></c>", "5"],
  ])("reads %s", async (_name, xml, text) => {
    const strings =
      '<si><t>first</t></si><si><r><t>Žana</t></r><r><t xml:space="preserve"> Dlamini</t></r><rPh><t>no</t></rPh></si>';
    expect(await cell(xml, { formats, strings })).toBe(text);
  });

  it("counts days from 1904 where the workbook does", async () => {
    expect(await cell('<c r="B1" s="1"><v>44650</v></c>', { book: '<workbookPr date1904="1"/>' })).toBe(
      "2026-03-31",
    );
  });

  it("keeps gaps between cells and passes over empty rows, naming rows as Excel does", async () => {
    const sheet =
      '<row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>3</v></c></row><row r="3"/><row r="9"><c r="B9"><v>2</v></c></row>';
    expect((await read(xlsx({ sheet }))).rows).toEqual([
      [2, "1", "", "3"],
      [9, "", "2"],
    ]);
  });
});

describe("sheets", () => {
  const people = [["Name", "Phone"].map((value) => ({ value })), [{ value: "A" }, { value: "1" }]];
  const other = [[{ value: "Notes" }]];
  const book = () =>
    writeXlsx([
      { sheet: "Read me", data: other },
      { sheet: "People", data: people },
    ] as never).toBuffer() as Promise<Buffer>;
  const fits = (cells: readonly string[]): boolean => cells.includes("Phone");

  it("takes the first that fits, the one that is named in any case, else the first with rows", async () => {
    const content = await book();
    expect((await read(content, { fits })).sheet).toBe("People");
    expect((await read(content, { sheet: "read ME", fits })).sheet).toBe("Read me");
    expect((await read(content, { fits: () => false })).sheet).toBe("Read me");
    expect((await read(xlsx({ sheet: "<row><c><v>1</v></c></row>" }))).sheet).toBe("R&D");
  });

  it("names those that there are when one is not", async () => {
    await expect(read(await book(), { sheet: "Voters" })).rejects.toThrow(/"Voters".*"Read me", "People"/);
    await expect(read("a,b\n", { sheet: "Voters" })).rejects.toThrow(/has no sheets/);
  });
});

describe("what is no table", () => {
  it.each([
    ["a binary workbook", zipSync({ "xl/workbook.bin": strToU8("x") }), /binary one \(\.xlsb\)/],
    ["LibreOffice's own", zipSync({ "content.xml": strToU8("x") }), /LibreOffice/],
    ["any ZIP file", zipSync({ "a.txt": strToU8("x") }), /no Excel workbook/],
    ["a cut-off workbook", xlsx({ sheet: "<row/>" }).subarray(0, 400), /damaged/],
    ["broken XML", xlsx({ sheet: "<row><c></row>" }), /damaged in sheet "R&D"/],
    ["an empty workbook", xlsx({}), /no rows in any sheet/],
    ["cells far to the right", xlsx({ sheet: '<row><c r="XFD1"><v>1</v></c></row>' }), /row 1: more than/],
    [
      "a text that swells",
      xlsx({ sheet: `<row><c t="inlineStr"><is><t>${"x".repeat(8_000_000)}</t></is></c></row>` }),
      /more than 4000000 characters/,
    ],
  ])("refuses %s", async (_name, content, words) => {
    const failure = await read(content).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnreadableFile);
    expect((failure as Error).message).toMatch(words);
  });
});

describe("CSV", () => {
  it.each([
    [
      "lines of all kinds",
      "a,b\r\n1,2\n3,4\r5,6",
      [
        [1, "a", "b"],
        [2, "1", "2"],
        [3, "3", "4"],
        [4, "5", "6"],
      ],
    ],
    [
      "blank lines",
      "a,b\n\n , \n1,2\n",
      [
        [1, "a", "b"],
        [4, "1", "2"],
      ],
    ],
    [
      "a row over two lines",
      'a\n"x\ny"\nz\n',
      [
        [1, "a"],
        [2, "x\ny"],
        [4, "z"],
      ],
    ],
    [
      "quotes inside a cell",
      'a,b\nthe "old" road,6" pipe\n',
      [
        [1, "a", "b"],
        [2, 'the "old" road', '6" pipe'],
      ],
    ],
    [
      "blanks around quotes",
      'a;b\n "x;y" ; 2\n',
      [
        [1, "a", "b"],
        [2, "x;y", "2"],
      ],
    ],
    [
      "rows of several lengths",
      "a,b\n1\n1,2,3\n",
      [
        [1, "a", "b"],
        [2, "1"],
        [3, "1", "2", "3"],
      ],
    ],
  ])("reads %s", async (_name, content, rows) => {
    expect((await read(content)).rows).toEqual(rows);
  });

  it("names the line of a quotation mark that swallows the file", async () => {
    await expect(read(`a\n1\n"${"x".repeat(70_000)}\n"\n`)).rejects.toThrow(/^Line 3: the row is longer/);
  });
});

const plain = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML and files of lines have no place for
  .filter((text) => text.trim() === text && !/[\x00-\x1f\x7f-\x9f\ufffe\uffff]|_x/u.test(text));
const grid = fc.array(fc.array(plain, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 150 });

it("reads what was written, the same from a workbook and from CSV", async () => {
  await fc.assert(
    fc.asyncProperty(grid, async (rows) => {
      const numbered = rows.map((cells, i) => [i + 1, ...cells]);
      const shared = [...new Set(rows.flat())];
      const inXml = (text: string): string =>
        text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      const byNumber = xlsx({
        strings: shared.map((text) => `<si><t>${inXml(text)}</t></si>`).join(""),
        sheet: rows
          .map(
            (row) =>
              `<row>${row.map((text) => `<c t="s"><v>${shared.indexOf(text)}</v></c>`).join("")}</row>`,
          )
          .join(""),
      });
      expect((await read(byNumber)).rows).toEqual(numbered);
      const inline: Uint8Array[] = [];
      const source = (async function* () {
        yield* rows;
      })();
      for await (const chunk of workbook({ people: source })) inline.push(chunk);
      expect((await read(Buffer.concat(inline))).rows).toEqual(numbered);
      const safe = rows.filter((cells) => !cells.some((text) => /^[\s\u00a0]*[=+\-@＝＋－＠]/.test(text)));
      if (safe.length === 0) return;
      const csv = `\ufeff${safe.map((cells) => csvLine(["x,y", ...cells])).join("")}`;
      expect((await read(csv)).rows).toEqual(safe.map((cells, i) => [i + 1, "x,y", ...cells]));
    }),
    { numRuns: 60 },
  );
});
