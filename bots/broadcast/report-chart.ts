import type { Deployment } from "#templates";
import { COLOURS, escaped, pngOf } from "../picture.ts";
import type { BroadcastReport } from "./report.ts";
import { arrived, breakdowns, lasting } from "./report-words.ts";
import { number } from "./words.ts";

const WIDTH = 800;
const PLOT = { left: 70, top: 80, width: 700, height: 220 } as const;
const ROW = 28;
const LABEL = 230;
const BAR = 400;
const ROWS = 12;

/** Whether there is anything to draw. */
export const hasReportChart = ({ delivery }: BroadcastReport): boolean => delivery.curve.length > 0;

/** How deliveries rose over time, and what share of each channel and language has arrived. */
export const reportPng = (
  report: BroadcastReport,
  deployment: Pick<Deployment, "languages">,
): Promise<Uint8Array> => pngOf(reportSvg(report, deployment), WIDTH);

export function reportSvg(report: BroadcastReport, deployment: Pick<Deployment, "languages">): string {
  const { title, delivery, whole } = report;
  const { left, top, width, height } = PLOT;
  const last = delivery.curve.at(-1)?.seconds ?? 1;
  const x = (seconds: number): number => left + (width * seconds) / Math.max(last, 0.001);
  const y = (n: number): number => top + height - (height * n) / Math.max(whole.all, 1);
  const points = [{ seconds: 0, delivered: 0 }, ...delivery.curve]
    .map(({ seconds, delivered }) => `${x(seconds).toFixed(1)},${y(delivered).toFixed(1)}`)
    .join(" ");
  const text = (at: { x: number; y: number }, words: string, more = ""): string =>
    `<text x="${at.x}" y="${at.y}" fill="${COLOURS.ink}" font-size="14"${more}>${escaped(words)}</text>`;
  const quiet = (at: { x: number; y: number }, words: string, more = ""): string =>
    `<text x="${at.x}" y="${at.y}" fill="${COLOURS.quiet}" font-size="13"${more}>${escaped(words)}</text>`;
  const parts = [
    text(
      { x: 24, y: 34 },
      title.length > 62 ? `${title.slice(0, 61).toWellFormed()}…` : title,
      ' font-weight="bold"',
    ),
    quiet(
      { x: 24, y: 56 },
      `${number(arrived(whole))} of ${number(whole.all)} delivered; by the time since the start`,
    ),
    ...[0, 0.5, 1].map(
      (share) =>
        `<path d="M${left} ${y(share * whole.all)}H${left + width}" stroke="#d8e0e0"/>${quiet({ x: left - 8, y: y(share * whole.all) + 4 }, `${share * 100} %`, ' text-anchor="end"')}`,
    ),
    `<polyline points="${points}" fill="none" stroke="${COLOURS.bar}" stroke-width="3"/>`,
    quiet({ x: left, y: top + height + 20 }, "0"),
    quiet({ x: left + width, y: top + height + 20 }, lasting(last), ' text-anchor="end"'),
  ];
  let below = top + height + 30;
  for (const { title: heading, rows } of breakdowns(report, deployment).slice(0, 2)) {
    below += 34;
    parts.push(text({ x: 24, y: below }, heading, ' font-weight="bold"'));
    for (const row of rows.slice(0, ROWS)) {
      below += ROW;
      const share = row.all === 0 ? 0 : arrived(row) / row.all;
      parts.push(
        text({ x: LABEL - 12, y: below }, row.words.slice(0, 26), ' text-anchor="end"'),
        `<rect x="${LABEL}" y="${below - 14}" width="${BAR}" height="18" fill="#e6eded"/>`,
        `<rect x="${LABEL}" y="${below - 14}" width="${(share * BAR).toFixed(1)}" height="18" fill="${COLOURS.bar}"/>`,
        text({ x: LABEL + BAR + 12, y: below }, `${number(arrived(row))} of ${number(row.all)}`),
      );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${below + 24}" viewBox="0 0 ${WIDTH} ${below + 24}" font-family="DejaVu Sans"><rect width="100%" height="100%" fill="${COLOURS.paper}"/>${parts.join("")}</svg>`;
}
