import type { Deployment } from "#templates";
import {
  cut,
  type Doc,
  INK,
  MARGIN,
  needs,
  openPdf,
  QUIET,
  SIZES,
  type Structure,
  type Write,
  widthOf,
} from "../../pdf.ts";
import type { AnalysedChoice, AnalysedQuestion, Crossed } from "../analysis.ts";
import type { Report } from "./gather.ts";
import { opinionLines } from "./opinions.ts";
import { countLines, methodLines, percent, rangeOf, themeWords } from "./words.ts";

const BAR = "#0e7c7b";
const BAR_WEIGHTED = "#c77700";
const LABEL_WIDTH = 170;
const ROW = 15;

/** The report as a tagged PDF, A4. */
export function reportPdf(
  report: Report,
  deployment: Pick<Deployment, "municipality" | "timezone" | "languages" | "costs">,
  now: Date,
): Promise<Buffer> {
  const { title } = report.consultation;
  const { doc, root, write, end } = openPdf({ title, author: deployment.municipality, now });
  write("H1", title, { font: "bold", size: SIZES.title });
  write("P", deployment.municipality, { colour: QUIET });
  for (const line of countLines(report, deployment)) write("P", line);
  for (const question of report.analysis.questions) writeQuestion(doc, root, write, report, question);
  for (const opinions of report.opinions) {
    write("H2", "Opinions", { font: "bold", size: SIZES.heading, above: 14 });
    for (const line of opinionLines(opinions, report.analysis.threshold ?? 0))
      write("P", line.trim(), { indent: line.startsWith(" ") ? 12 : 0 });
  }
  write("H2", "How this was done", { font: "bold", size: SIZES.heading, above: 14 });
  for (const line of methodLines(report)) write("P", line, { size: SIZES.small });
  return end(`${title}, ${now.toISOString().slice(0, 10)}`);
}

function writeQuestion(
  doc: Doc,
  root: Structure,
  write: Write,
  report: Report,
  question: AnalysedQuestion,
): void {
  const { title, answered, choices, several, by } = question;
  needs(doc, 60 + choices.length * ROW);
  write("H2", title, { font: "bold", size: SIZES.heading, above: 14 });
  const base = answered === null ? "Too few answers to be shown." : `${answered} people answered.`;
  write("P", several ? `${base} More than one could be chosen.` : base, { colour: QUIET, size: SIZES.small });
  if (answered !== null && choices.length > 0) {
    doc.y += 4;
    for (const choice of choices) {
      needs(doc, ROW);
      root.add(doc.struct("Figure", { alt: altOf(choice) }, () => drawChoice(doc, choice)));
    }
    if (choices.some(({ weighted }) => weighted !== null))
      write("P", "Upper bar: as answered. Lower bar: weighted to the population. Lines: 95 % intervals.", {
        size: SIZES.small,
        colour: QUIET,
      });
  }
  if (by) writeTable(write, by);
  const open = report.themes[question.id];
  if (!open) return;
  if (open.quoted.length === 0)
    write("P", "No answers are quoted here: too few people allowed it.", {
      size: SIZES.small,
      colour: QUIET,
    });
  for (const theme of open.quoted.slice(0, 8)) {
    const { size, quotes } = theme;
    needs(doc, 50);
    write("H3", themeWords(theme), {
      font: "bold",
      above: 8,
    });
    for (const quote of quotes.slice(0, size > 2 ? 3 : 1))
      write("P", `“${quote.slice(0, 400)}”`, { font: "slanted", indent: 12 });
  }
}

const altOf = ({ label, n, plain }: AnalysedChoice): string =>
  n === null || !plain ? `${label}: not shown` : `${label}: ${n}, ${percent(plain.share)}`;

function drawChoice(doc: Doc, { label, n, plain, weighted }: AnalysedChoice): void {
  const top = doc.y;
  const left = MARGIN + LABEL_WIDTH;
  const full = widthOf(doc) - LABEL_WIDTH - 130;
  doc.font("plain").fontSize(SIZES.small).fillColor(INK);
  doc.text(cut(doc, label, LABEL_WIDTH - 8), MARGIN, top + 2, { lineBreak: false });
  const bars = [
    ...(plain ? [{ of: plain, colour: BAR }] : []),
    ...(weighted ? [{ of: weighted, colour: BAR_WEIGHTED }] : []),
  ];
  const height = bars.length > 1 ? 5 : 9;
  for (const [i, { of, colour }] of bars.entries()) {
    const y = top + 2 + i * (height + 1);
    doc.rect(left, y, Math.max(0.5, of.share * full), height).fill(colour);
    const middle = y + height / 2;
    doc.lineWidth(0.7).strokeColor(INK);
    doc
      .moveTo(left + of.low * full, middle)
      .lineTo(left + of.high * full, middle)
      .stroke();
  }
  const words =
    n === null || !plain
      ? "not shown: too few"
      : `${n}  ${percent(plain.share)} ${rangeOf(plain)}${weighted ? `  w ${percent(weighted.share)}` : ""}`;
  doc.fillColor(INK).text(words, left + full + 6, top + 2, { width: 130, lineBreak: false });
  doc.x = MARGIN;
  doc.y = top + ROW;
}

function writeTable(write: Write, { columns, rows, table }: Crossed): void {
  const shown = (n: number | null): string => (n === null ? "·" : String(n));
  write("P", `By ${columns.join(", ")}:`, { size: SIZES.small, colour: QUIET });
  for (const [r, row] of rows.entries())
    write("P", `${row}: ${(table.cells[r] ?? []).map(shown).join("  ")}`, { size: SIZES.small, above: 1 });
}
