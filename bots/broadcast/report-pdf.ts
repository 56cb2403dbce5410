import type { Deployment } from "#templates";
import { INK, MARGIN, needs, openPdf, QUIET, SIZES, widthOf } from "../pdf.ts";
import type { BroadcastReport } from "./report.ts";
import { hasReportChart, reportPng } from "./report-chart.ts";
import { arrived, breakdowns, reportLines, whenWords, wholeWords } from "./report-words.ts";
import { number } from "./words.ts";

const CHART_HEIGHT = 260;
const ROW = 15;
const COLUMNS = [
  { title: "messages", width: 80 },
  { title: "delivered", width: 80 },
  { title: "failed", width: 70 },
  { title: "STOP", width: 60 },
] as const;

/** The report as a tagged PDF, A4. For staff: small counts are shown. */
export async function broadcastReportPdf(
  report: BroadcastReport,
  deployment: Pick<Deployment, "municipality" | "timezone" | "languages">,
  now: Date,
): Promise<Buffer> {
  const { title } = report;
  const { doc, root, write, end } = openPdf({ title, author: deployment.municipality, now });
  write("H1", title, { font: "bold", size: SIZES.title });
  write("P", `${deployment.municipality}. ${whenWords(report, deployment)}`, { colour: QUIET });
  write("P", wholeWords(report), { font: "bold" });
  for (const line of reportLines(report)) write("P", line);
  if (hasReportChart(report)) {
    const picture = Buffer.from(await reportPng(report, deployment));
    needs(doc, CHART_HEIGHT);
    root.add(
      doc.struct(
        "Figure",
        { alt: "Deliveries over time, and by channel and language; the same figures stand below." },
        () => {
          doc.image(picture, MARGIN, doc.y + 6, { fit: [widthOf(doc), CHART_HEIGHT] });
        },
      ),
    );
    doc.y += CHART_HEIGHT + 12;
  }
  for (const { title: heading, rows } of breakdowns(report, deployment)) {
    needs(doc, 60);
    write("H2", heading, { font: "bold", size: SIZES.heading, above: 14 });
    line(["", ...COLUMNS.map((column) => column.title)], QUIET);
    for (const row of rows) {
      needs(doc, ROW);
      line([row.words, ...[row.all, arrived(row), row.failed, row.opted_out].map(number)], INK);
    }
  }
  write(
    "P",
    `For staff: small counts are shown. Counted ${report.countedAt.slice(0, 16).replace("T", " ")} UTC.`,
    {
      size: SIZES.small,
      colour: QUIET,
      above: 14,
    },
  );
  return end(`${title}, ${now.toISOString().slice(0, 10)}`);

  function line(cells: readonly string[], colour: string): void {
    const y = doc.y + 2;
    const all = COLUMNS.reduce((sum, { width }) => sum + width, 0);
    const first = widthOf(doc) - all;
    root.add(
      doc.struct("P", {}, () => {
        doc.font("plain").fontSize(SIZES.small).fillColor(colour);
        let x = MARGIN;
        for (const [i, cell] of cells.entries()) {
          const width = i === 0 ? first : (COLUMNS[i - 1]?.width ?? 0);
          doc.text(cell, x, y, { width, align: i === 0 ? "left" : "right", lineBreak: false });
          x += width;
        }
      }),
    );
    doc.x = MARGIN;
    doc.y = y + ROW - 2;
  }
}
