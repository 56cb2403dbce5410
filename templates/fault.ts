/** What is wrong with a template, where, and what to do about it. */
export interface Fault {
  /** Relative to the templates folder. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

/** Every fault of a templates folder at once, one line each: `flows/a.yaml:12: what — remedy`. */
export class ContentError extends Error {
  readonly faults: readonly Fault[];
  constructor(folder: string, faults: readonly Fault[]) {
    const lines = faults.map((fault) => `${fault.file}:${fault.line}: ${fault.what} — ${fault.remedy}`);
    super(`${folder}: ${faults.length} fault${faults.length === 1 ? "" : "s"}\n${lines.join("\n")}`);
    this.name = "ContentError";
    this.faults = faults;
  }
}
