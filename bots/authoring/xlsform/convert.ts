import type { FlowDefinition } from "#flows";
import { Builder } from "./builder.ts";
import type { Finding, Report } from "./finding.ts";
import { readForm } from "./form.ts";
import { REFUSED_SETTINGS } from "./terms.ts";
import type { Workbook } from "./workbook.ts";

export interface Surroundings {
  readonly languages: readonly { readonly code: string; readonly name: string }[];
  readonly defaultLanguage: string;
  /** The flow's id where the form has none. */
  readonly id: string;
  readonly keywords: readonly string[];
}

export interface Converted {
  readonly flow: FlowDefinition;
  /** The survey's row by step. */
  readonly rows: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Turns a form into a flow. Nothing is dropped in silence: what cannot work, or works differently, is a finding. */
export function convert(workbook: Workbook, around: Surroundings): Converted {
  const findings: Finding[] = [];
  const report =
    (sheet: string): Report =>
    (severity, row, what, remedy) => {
      const finding: Finding = { severity, sheet, row, what, remedy };
      const same = (other: Finding): boolean =>
        other.sheet === sheet && other.row === row && other.what === what;
      if (!findings.some(same)) findings.push(finding);
    };
  const form = readForm(workbook, around.languages, around.defaultLanguage, report);
  for (const name of REFUSED_SETTINGS)
    if (form.settings.has(name))
      report("settings")("error", 2, `${name}: forms are not encrypted or sent elsewhere here`, "remove it");
  for (const [sheet, rows] of workbook)
    if (sheet === "entities" || sheet === "external_choices")
      report(sheet)(
        "error",
        rows[0]?.row ?? 1,
        "this sheet cannot be used",
        "write its choices into the choices sheet",
      );
  const builder = new Builder(form, report("survey"), report("choices"));
  const end = "the_end";
  const start = builder.build(form.items, end);
  const codes = [...new Set(form.languages.values())];
  const [first = around.defaultLanguage, ...others] = codes;
  const title = form.settings.get("form_title") ?? around.id;
  builder.steps.set(end, { kind: "end" });
  const flow: FlowDefinition = {
    id: idOf(form.settings.get("form_id")) || around.id,
    title: { [first]: title, ...Object.fromEntries(others.map((code) => [code, title])) },
    keywords: [...around.keywords, ...[form.settings.get("sms_keyword") ?? []].flat()].map((word) =>
      word.toUpperCase(),
    ),
    languages: [first, ...others],
    ...(others.length > 0 ? { fallbacks: Object.fromEntries(others.map((code) => [code, [first]])) } : {}),
    start,
    steps: Object.fromEntries([...builder.steps].reverse()),
  };
  return { flow: { ...flow, steps: inOrder(flow) }, rows: builder.rows, findings };
}

const idOf = (written = ""): string =>
  written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");

/** Steps were made from the last to the first; the end stands last. */
function inOrder({ steps }: FlowDefinition): FlowDefinition["steps"] {
  const { the_end: end, ...others } = steps;
  return end ? { ...others, the_end: end } : others;
}
