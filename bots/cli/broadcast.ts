import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { appendAudit, listSentBroadcasts } from "#storage";
import {
  breakdowns,
  broadcastReport,
  broadcastReportPdf,
  recipientsCsv,
  reportLines,
  whenWords,
  wholeWords,
} from "../broadcast/index.ts";
import { readConfig } from "../config.ts";
import { openContent, StartError } from "../open-app.ts";
import { withAnswers } from "./answers.ts";
import { requireId } from "./export.ts";
import { requireWritable } from "./output-file.ts";

const LISTED = 50;

/** `saypro broadcast list`: those that were sent, the newest first, with what became of them. */
export async function listBroadcasts({ json }: { readonly json?: boolean }): Promise<void> {
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  await withAnswers(config, async ({ db }) => {
    const now = new Date();
    for (const { id } of await listSentBroadcasts(db, LISTED)) {
      const report = await broadcastReport(db, deployment, id, now);
      if (!report) continue;
      process.stdout.write(
        json
          ? `${JSON.stringify(report)}\n`
          : `${id}  ${report.startedAt?.slice(0, 16).replace("T", " ")}  ${report.title}\n  ${wholeWords(report)}\n`,
      );
    }
  });
}

interface ReportOptions {
  readonly json?: boolean;
  readonly csv?: string;
  readonly pdf?: string;
}

/** `saypro broadcast report ID`: what became of it, as text, JSON or PDF; with `--csv` every recipient. */
export async function showBroadcastReport(id: string, { json, csv, pdf }: ReportOptions): Promise<void> {
  requireId(id, "broadcast");
  await requireWritable("--csv", csv);
  await requireWritable("--pdf", pdf);
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  await withAnswers(config, async ({ db }) => {
    const report = await broadcastReport(db, deployment, id, new Date());
    if (!report) throw new StartError(`There is no broadcast ${id}: saypro broadcast list shows them.`);
    if (csv !== undefined) {
      await db.transaction((tx) =>
        appendAudit(tx, {
          actor: "cli",
          action: "broadcast.recipients_exported",
          subject: `broadcast:${id}`,
        }),
      );
      await pipeline(Readable.from(recipientsCsv(db, id)), createWriteStream(csv));
      process.stderr.write(`${csv}\n`);
    }
    if (pdf !== undefined) {
      await writeFile(pdf, await broadcastReportPdf(report, deployment, new Date()));
      process.stderr.write(`${pdf}\n`);
    }
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else if (csv === undefined && pdf === undefined) {
      const parts = breakdowns(report, deployment).flatMap(({ title, rows }) => [
        "",
        title,
        ...rows.map((row) => {
          const counts = [row.all, row.delivered + row.read, row.failed, row.opted_out];
          return `  ${row.words.padEnd(24)} ${counts.map((n) => String(n).padStart(10)).join("")}`;
        }),
      ]);
      const head = `  ${"".padEnd(24)} ${["all", "delivered", "failed", "STOP"].map((word) => word.padStart(10)).join("")}`;
      process.stdout.write(
        `${[report.title, whenWords(report, deployment), wholeWords(report), ...reportLines(report), "", head, ...parts].join("\n")}\n`,
      );
    }
  });
}
