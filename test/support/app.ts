import { pino } from "pino";
import { v7 } from "uuid";
import type { Channel, ChannelName } from "#channels";
import { type Bell, openSecrets } from "#storage";
import type { Content } from "#templates";
import type { App } from "../../bots/app.ts";
import { readConfig } from "../../bots/config.ts";
import { openReceipts } from "../../bots/receipts.ts";
import type { TestDatabase } from "./database.ts";

/** A bell in memory: rings reach the handlers of this process at once. */
function memoryBell(): Bell {
  const handlers = new Map<string, (id: string) => Promise<void>>();
  return {
    ring: async (kind, id, delayMs = 0) => {
      if (delayMs > 0) setTimeout(() => void handlers.get(kind)?.(id), delayMs).unref();
      else void handlers.get(kind)?.(id);
    },
    answer: (kind, handler) => void handlers.set(kind, handler),
    ping: async () => {},
    close: async () => {},
  };
}

/** An app for tests: real database, channels as given, a bell in memory. */
export function testApp(
  database: TestDatabase,
  channels: readonly Channel[],
  content: Partial<Content> = {},
): App {
  const log = pino({ level: process.env.LOG_LEVEL ?? "silent" });
  return {
    config: readConfig({}),
    database,
    receipts: openReceipts(database, log),
    bell: memoryBell(),
    content: {
      deployment: {
        slack: { operations: "#operations", inbox: "#inbox", approvals: "#approvals", media: "#media" },
      },
      ...content,
    } as unknown as Content,
    channels: new Map<ChannelName, Channel>(channels.map((channel) => [channel.name, channel])),
    secrets: openSecrets("ab".repeat(32)),
    log,
    clock: () => new Date(),
    newId: () => v7(),
  };
}
