import { checkFlow, type FlowDefinition } from "#flows";
import { convert, type Surroundings } from "./convert.ts";
import type { Finding } from "./finding.ts";
import { readWorkbook } from "./workbook.ts";

export type { Finding } from "./finding.ts";
export { UnreadableWorkbook } from "./workbook.ts";

/**
 * Reads an XLSForm (xlsform.org) as a flow. Every finding of every sheet at once; with an error among them the flow is
 * not to be used. Throws UnreadableWorkbook.
 */
export async function importXlsForm(
  path: string,
  around: Surroundings,
): Promise<{ readonly flow: FlowDefinition; readonly findings: readonly Finding[] }> {
  const { flow, rows, findings } = convert(await readWorkbook(path), around);
  const known = around.languages.map(({ code }) => code);
  const strange = flow.languages.filter((code) => !known.includes(code));
  const all: Finding[] = [
    ...findings,
    ...strange.map(
      (code): Finding => ({
        severity: "error",
        sheet: "survey",
        row: 1,
        what: `${code} is no language of this deployment`,
        remedy: "add it to deployment.yaml",
      }),
    ),
    ...(findings.some(({ severity }) => severity === "error") ? [] : checkFlow(flow)).map(
      ({ severity, at, what, remedy }): Finding => ({
        severity: severity === "error" ? "error" : "note",
        sheet: "survey",
        row: rows.get(String(at[1])) ?? 1,
        what,
        remedy,
      }),
    ),
  ];
  return { flow, findings: all.toSorted((a, b) => a.sheet.localeCompare(b.sheet) || a.row - b.row) };
}
