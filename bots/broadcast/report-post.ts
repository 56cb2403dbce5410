import { createHash } from "node:crypto";
import type { KnownBlock } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { PRIORITY } from "#storage";
import { chartUrl } from "../picture-links.ts";
import { context, section } from "../staff/views.ts";
import type { Unit } from "../unit.ts";
import { postRef } from "./approval-post.ts";
import { type BroadcastReport, broadcastReport } from "./report.ts";
import { hasReportChart } from "./report-chart.ts";
import { arrived, breakdowns, reportLines, whenWords, wholeWords } from "./report-words.ts";
import { number } from "./words.ts";

/** Parts of a breakdown in Slack; the others stand in the console. */
const ROWS = 12;

/** Posts what became of a broadcast where it was approved. False: there is no such broadcast, or it was not sent. */
export async function postReport(unit: Unit, id: string): Promise<boolean> {
  const { deployment } = unit.app.content;
  const report = await broadcastReport(unit.tx, deployment, id, unit.now);
  if (!report?.startedAt) return false;
  await unit.send([
    {
      to: `slack:${deployment.slack.approvals}`,
      text: `Report: ${report.title}. ${wholeWords(report)}`,
      blocks: reportBlocks(unit, report),
      priority: PRIORITY.reply,
      kind: "broadcast_report",
      ref: postRef(id),
    },
  ]);
  return true;
}

function reportBlocks({ app }: Unit, report: BroadcastReport): readonly KnownBlock[] {
  const { deployment } = app.content;
  // Slack refuses a message whose picture it cannot fetch: without an address on the internet there is none.
  const reachable = app.config.sandbox || app.config.publicUrl?.startsWith("https://");
  const state = createHash("sha256").update(JSON.stringify(report.whole)).digest("hex").slice(0, 12);
  return [
    { type: "header", text: { type: "plain_text", text: `Report: ${report.title}`.slice(0, 150) } },
    section(`${wholeWords(report)}\n${whenWords(report, deployment)}`),
    ...(reachable && hasReportChart(report)
      ? [
          {
            type: "image" as const,
            image_url: chartUrl(app, "broadcast", report.id, state),
            alt_text: "Deliveries over time, and by channel and language; the same figures stand below.",
          },
        ]
      : []),
    section(reportLines(report).map(escapeMrkdwn).join("\n")),
    ...breakdowns(report, deployment).map(({ title, rows }) =>
      section(
        `*${title}*\n${rows
          .slice(0, ROWS)
          .map((row) => `${escapeMrkdwn(row.words)}: ${number(arrived(row))} of ${number(row.all)}`)
          .join("\n")}${rows.length > ROWS ? `\n… and ${rows.length - ROWS} more in the console` : ""}`,
      ),
    ),
    context(`\`saypro broadcast report ${report.id}\` has it as text, JSON, CSV and PDF.`),
  ];
}
