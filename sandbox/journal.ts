import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "./world.ts";

export interface Journal {
  /** What earlier runs kept, oldest first. */
  readonly kept: readonly Change[];
  append(change: Change): void;
  close(): void;
}

/**
 * Keeps every change as one JSON line in `<folder>/journal.jsonl`, so that a restart goes on where it stopped.
 * A last line cut off by a kill is dropped. No folder: nothing is kept.
 */
export function openJournal(folder: string | undefined): Journal {
  if (!folder) return { kept: [], append: () => {}, close: () => {} };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "journal.jsonl");
  const kept: Change[] = [];
  if (existsSync(file)) {
    const content = readFileSync(file, "utf8");
    const end = content.lastIndexOf("\n") + 1;
    if (end < content.length) truncateSync(file, Buffer.byteLength(content.slice(0, end)));
    for (const line of content.slice(0, end).split("\n")) if (line) kept.push(JSON.parse(line) as Change);
  }
  const handle = openSync(file, "a");
  return {
    kept,
    append: (change) => void writeSync(handle, `${JSON.stringify(change)}\n`),
    close: () => closeSync(handle),
  };
}
