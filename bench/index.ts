/**
 * `npm run bench [-- --json] [--scale N] [name …]`: ratios, never timed tests. N: people of the broadcasts.
 * BENCH_DATABASE_URL: a Postgres to make databases on; BENCH_REDIS_URL: a Redis for the peer that needs one.
 */
import { parseArgs } from "node:util";
import { answering } from "./answering.ts";
import { dispatching } from "./dispatching.ts";
import { drawingUp } from "./drawing-up.ts";
import { importing } from "./importing.ts";
import type { Row } from "./row.ts";

const BENCHES: Readonly<
  Record<string, (databaseUrl: string, scale: number | undefined) => Promise<readonly Row[]>>
> = {
  answering,
  "drawing-up": (url, scale = 1_000_000) => drawingUp(url, scale),
  importing: (url, scale = 1_000_000) => importing(url, scale),
  dispatching: (url, scale = 20_000) => dispatching(url, scale),
};

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, scale: { type: "string" } },
});
const scale = values.scale === undefined ? undefined : Number(values.scale);
const unknown = names.filter((name) => !(name in BENCHES));
const databaseUrl = process.env.BENCH_DATABASE_URL ?? process.env.TEST_DATABASE_URL;
if (unknown.length > 0 || databaseUrl === undefined) {
  process.stderr.write(
    unknown.length > 0
      ? `There is no bench ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}\n`
      : "Set BENCH_DATABASE_URL to a Postgres on which databases may be created.\n",
  );
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const row of await bench(databaseUrl, scale))
    process.stdout.write(values.json ? `${JSON.stringify(row)}\n` : line(row));
}

function line({ name, value, unit, beside, ratio }: Row): string {
  const figure = (n: number) => n.toFixed(n < 10 ? 2 : 0).padStart(8);
  return `${name.padEnd(48)} ${figure(value)} ${unit.padEnd(4)} beside ${figure(beside)}  ratio ${ratio.toFixed(2)}\n`;
}
