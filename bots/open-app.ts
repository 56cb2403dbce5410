import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, pino } from "pino";
import { v7 } from "uuid";
import { openChannels } from "#channels";
import {
  type Bell,
  type Database,
  FolderInUse,
  type FolderLock,
  loadOrCreateKey,
  lockFolder,
  migrate,
  openBell,
  openPglite,
  openPostgres,
  openSecrets,
  pendingMigrations,
  type Secrets,
} from "#storage";
import { type LoadedContent, loadContent } from "#templates";
import type { App } from "./app.ts";
import type { Config } from "./config.ts";
import { openReceipts } from "./receipts.ts";

/** The templates that come with the program. */
export const OWN_TEMPLATES = fileURLToPath(new URL("../templates", import.meta.url));

/** Something outside the program is in the way; one line that names it and the remedy. */
export class StartError extends Error {}

export interface OpenApp extends App {
  readonly opened: ReturnType<typeof openChannels>;
  close(): Promise<void>;
}

export interface OpenData {
  readonly database: Database;
  /** Gives the lock of the embedded data back. */
  readonly release: () => Promise<void>;
}

export interface OpenOptions {
  /** Apply pending migrations; else they are an error. The embedded engine always migrates. */
  readonly migrate?: boolean;
  /** Throw the embedded data away first. */
  readonly fresh?: boolean;
}

/** The templates that `config` names, or our own. Throws ContentError with every fault. */
export async function openContent({ templatesDir }: Pick<Config, "templatesDir">): Promise<LoadedContent> {
  return loadContent(templatesDir ? resolve(templatesDir) : OWN_TEMPLATES);
}

/** The keys that are derived from SECRETS_KEY, or from the embedded data's own. */
export function openKeys({ secretsKey, dataDir }: Pick<Config, "secretsKey" | "dataDir">): Secrets {
  return openSecrets(secretsKey ?? loadOrCreateKey(dataDir));
}

/** Opens everything else that `config` names over the data; on a failure the data is closed too. */
export async function openApp(config: Config, { database, release }: OpenData): Promise<OpenApp> {
  const log = openLog(config);
  const clock = () => new Date();
  const newId = () => v7();
  try {
    const content = await openContent(config);
    const secrets = openKeys(config);
    const bell = await openQueue(config, database);
    const opened = openChannels(config, {
      publicUrl: config.publicUrl,
      mac: (text: string) => secrets.mac("status-callback", text),
      clock,
      log,
    });
    const app: App = {
      config,
      database,
      bell,
      content,
      channels: opened.channels,
      receipts: openReceipts(database, log),
      secrets,
      log,
      clock,
      newId,
    };
    return {
      ...app,
      opened,
      close: async () => {
        for (const channel of opened.channels.values()) await channel.close?.();
        await bell.close();
        await app.receipts.close();
        await database.close();
        await release();
      },
    };
  } catch (error) {
    await database.close();
    await release();
    throw error;
  }
}

/** The queue that `config` names: Redis, or else the database's own. */
export async function openQueue(
  { redisUrl, databaseUrl }: Pick<Config, "redisUrl" | "databaseUrl">,
  { pglite }: Pick<Database, "pglite">,
): Promise<Bell> {
  try {
    return await openBell({
      ...(redisUrl ? { redisUrl } : {}),
      ...(databaseUrl ? { databaseUrl } : {}),
      ...(pglite ? { pglite } : {}),
    });
  } catch (error) {
    const variable = redisUrl ? "REDIS_URL" : "DATABASE_URL";
    throw new StartError(`${variable}: the queue cannot be used: ${words(error)}`, { cause: error });
  }
}

/** Opens only the data: for commands that need no carrier. Embedded data is locked until `release`. */
export async function openData(config: Config, options: OpenOptions = {}): Promise<OpenData> {
  if (config.databaseUrl) {
    const database = openPostgres(config.databaseUrl);
    try {
      if (options.migrate) await migrate(database);
      else if ((await pendingMigrations(database)).length > 0)
        throw new StartError("DATABASE_URL: the database lacks migrations; run: saypro migrate");
    } catch (error) {
      await database.close();
      if (error instanceof StartError) throw error;
      throw new StartError(`DATABASE_URL: cannot use the database: ${words(error)}`, { cause: error });
    }
    return { database, release: async () => {} };
  }
  await mkdir(config.dataDir, { recursive: true }).catch((error: unknown) => {
    throw new StartError(`DATA_DIR: cannot make ${config.dataDir}: ${words(error)}`);
  });
  const lock = takeFolder(config.dataDir);
  const release = async (): Promise<void> => lock.release();
  try {
    if (options.fresh) {
      for (const part of ["postgres", "sandbox"])
        await rm(join(config.dataDir, part), { recursive: true, force: true });
    }
    const database = await openPglite(join(config.dataDir, "postgres"));
    await migrate(database);
    return { database, release };
  } catch (error) {
    await release();
    throw error;
  }
}

function takeFolder(folder: string): FolderLock {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw new StartError(`DATA_DIR: ${error.message}`);
    throw error;
  }
}

function openLog(config: Config): Logger {
  return pino({
    level: config.logLevel,
    redact: {
      paths: [
        "*.authToken",
        "*.token",
        "*.botToken",
        "*.signingSecret",
        "*.appSecret",
        "*.authorization",
        "req.headers",
        "*.text",
        "*.body",
      ],
      censor: "[redacted]",
    },
    ...(process.stdout.isTTY
      ? {
          transport: {
            target: "pino-pretty",
            options: { ignore: "pid,hostname", translateTime: "HH:MM:ss" },
          },
        }
      : {}),
  });
}

/** The first line of what went wrong, also where an error only wraps others. */
export function words(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return words(error.errors[0]);
  if (error instanceof Error)
    return (error.cause instanceof Error ? words(error.cause) : error.message).split("\n")[0] ?? error.name;
  return String(error);
}
