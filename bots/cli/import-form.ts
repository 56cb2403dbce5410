import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { importXlsForm, toYaml, UnreadableWorkbook } from "../authoring/index.ts";
import { readConfig } from "../config.ts";
import { openContent, StartError } from "../open-app.ts";

interface FormOptions {
  readonly output?: string;
  readonly keyword?: readonly string[];
  readonly json?: boolean;
}

/** `saypro import xlsform FILE`: a flow's file, or every reason by sheet and row why it cannot be one. */
export async function importFormFile(path: string, options: FormOptions): Promise<void> {
  const { deployment } = await openContent(readConfig(process.env));
  const id = basename(options.output ?? path)
    .replace(/\.\w+$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const { flow, findings } = await importXlsForm(path, {
    id: id || "form",
    languages: deployment.languages,
    defaultLanguage: deployment.defaultLanguage,
    keywords: options.keyword ?? [],
  }).catch((error: unknown) => {
    if (error instanceof UnreadableWorkbook) throw new StartError(error.message);
    throw error;
  });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (options.json)
    process.stdout.write(`${JSON.stringify({ flow: errors.length > 0 ? null : flow, findings })}\n`);
  else
    for (const { severity, sheet, row, what, remedy } of findings)
      process.stderr.write(
        `${sheet} row ${row}: ${severity === "note" ? "note: " : ""}${what} — ${remedy}\n`,
      );
  if (errors.length > 0) {
    if (!options.json)
      process.stderr.write(
        `${path}: ${errors.length} ${errors.length === 1 ? "error" : "errors"}; nothing was written.\n`,
      );
    process.exitCode = 1;
    return;
  }
  const yaml = `# From ${basename(path)}. Try it: saypro flow try, and have its texts read by a speaker of each language.\n${toYaml(flow)}`;
  if (options.output === undefined) {
    if (!options.json) process.stdout.write(yaml);
    return;
  }
  if (existsSync(options.output))
    throw new StartError(`--output: ${options.output} is there already; name another file`);
  await writeFile(options.output, yaml).catch((error: unknown) => {
    throw new StartError(
      `--output: cannot write ${options.output}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  process.stderr.write(
    `${options.output}: ${Object.keys(flow.steps).length} steps. Next: saypro flow check ${options.output}\n`,
  );
}
