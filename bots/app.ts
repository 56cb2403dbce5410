import type { Logger } from "pino";
import type { Channel, ChannelName } from "#channels";
import type { Bell, Database, Secrets } from "#storage";
import type { Content } from "#templates";
import type { Config } from "./config.ts";
import type { Receipts } from "./receipts.ts";

/** What the composition roots build once and every bot is handed. */
export interface App {
  readonly config: Config;
  readonly database: Database;
  readonly bell: Bell;
  readonly content: Content;
  /** The channels that are switched on; WhatsApp has at most one carrier at a time. */
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly receipts: Receipts;
  readonly secrets: Secrets;
  readonly log: Logger;
  readonly clock: () => Date;
  /** A new UUIDv7. */
  readonly newId: () => string;
}
