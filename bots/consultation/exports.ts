import { findConsultation } from "#storage";
import type { Content } from "#templates";
import { evidencePack } from "./evidence/pack.ts";
import { EXPORT_FORMATS, type ExportFile, exportConsultation } from "./export/index.ts";
import { minutesOf } from "./poll/minutes.ts";
import type { Reader } from "./responses.ts";

/** Everything that leaves as files: answers, what council asks for, the minutes of a poll. */
export const EXPORTS = [...EXPORT_FORMATS, "evidence", "minutes"] as const;
export type Export = (typeof EXPORTS)[number];

/** Undefined: no such consultation. None: minutes of what is no poll. */
export async function exportFiles(
  reader: Reader,
  id: string,
  format: Export,
  content: Pick<Content, "deployment" | "instruments">,
  now: Date,
): Promise<readonly ExportFile[] | undefined> {
  if (format === "evidence") return evidencePack(reader, id, content, now);
  const { deployment } = content;
  if (format !== "minutes")
    return exportConsultation(reader, id, format, { language: deployment.defaultLanguage, now });
  if (!(await findConsultation(reader.db, id))) return undefined;
  const minutes = await minutesOf(reader, id, deployment);
  return minutes === undefined ? [] : [{ name: `${id}-minutes.md`, content: whole(minutes) }];
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}
