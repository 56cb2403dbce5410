import type { Report } from "./finding.ts";
import { type Meaning, toCel } from "./to-cel.ts";
import type { SheetRow } from "./workbook.ts";
import { XPathFault } from "./xpath.ts";

/** What the form's names mean, and its expressions in the flow's language. */
export class Expressions {
  private readonly report: Report;
  /** By the form's name; inside a repeat its own come first. */
  private readonly scopes: Map<string, Meaning>[] = [new Map()];

  constructor(report: Report) {
    this.report = report;
  }

  define(name: string, meaning: Meaning): void {
    this.scopes.at(-1)?.set(name, meaning);
  }

  meaning(name: string): Meaning | undefined {
    return this.scopes
      .toReversed()
      .find((scope) => scope.has(name))
      ?.get(name);
  }

  /** Does the work where the names of `scope` come first. */
  inside<T>(scope: Map<string, Meaning> | undefined, work: () => T): T {
    if (!scope) return work();
    this.scopes.push(scope);
    const done = work();
    this.scopes.pop();
    return done;
  }

  /** What stands under a header; undefined when nothing does, or when it cannot be used, which is reported. */
  under(header: string, row: SheetRow, self?: Meaning): string | undefined {
    const source = row.cells.get(header);
    return source === undefined ? undefined : this.translate(source, header, row, self);
  }

  /** `source` in place of what stands under the header. */
  translate(source: string, header: string, row: SheetRow, self?: Meaning): string | undefined {
    try {
      return toCel(source, { name: (name) => this.meaning(name), ...(self ? { self } : {}) });
    } catch (error) {
      if (!(error instanceof XPathFault)) throw error;
      this.report("error", row.row, `${header}: ${error.message}`, `in: ${row.cells.get(header) ?? source}`);
      return undefined;
    }
  }
}
