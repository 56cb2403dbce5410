import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const PAGES = ["console", "sandbox/page"];
const INDEX = "dist/index.html";

/** Builds the pages that browsers are shown when they are not built, or have changed since. */
export async function setup(): Promise<void> {
  for (const root of PAGES)
    if (newest(root) > timeOf(join(root, INDEX))) await build({ root, logLevel: "error" });
}

function newest(root: string): number {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return Math.max(
    ...files.filter((name) => !name.startsWith("dist")).map((name) => timeOf(join(root, name))),
  );
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
