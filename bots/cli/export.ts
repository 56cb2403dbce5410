import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { appendAudit } from "#storage";
import { readConfig } from "../config.ts";
import { EXPORTS, type ExportFile, exportFiles } from "../consultation/index.ts";
import { openContent, StartError } from "../open-app.ts";
import { withAnswers } from "./answers.ts";

export interface ExportOptions {
  readonly format: string;
  /** Folder for the files; without it a single file goes to standard output. */
  readonly output?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Throws {@link StartError} where it is nothing's id at all. */
export function requireId(id: string, of: "consultation" | "broadcast" = "consultation"): void {
  if (!UUID.test(id))
    throw new StartError(`${id} is not the id of a ${of}: the console shows it in its address.`);
}

/** `saypro export consultation ID --format …`: the audit log keeps that answers left the system. */
export async function exportAnswers(id: string, options: ExportOptions): Promise<void> {
  const format = EXPORTS.find((known) => known === options.format);
  if (!format) throw new StartError(`--format ${options.format}: choose one of ${EXPORTS.join(", ")}.`);
  requireId(id);
  if (format === "xlsx" && options.output === undefined && process.stdout.isTTY)
    throw new StartError("--format xlsx is no text for a terminal: name a folder with --output FOLDER.");
  if ((format === "flowresults" || format === "evidence") && options.output === undefined)
    throw new StartError(`--format ${format} writes several files: name their folder with --output FOLDER.`);
  const config = readConfig(process.env);
  const content = await openContent(config);
  await withAnswers(config, async (reader) => {
    const files = await exportFiles(reader, id, format, content, new Date());
    if (!files) throw new StartError(`There is no consultation ${id}.`);
    if (files.length === 0)
      throw new StartError(`${id} is no poll of a committee: its flow names no voters.`);
    await reader.db.transaction((tx) =>
      appendAudit(tx, {
        actor: "cli",
        action: "consultation.exported",
        subject: `consultation:${id}`,
        data: { format },
      }),
    );
    for (const file of files) await write(file, options.output, format);
  });
}

async function write(file: ExportFile, folder: string | undefined, format: string): Promise<void> {
  if (folder === undefined) {
    for await (const part of file.content)
      if (!process.stdout.write(part)) await once(process.stdout, "drain");
    return;
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, file.name);
  // Under its name stands only a whole file.
  const draft = `${path}.part`;
  try {
    await pipeline(Readable.from(file.content), createWriteStream(draft));
  } catch (error) {
    await rm(draft, { force: true });
    throw new StartError(`${path}: the ${format} export could not be written: ${String(error)}`, {
      cause: error,
    });
  }
  await rename(draft, path);
  process.stderr.write(`${path}\n`);
}
