import { COLOURS, escaped, pngOf } from "../picture.ts";
import { percent } from "./report/words.ts";
import type { ConsultationResults, QuestionResult } from "./results.ts";

/** Questions in one picture: it is looked at on a phone. */
const QUESTIONS = 4;
const CHOICES = 8;
const WIDTH = 800;
const LEFT = 250;
const BAR = 400;
const ROW = 30;

/** The results as PNG: the first questions with choices, each share with its interval. */
export const chartPng = (results: ConsultationResults): Promise<Uint8Array> =>
  pngOf(chartSvg(results), WIDTH);

/** Whether there is anything to draw. */
export const hasChart = ({ questions }: ConsultationResults): boolean => drawn(questions).length > 0;

const drawn = (questions: readonly QuestionResult[]): readonly QuestionResult[] =>
  questions.filter(({ counts, answered }) => counts.length > 0 && answered > 0).slice(0, QUESTIONS);

export function chartSvg({ title, completed, withheld, questions }: ConsultationResults): string {
  const parts: string[] = [];
  let y = 0;
  /** One line of words, so far below the one before. */
  const text = (below: number, x: number, words: string, style: Style = {}): void => {
    y += below;
    const { size = 15, bold, end, colour = COLOURS.ink } = style;
    parts.push(
      `<text x="${x}" y="${y}" fill="${colour}" font-size="${size}"${bold ? ' font-weight="bold"' : ""}${end ? ' text-anchor="end"' : ""}>${escaped(words)}</text>`,
    );
  };
  text(36, 24, cut(title, 62), { size: 20, bold: true });
  text(24, 24, `${completed - withheld} people finished. Lines: 95 % intervals.`, { colour: COLOURS.quiet });
  for (const { title: question, counts, answered } of drawn(questions)) {
    text(40, 24, cut(question, 80), { bold: true });
    for (const { label, n, low, high } of counts.slice(0, CHOICES)) {
      const share = n / answered;
      text(ROW, LEFT - 12, cut(label, 28), { end: true });
      parts.push(
        `<rect x="${LEFT}" y="${y - 14}" width="${(share * BAR).toFixed(1)}" height="18" fill="${COLOURS.bar}"/>`,
        `<path d="M${(LEFT + low * BAR).toFixed(1)} ${y - 5}H${(LEFT + high * BAR).toFixed(1)}" stroke="${COLOURS.ink}" stroke-width="2"/>`,
      );
      text(0, LEFT + BAR + 14, `${n}  ${percent(share)}`);
    }
    if (counts.length > CHOICES) text(ROW, LEFT, `and ${counts.length - CHOICES} more`);
  }
  const height = y + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans"><rect width="100%" height="100%" fill="${COLOURS.paper}"/>${parts.join("")}</svg>`;
}

interface Style {
  readonly size?: number;
  readonly bold?: boolean;
  /** The words end at x. */
  readonly end?: boolean;
  readonly colour?: string;
}

const cut = (words: string, most: number): string =>
  words.length > most ? `${words.slice(0, most - 1).toWellFormed()}…` : words;
