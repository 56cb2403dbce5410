import type { AnswerValue, Ask } from "#flows";
import { isSkipped } from "#storage";
import type { Cell } from "../../csv.ts";
import { choicesOf, type Question, textIn } from "../questions.ts";

/** Stands where a person chose not to answer; a question that was never asked is empty. No choice's id has a dot. */
export const SKIPPED = ".skipped";

/** A column of the wide table: a question's answer has one or several. */
export interface Column {
  readonly name: string;
  readonly cell: (value: AnswerValue) => Cell;
}

/** What an answer says in words, in one language. */
export function labelOf(ask: Ask, value: AnswerValue, language: string): string {
  if (isSkipped(value)) return "";
  const choices = choicesOf(ask);
  const label = (id: string): string => {
    const choice = choices.find((c) => c.id === id);
    return choice ? textIn(choice.label, language) : id;
  };
  if (Array.isArray(value)) return value.map((id) => label(String(id))).join("; ");
  if (typeof value === "object") {
    if ("media" in value) return value.caption ?? value.media.url;
    return "label" in value ? (value.label ?? "") : "";
  }
  return label(String(value));
}

/** What is kept for an answer: ids of choices, never labels; several are joined by a blank, as XLSForm does. */
export function codeOf(value: AnswerValue): Cell {
  if (isSkipped(value)) return SKIPPED;
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "object") return value as Cell;
  if ("media" in value) return value.media.url;
  return "latitude" in value
    ? `${value.latitude} ${value.longitude}`
    : ((value as { label?: string }).label ?? "");
}

/** The columns of one question: code, label, and one of 0 and 1 for each choice of several. */
export function columnsOf({ id, ask }: Question, language: string): readonly Column[] {
  const code: Column = { name: id, cell: codeOf };
  const label: Column = { name: `${id}:label`, cell: (value) => labelOf(ask, value, language) };
  switch (ask.answer.type) {
    case "choices":
      return [
        code,
        label,
        ...ask.answer.choices.map((choice) => ({
          name: `${id}/${choice.id}`,
          cell: (value: AnswerValue) => (Array.isArray(value) ? Number(value.includes(choice.id)) : null),
        })),
      ];
    case "location":
      return [
        code,
        label,
        ...(["latitude", "longitude"] as const).map((axis) => ({
          name: `${id}:${axis}`,
          cell: (value: AnswerValue) =>
            typeof value === "object" && "latitude" in value ? value[axis] : null,
        })),
      ];
    case "choice":
    case "yes_no":
    case "scale":
    case "photo":
    case "audio":
      return [code, label];
    default:
      return [code];
  }
}
