import { statSync } from "node:fs";
import { resolve } from "node:path";
import { readConfig } from "../config.ts";
import { importFile } from "../contacts/index.ts";
import { openContent, openData, openKeys, StartError } from "../open-app.ts";
import { UnreadableFile } from "../table/index.ts";

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly map: ReadonlyMap<string, string>;
  readonly consentSource: string;
  readonly sheet?: string;
  readonly report?: string;
  readonly json?: boolean;
}

const BAR = 30;

/** `saypro import contacts FILE`: exit 0 when every row was imported, 1 when some were not. */
export async function importContactsFile(file: string, options: ImportOptions): Promise<void> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new StartError(`${file}: there is no such file`);
  if (!found.isFile()) throw new StartError(`${file} is no file: name the file itself`);
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  const report = options.report ?? `${file.replace(/\.(csv|xlsx)$/i, "")}.faults.csv`;
  if (resolve(report) === resolve(file)) throw new StartError("--report: would overwrite the file itself");
  const { database, release } = await openData(config);
  try {
    const { map, consentSource, sheet, dryRun = false } = options;
    const outcome = await importFile(
      { db: database.db, secrets: openKeys(config) },
      deployment,
      {
        file,
        actor: "cli",
        ...(sheet ? { sheet } : {}),
        map,
        consentSource,
        dryRun,
        report,
        ...(process.stderr.isTTY ? { onProgress: drawBar } : {}),
      },
      new Date(),
    );
    if (process.stderr.isTTY) process.stderr.write("\n");
    const { rows, faulty, repeated, added, merged, optedOut, erased, resumedAfter } = outcome;
    if (options.json) process.stdout.write(`${JSON.stringify({ dryRun, report, ...outcome })}\n`);
    else {
      const lines = [
        ...(outcome.sheet ? [`Sheet "${outcome.sheet}".`] : []),
        ...(outcome.before && resumedAfter === 0
          ? [`The same file was imported before, on ${outcome.before.slice(0, 16).replace("T", " at ")} UTC.`]
          : []),
        ...(resumedAfter > 0
          ? [`Went on after row ${resumedAfter}, where the import had been stopped.`]
          : []),
        dryRun
          ? `${rows} rows: ${rows - faulty} could be imported, ${repeated} of them repeat a number. Nothing was changed.`
          : `${rows} rows: ${added} people added, ${merged} known ones completed, ${repeated} repeated.`,
        ...(optedOut > 0 ? [`${optedOut} had said STOP before and stay opted out.`] : []),
        ...(erased > 0
          ? [
              `${erased} people were erased before and are left out. Only they themselves can come back, by texting START. Take them off your list.`,
            ]
          : []),
        ...(faulty > 0
          ? [`${faulty} rows could not be imported. Correct them in ${report} and import that file.`]
          : []),
      ];
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    if (faulty > 0) process.exitCode = 1;
  } catch (error) {
    if (error instanceof UnreadableFile) throw new StartError(error.message);
    throw error;
  } finally {
    await database.close();
    await release();
  }
}

function drawBar(read: number, size: number): void {
  const full = Math.round((read / size) * BAR);
  const percent = Math.round((read / size) * 100);
  process.stderr.write(`\r${"█".repeat(full)}${"░".repeat(BAR - full)} ${percent} %`);
}

/** Collects `--map "Cell No=phone"`. */
export function mapping(written: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const at = written.lastIndexOf("=");
  if (at < 1) throw new StartError(`--map ${written}: write it as "header=field"`);
  return new Map([...before, [written.slice(0, at), written.slice(at + 1).trim()]]);
}
