import { createHash } from "node:crypto";
import type { AnswerValue, Ask } from "#flows";
import { type Consultation, isSkipped, type Response } from "#storage";
import { iso639of } from "../../languages.ts";
import { choicesOf, type Question, textIn } from "../questions.ts";

/** FLOIP Flow Results, release 1.0.0-rc1: https://floip.gitbook.io/flow-results-specification */
const VERSION = "1.0.0-rc1";

const TYPES = {
  choice: "select_one",
  yes_no: "select_one",
  choices: "select_many",
  scale: "numeric",
  number: "numeric",
  text: "text",
  date: "date",
  /** A place may be a pin or words: `open` rows say which. */
  location: "open",
  photo: "image",
  audio: "audio",
} as const satisfies Record<Ask["answer"]["type"], string>;

/** The data package that describes the rows in `file`. `modified` is its version key. */
export function flowResultsPackage(
  of: Consultation,
  questions: readonly Question[],
  { language, file, modified }: { readonly language: string; readonly file: string; readonly modified: Date },
): object {
  return {
    profile: "flow-results-package",
    name: `consultation-${of.id}`,
    title: of.title,
    flow_results_specification_version: VERSION,
    created: offset(modified.toISOString()),
    modified: offset(modified.toISOString()),
    id: packageId(of.id),
    resources: [
      {
        name: "responses",
        path: file,
        profile: "data-resource",
        format: "json",
        mediatype: "application/json",
        encoding: "utf-8",
        schema: {
          language: iso639of(language),
          fields: FIELDS,
          questions: Object.fromEntries(questions.map((q) => [q.id, describe(q.ask, language)])),
        },
      },
    ],
  };
}

const FIELDS = [
  { name: "timestamp", title: "Timestamp", type: "datetime" },
  { name: "row_id", title: "Row ID", type: "string" },
  { name: "contact_id", title: "Contact ID", type: "string" },
  { name: "session_id", title: "Session ID", type: "string" },
  { name: "question_id", title: "Question ID", type: "string" },
  { name: "response", title: "Response", type: "any" },
  { name: "response_metadata", title: "Response metadata", type: "object" },
];

function describe(ask: Ask, language: string): object {
  const { answer } = ask;
  const options =
    answer.type === "choice" || answer.type === "choices" || answer.type === "yes_no"
      ? { choices: Object.fromEntries(choicesOf(ask).map((c) => [c.id, textIn(c.label, language)])) }
      : answer.type === "scale"
        ? { range: [answer.from, answer.to] }
        : answer.type === "number" && answer.min !== undefined && answer.max !== undefined
          ? { range: [answer.min, answer.max] }
          : {};
  return { type: TYPES[answer.type], label: textIn(ask.text, language), type_options: options };
}

export type FlowResultsRow = readonly [string, string, string, string, string, unknown, object];

/** A response's rows. `since` stands for the time of one that must not tell its own. A question that was skipped has a row whose response is null and whose metadata say so. */
export function flowResultsRows(
  response: Response,
  contact: string,
  since: string,
): readonly FlowResultsRow[] {
  return response.answers.map(({ question, value, said, language, at }) => [
    offset(at || since),
    `${response.session}/${question}`,
    contact,
    response.session,
    question,
    responseOf(value),
    {
      said,
      language,
      channel: response.channel,
      ...(isSkipped(value) ? { skipped: true } : {}),
      ...openType(value),
    },
  ]);
}

function responseOf(value: AnswerValue): unknown {
  if (isSkipped(value)) return null;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "object" || Array.isArray(value)) return value;
  if ("media" in value) return value.media.url;
  return "latitude" in value ? [value.latitude, value.longitude] : (value as { label: string }).label;
}

function openType(value: AnswerValue): object {
  if (typeof value !== "object" || Array.isArray(value) || "media" in value || isSkipped(value)) return {};
  return { type: "latitude" in value ? "geo_point" : "text", type_options: {} };
}

/** The specification wants `+00:00` where JavaScript writes `Z`. */
const offset = (iso: string): string => iso.replace(/Z$/, "+00:00");

/** A package is the same one in every export: a version 4 UUID drawn from the consultation's id. */
function packageId(consultation: string): string {
  const hex = createHash("sha256").update(`flow-results ${consultation}`).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
