import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { StartError } from "../open-app.ts";

/**
 * Looks whether a file can be written there, before any work: afterwards the audit log says that it was. Throws
 * StartError, which names the option.
 */
export async function requireWritable(option: string, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch(() => {
    throw new StartError(
      `${option} ${path}: ${folder} is no folder that can be written to; make it or name another.`,
    );
  });
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new StartError(`${option} ${path}: this is a folder; name the file.`);
}
