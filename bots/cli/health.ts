import { hostname } from "node:os";
import { openPostgres, workerLives } from "#storage";
import { readConfig } from "../config.ts";
import { StartError, words } from "../open-app.ts";

const PATIENCE_MS = 5_000;

/**
 * `saypro health`, for containers: with DATABASE_URL, whether this host's worker was heard of lately; without, whether
 * the program that runs here is ready. Throws what is wrong.
 */
export async function health(): Promise<void> {
  const { databaseUrl, port } = readConfig(process.env);
  if (databaseUrl) await askDatabase(databaseUrl);
  else await askProgram(`http://127.0.0.1:${port}/readyz`);
}

async function askDatabase(url: string): Promise<void> {
  const database = openPostgres(url, { max: 1 });
  const answer = workerLives(database.db, hostname()).catch((error: unknown) => {
    throw new StartError(`DATABASE_URL: cannot use the database: ${words(error)}`, { cause: error });
  });
  const lives = await within(answer).finally(() => database.close());
  if (!lives) throw new StartError(`No worker of ${hostname()} was heard of lately; look at its log.`);
}

async function askProgram(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: unknown) => {
    throw new StartError(`${url} does not answer: ${words(error)}`, { cause: error });
  });
  if (!response.ok) throw new StartError(`${url} says: ${await response.text()}`);
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const silent = new StartError(`DATABASE_URL: the database was silent for ${PATIENCE_MS / 1000} seconds`);
    timer = setTimeout(() => reject(silent), PATIENCE_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
