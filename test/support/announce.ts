import { existsSync } from "node:fs";

/** Says at the start which suites cannot run on this machine, so that a skip is never silent. */
export function setup(): void {
  const missing: readonly (readonly [boolean, string])[] = [
    [
      !process.env.TEST_DATABASE_URL,
      "TEST_DATABASE_URL is not set: the suites on a Postgres server are SKIPPED (PGlite runs)",
    ],
    [!process.env.TEST_REDIS_URL, "TEST_REDIS_URL is not set: the suites on a Redis server are SKIPPED"],
    [
      !existsSync(chromium()),
      `${chromium()} is not there: the suites in a browser are SKIPPED (set CHROMIUM_PATH)`,
    ],
  ];
  const lines = missing.filter(([is]) => is).map(([, words]) => `  ! ${words}`);
  if (lines.length > 0) process.stderr.write(`\n${lines.join("\n")}\n\n`);
}

function chromium(): string {
  return process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
}
