import { receiptOf } from "#flows";
import {
  findConsultation,
  findFlowVersion,
  isSkipped,
  listActsOn,
  listNotices,
  listRegister,
  type Response,
} from "#storage";
import type { Content } from "#templates";
import { BYTE_ORDER_MARK, type Cell, csvLine } from "../../csv.ts";
import { type ExportFile, exportConsultation } from "../export/index.ts";
import { questionsOf } from "../questions.ts";
import { gatherReport } from "../report/gather.ts";
import { reportPdf } from "../report/pdf.ts";
import { type Reader, responsesOf } from "../responses.ts";

type Table = AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>;

/**
 * What council and the auditors ask for, as files: the report, the notices with their proof, every comment under its
 * receipt number, the register of answers to them, every act of staff. For them, and not for everybody: comments are as
 * they were written. Undefined: no such consultation.
 */
export async function evidencePack(
  reader: Reader,
  id: string,
  { deployment, instruments }: Pick<Content, "deployment" | "instruments">,
  now: Date,
): Promise<readonly ExportFile[] | undefined> {
  const { db } = reader;
  const consultation = await findConsultation(db, id);
  const flow = consultation && (await findFlowVersion(db, consultation.flow, consultation.flowVersion));
  const language = deployment.defaultLanguage;
  const report = await gatherReport(reader, id, {
    language,
    instruments: instruments.byId,
    spoken: deployment.languages.map(({ code }) => code),
  });
  if (!consultation || !flow || !report) return undefined;
  const codebook = await exportConsultation(reader, id, "codebook", { language, now });
  const { questions } = await questionsOf(db, consultation);
  const open = new Map(questions.filter(({ ask }) => ask.answer.type === "text").map((q) => [q.id, q.ask]));
  return [
    { name: "report.pdf", content: once(await reportPdf(report, deployment, now)) },
    file("notices.csv", [
      ["published_on", "medium", "details", "proof", "recorded_by", "recorded_at"],
      ...(await listNotices(db, id)).map((n) => [
        n.publishedOn,
        n.medium,
        n.details,
        n.proof,
        n.recordedBy,
        n.recordedAt,
      ]),
    ]),
    file("comments.csv", comments(responsesOf(reader, consultation, flow), new Set(open.keys()))),
    file("register.csv", [
      ["asked", "decision", "reason", "owner", "recorded_by", "recorded_at"],
      ...(await listRegister(db, id)).map((e) => [
        e.asked,
        e.decision,
        e.reason,
        e.owner,
        e.recordedBy,
        e.recordedAt,
      ]),
    ]),
    file("acts.csv", [
      ["at", "actor", "act", "details"],
      ...(await listActsOn(db, `consultation:${id}`)).map(({ at, actor, action, data }) => [
        at,
        actor,
        action,
        JSON.stringify(data),
      ]),
    ]),
    ...(codebook ?? []).map((each) => ({ ...each, name: "codebook.csv" })),
  ];
}

async function* comments(
  responses: AsyncIterable<Response>,
  open: ReadonlySet<string>,
): AsyncGenerator<readonly Cell[]> {
  yield ["receipt", "question", "comment", "language", "channel", "finished_at", "late", "counted"];
  for await (const { session, contact, status, answers, channel, endedAt, late, counted } of responses) {
    if (status !== "completed") continue;
    const receipt = contact === null ? null : receiptOf(session);
    for (const { question, value, language } of answers)
      if (open.has(question) && !isSkipped(value) && typeof value === "string")
        yield [receipt, question, value, language, channel, endedAt, late, counted];
  }
}

const file = (name: string, table: Table): ExportFile => ({ name, content: csv(table) });

async function* csv(table: Table): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK;
  for await (const cells of table) yield csvLine(cells);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
