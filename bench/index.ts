/** `npm run bench [-- --json] [name …]`: ratios, never timed tests. BENCH_DATABASE_URL: a Postgres to make databases on. */
import { answering } from "./answering.ts";
import type { Row } from "./row.ts";

const BENCHES: Readonly<Record<string, (databaseUrl: string) => Promise<readonly Row[]>>> = { answering };

const given = process.argv.slice(2);
const json = given.includes("--json");
const names = given.filter((word) => !word.startsWith("--"));
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
  for (const row of await bench(databaseUrl))
    process.stdout.write(json ? `${JSON.stringify(row)}\n` : line(row));
}

function line({ name, value, unit, beside, ratio }: Row): string {
  const figure = (n: number) => n.toFixed(n < 10 ? 2 : 0).padStart(8);
  return `${name.padEnd(48)} ${figure(value)} ${unit.padEnd(4)} beside ${figure(beside)}  ratio ${ratio.toFixed(2)}\n`;
}
