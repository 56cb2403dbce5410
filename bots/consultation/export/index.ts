import { createHmac, randomBytes } from "node:crypto";
import { receiptOf } from "#flows";
import { type Consultation, findConsultation, findFlowVersion, isSkipped, type Response } from "#storage";
import { BYTE_ORDER_MARK, type Cell, csvLine } from "../../csv.ts";
import { choicesOf, type Question, questionsOf } from "../questions.ts";
import { type Reader, responsesOf } from "../responses.ts";
import { codeOf, columnsOf, labelOf } from "./columns.ts";
import { flowResultsPackage, flowResultsRows } from "./flow-results.ts";
import { workbook } from "./workbook.ts";

/**
 * `csv`: a row a response. `long`: a row an answer. `xlsx`: both and the codebook, as sheets. `jsonl`: a response a
 * line. `codebook`: what the columns mean.
 */
export const EXPORT_FORMATS = ["csv", "long", "xlsx", "jsonl", "flowresults", "codebook"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportFile {
  readonly name: string;
  readonly content: AsyncIterable<string | Uint8Array>;
}

interface Source {
  readonly consultation: Consultation;
  readonly responses: () => AsyncIterable<Response>;
  readonly questions: readonly Question[];
  readonly languages: readonly string[];
  readonly language: string;
  /** Of an anonymous response there is none. */
  readonly respondent: (response: Response) => string;
}

/**
 * The files of one export; Flow Results has two. Labels are in `language`. Nobody's address or contact id is in them:
 * `respondent` is the same for one person within an export and different in the next. Undefined: no such consultation.
 */
export async function exportConsultation(
  reader: Reader,
  id: string,
  format: ExportFormat,
  { language, now }: { readonly language: string; readonly now: Date },
): Promise<readonly ExportFile[] | undefined> {
  const { db } = reader;
  const consultation = await findConsultation(db, id);
  if (!consultation) return undefined;
  const flow = (await findFlowVersion(db, consultation.flow, consultation.flowVersion)) ?? {};
  const salt = randomBytes(32);
  const of: Source = {
    consultation,
    responses: () => responsesOf(reader, consultation, flow),
    ...(await questionsOf(db, consultation)),
    language,
    respondent: ({ contact, session }) =>
      createHmac("sha256", salt)
        .update(contact ?? session)
        .digest("hex")
        .slice(0, 32),
  };
  switch (format) {
    case "csv":
      return [{ name: `${id}.csv`, content: csv(wide(of)) }];
    case "long":
      return [{ name: `${id}-long.csv`, content: csv(long(of)) }];
    case "xlsx":
      return [
        {
          name: `${id}.xlsx`,
          content: workbook({ Responses: wide(of), Answers: long(of), Codebook: codebook(of) }),
        },
      ];
    case "jsonl":
      return [{ name: `${id}.jsonl`, content: lines(of) }];
    case "codebook":
      return [{ name: `${id}-codebook.csv`, content: csv(codebook(of)) }];
    case "flowresults": {
      const file = "responses.json";
      const described = flowResultsPackage(consultation, of.questions, { language, file, modified: now });
      return [
        { name: "datapackage.json", content: whole(`${JSON.stringify(described, null, 2)}\n`) },
        { name: file, content: resultRows(of) },
      ];
    }
  }
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}

type Table = AsyncGenerator<readonly Cell[]>;

async function* csv(table: Table): AsyncGenerator<string> {
  let mark = BYTE_ORDER_MARK;
  for await (const cells of table) {
    yield mark + csvLine(cells);
    mark = "";
  }
}

const HEAD = [
  "response",
  "receipt",
  "respondent",
  "channel",
  "language",
  "status",
  "counted",
  "late",
  "started_at",
  "ended_at",
];
const headOf = (r: Response, { respondent }: Source) => [
  r.session,
  r.contact === null ? null : receiptOf(r.session),
  respondent(r),
  r.channel,
  r.language,
  r.status,
  r.counted,
  r.late,
  r.startedAt,
  r.endedAt,
];

async function* wide(of: Source): Table {
  const columns = of.questions.map((q) => ({ id: q.id, columns: columnsOf(q, of.language) }));
  yield [...HEAD, ...columns.flatMap((q) => q.columns.map((c) => c.name))];
  for await (const response of of.responses()) {
    const given = new Map(response.answers.map((a) => [a.question, a.value]));
    const cells = columns.flatMap((q) => {
      const value = given.get(q.id);
      return q.columns.map((c) => (value === undefined ? null : c.cell(value)));
    });
    yield [...headOf(response, of), ...cells];
  }
}

async function* long(of: Source): Table {
  const asked = new Map(of.questions.map((q) => [q.id, q.ask]));
  yield [...HEAD, "question", "code", "label", "skipped", "said", "answer_language", "answered_at"];
  for await (const response of of.responses()) {
    const head = headOf(response, of);
    for (const { question, value, said, language, at } of response.answers) {
      const ask = asked.get(question);
      const code = isSkipped(value) ? null : codeOf(value);
      const label = ask ? labelOf(ask, value, of.language) : null;
      yield [...head, question, code, label, isSkipped(value), said, language, at];
    }
  }
}

async function* lines(of: Source): AsyncGenerator<string> {
  for await (const kept of of.responses()) {
    const { session, contact: _contact, at: _at, ...response } = kept;
    yield `${JSON.stringify({ response: session, respondent: of.respondent(kept), ...response })}\n`;
  }
}

async function* resultRows(of: Source): AsyncGenerator<string> {
  let before = "[\n";
  const since = of.consultation.openedAt ?? new Date(0).toISOString();
  for await (const response of of.responses())
    for (const row of flowResultsRows(response, of.respondent(response), since)) {
      yield before + JSON.stringify(row);
      before = ",\n";
    }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

/** A line a question and a line a choice, with the words of every language. */
async function* codebook({ questions, languages }: Source): Table {
  yield ["question", "type", "optional", "code", ...languages.map((language) => `label:${language}`)];
  for (const { id, ask } of questions) {
    const texts = languages.map((language) => ask.text[language]);
    yield [id, ask.answer.type, ask.optional ?? false, null, ...texts];
    for (const choice of choicesOf(ask))
      yield [id, null, null, choice.id, ...languages.map((language) => choice.label[language])];
  }
}
