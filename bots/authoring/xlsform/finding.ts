/** What an author should know of one place in the workbook. An error keeps the form from becoming a flow. */
export interface Finding {
  readonly severity: "error" | "note";
  readonly sheet: string;
  /** As the spreadsheet counts: the header is row 1. */
  readonly row: number;
  readonly what: string;
  readonly remedy: string;
}

export type Report = (severity: Finding["severity"], row: number, what: string, remedy: string) => void;
