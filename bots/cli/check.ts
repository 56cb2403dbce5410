import { resolve } from "node:path";
import { ContentError, loadContent } from "#templates";
import { OWN_TEMPLATES } from "../open-app.ts";

/** `saypro check [folder]`: every fault of the templates, with file, line and remedy. */
export async function checkContent(
  folder: string | undefined,
  options: { readonly json?: boolean },
): Promise<void> {
  const path = resolve(folder || process.env.TEMPLATES_DIR || OWN_TEMPLATES);
  try {
    const content = await loadContent(path);
    for (const warning of content.warnings)
      if (!options.json)
        process.stderr.write(`${warning.file}:${warning.line}: ${warning.what} — ${warning.remedy}\n`);
    const counts = {
      flows: content.flows.size,
      protocols: content.protocols.size,
      broadcasts: content.broadcasts.size,
    };
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ folder: path, faults: [], warnings: content.warnings, ...counts })}\n`
        : `${counts.flows} flows, ${counts.protocols} protocols and ${counts.broadcasts} broadcasts are in order.\n`,
    );
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    if (!options.json) throw error;
    process.stdout.write(`${JSON.stringify({ folder: path, faults: error.faults })}\n`);
    process.exitCode = 1;
  }
}
