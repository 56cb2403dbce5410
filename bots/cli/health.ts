import { hostname } from "node:os";
import { openPostgres, workerLives } from "#storage";
import { type Config, readConfig } from "../config.ts";
import { openQueue, StartError, words } from "../open-app.ts";

const PATIENCE_MS = 5_000;

/**
 * `saypro health`, for containers: with DATABASE_URL, whether this host's worker was heard of lately and its queue
 * answers; without, whether the program that runs here is ready. Throws what is wrong.
 */
export async function health(): Promise<void> {
  const config = readConfig(process.env);
  if (!config.databaseUrl) return askProgram(`http://127.0.0.1:${config.port}/readyz`);
  await within("DATABASE_URL: the database", askDatabase(config.databaseUrl));
  await within(`${config.redisUrl ? "REDIS_URL" : "DATABASE_URL"}: the queue`, askQueue(config));
}

async function askDatabase(url: string): Promise<void> {
  const database = openPostgres(url, { max: 1 });
  const lives = await workerLives(database.db, hostname());
  await database.close();
  if (!lives) throw new StartError(`No worker of ${hostname()} was heard of lately; look at its log.`);
}

async function askQueue(config: Config): Promise<void> {
  const bell = await openQueue(config, {});
  await bell.ping();
  await bell.close();
}

async function askProgram(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: unknown) => {
    throw new StartError(`${url} does not answer: ${words(error)}`, { cause: error });
  });
  if (!response.ok) throw new StartError(`${url} says: ${await response.text()}`);
}

/** The process ends with the error: what still waits for an answer is not closed first. */
async function within(what: string, answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const silent = new StartError(`${what} was silent for ${PATIENCE_MS / 1000} seconds`);
    timer = setTimeout(() => reject(silent), PATIENCE_MS);
  });
  try {
    await Promise.race([answer, late]);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${what} cannot be used: ${words(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
