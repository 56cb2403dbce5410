import type { Report } from "./gather.ts";
import { opinionLines } from "./opinions.ts";

/** A report for programs. Opinions are in words: the analysis itself names conversations. */
export const reportJson = ({ opinions, themes, ...report }: Report) => ({
  ...report,
  opinions: opinions.map((each) => opinionLines(each, report.analysis.threshold ?? 0)),
  themes: Object.fromEntries(Object.entries(themes).map(([question, { quoted }]) => [question, quoted])),
});
