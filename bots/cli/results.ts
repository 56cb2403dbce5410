import { readFile, writeFile } from "node:fs/promises";
import { appendAudit } from "#storage";
import type { Content } from "#templates";
import { readConfig } from "../config.ts";
import {
  type AnalysedQuestion,
  CannotAnalyse,
  CannotRake,
  countLines,
  gatherReport,
  MarginsError,
  methodLines,
  opinionLines,
  percent,
  type Report,
  rangeOf,
  readMargins,
  reportJson,
  reportPdf,
  themeWords,
} from "../consultation/index.ts";
import { openContent, StartError } from "../open-app.ts";
import { withAnswers } from "./answers.ts";
import { requireId } from "./export.ts";
import { requireWritable } from "./output-file.ts";

export interface ResultsOptions {
  readonly margins?: string;
  readonly by?: string;
  readonly population?: string;
  readonly published?: boolean;
  readonly pdf?: string;
  readonly json?: boolean;
}

/** `saypro results ID`: how far the answers can be trusted, as text, JSON or PDF. */
export async function showResults(id: string, options: ResultsOptions): Promise<void> {
  requireId(id);
  const config = readConfig(process.env);
  const content = await openContent(config);
  const population = options.population === undefined ? undefined : Number(options.population);
  if (population !== undefined && !(Number.isInteger(population) && population > 0))
    throw new StartError(`--population ${options.population}: give a number of people, such as 48000.`);
  const csv = options.margins && (await readFile(options.margins, "utf8").catch(cannotRead(options.margins)));
  await requireWritable("--pdf", options.pdf);
  await withAnswers(config, async (reader) => {
    const report = await gatherReport(reader, id, {
      language: content.deployment.defaultLanguage,
      instruments: content.instruments.byId,
      spoken: content.deployment.languages.map(({ code }) => code),
      published: options.published ?? false,
      ...(csv && options.margins ? { margins: readMargins(csv, options.margins) } : {}),
      ...(options.by ? { by: options.by } : {}),
      ...(population ? { population } : {}),
    });
    if (!report) throw new StartError(`There is no consultation ${id}.`);
    await reader.db.transaction((tx) =>
      appendAudit(tx, {
        actor: "cli",
        action: "consultation.reported_on",
        subject: `consultation:${id}`,
        data: { published: options.published ?? false, pdf: options.pdf !== undefined },
      }),
    );
    if (options.pdf !== undefined) {
      await writeFile(options.pdf, await reportPdf(report, content.deployment, new Date()));
      process.stderr.write(`${options.pdf}\n`);
    } else
      process.stdout.write(
        options.json ? `${JSON.stringify(reportJson(report))}\n` : `${inText(report, content).join("\n")}\n`,
      );
  }).catch((error: unknown) => {
    if (error instanceof CannotRake || error instanceof CannotAnalyse || error instanceof MarginsError)
      throw new StartError(error.message);
    throw error;
  });
}

const cannotRead = (path: string) => (): never => {
  throw new StartError(`${path} cannot be read: check the name and that it is a file.`);
};

function inText(report: Report, { deployment }: Content): readonly string[] {
  return [
    report.consultation.title,
    ...countLines(report, deployment),
    "",
    ...report.analysis.questions.flatMap((question) => [
      ...questionLines(question),
      ...themeLines(report, question),
    ]),
    ...report.opinions.flatMap((opinions) => [...opinionLines(opinions, report.analysis.threshold ?? 0), ""]),
    ...methodLines(report),
  ];
}

function questionLines({ title, answered, choices, by }: AnalysedQuestion): readonly string[] {
  const width = Math.max(10, ...choices.map(({ label }) => label.length));
  return [
    `${title}  (${answered === null ? "too few answers to be shown" : answered})`,
    ...choices.map(({ label, n, plain, weighted: w }) =>
      n === null || !plain
        ? `  ${label.padEnd(width)}  not shown`
        : `  ${label.padEnd(width)}  ${String(n).padStart(6)}  ${percent(plain.share).padStart(5)} ${rangeOf(plain).padEnd(9)}${w ? `  weighted ${percent(w.share)} ${rangeOf(w)}` : ""}`,
    ),
    ...(by
      ? [
          `  ${"by".padEnd(width)}  ${by.columns.join(" | ")}`,
          ...by.rows.map(
            (row, r) =>
              `  ${row.padEnd(width)}  ${(by.table.cells[r] ?? []).map((n) => n ?? "·").join(" | ")}`,
          ),
        ]
      : []),
    "",
  ];
}

function themeLines({ themes }: Report, { id }: AnalysedQuestion): readonly string[] {
  return (themes[id]?.quoted ?? [])
    .slice(0, 10)
    .flatMap((theme) => [
      `  ${themeWords(theme)}`,
      ...theme.quotes.slice(0, 2).map((quote) => `      "${quote}"`),
    ]);
}
