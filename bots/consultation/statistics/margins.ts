import { readTable } from "../../csv.ts";
import type { Margin } from "./rake.ts";

/** A file of margins that cannot be used, with every fault by line. */
export class MarginsError extends Error {}

const HEAD = "variable, category and share";

/**
 * Reads margins: CSV with the columns `variable` (a question, `language` or `channel`), `category` (a choice's code; of a
 * number a range such as 18-34 or 60+) and `share` (shares, percentages or counts of people). Throws {@link MarginsError}.
 */
export function readMargins(csv: string, file: string): readonly Margin[] {
  let rows: ReturnType<typeof readTable>;
  try {
    rows = readTable(csv);
  } catch (error) {
    throw new MarginsError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const faults: string[] = [];
  const byVariable = new Map<string, Record<string, number>>();
  if (rows.length === 0) faults.push(`${file}: no lines; the first names the columns ${HEAD}`);
  for (const [index, { variable, category, share }] of rows.entries()) {
    const at = `${file}, line ${index + 2}`;
    if (variable === undefined || category === undefined || share === undefined) {
      faults.push(`${at}: the columns are not ${HEAD}; name them so in the first line`);
      break;
    }
    const value = Number(share.replace(/[%\s]/g, "").replace(",", "."));
    const shares = byVariable.get(variable) ?? {};
    byVariable.set(variable, shares);
    if (variable === "" || category === "") faults.push(`${at}: a variable and a category are needed`);
    else if (/^\s*\d{1,3}(,\d{3})+\s*%?$/.test(share))
      faults.push(`${at}: "${share}" may be thousands or a fraction; write it without the comma`);
    else if (!Number.isFinite(value) || value < 0)
      faults.push(`${at}: "${share}" is no share; write 0.12 or 12`);
    else if (Object.hasOwn(shares, category)) faults.push(`${at}: ${variable}, ${category} is there twice`);
    else shares[category] = value;
  }
  if (faults.length > 0) throw new MarginsError(faults.join("\n"));
  return [...byVariable].map(([variable, shares]) => ({ variable, shares }));
}

const RANGE = /^(\d+(?:\.\d+)?)\s*(?:(\+)|[-–]\s*(\d+(?:\.\d+)?))$/;

/** The category among `known` that a value falls into: itself, or the range of numbers that it is in. */
export function categoryOf(value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  const n = Number(value);
  if (value === "" || !Number.isFinite(n)) return value;
  const range = known.find((each) => {
    const [, from, open, to] = RANGE.exec(each) ?? [];
    // 18-34 holds 34.5: whoever is 34 and a half is not 35.
    return from !== undefined && n >= Number(from) && (open === "+" || n < Number(to) + 1);
  });
  return range ?? value;
}
