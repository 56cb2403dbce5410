import { join } from "node:path";
import type { WhatsAppWebConfig } from "./web.ts";

/** What of whatsapp-web.js's Client is used here: the seam at which the tests put their own. */
export interface WebClient {
  on(event: "qr", handler: (qr: string) => void): unknown;
  on(event: "ready" | "authenticated", handler: () => void): unknown;
  on(event: "disconnected" | "auth_failure", handler: (reason: unknown) => void): unknown;
  on(event: "message", handler: (message: WebMessage) => void): unknown;
  on(event: "message_ack", handler: (message: WebMessage, ack: number) => void): unknown;
  initialize(): Promise<void>;
  destroy(): Promise<void>;
  sendMessage(chatId: string, text: string): Promise<Pick<WebMessage, "id">>;
  getContactLidAndPhone(ids: string[]): Promise<{ lid: string; pn: string }[]>;
}

export interface WebMessage {
  readonly id: { readonly _serialized: string };
  readonly from: string;
  readonly to: string;
  readonly fromMe: boolean;
  readonly body: string;
  readonly type: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly hasMedia: boolean;
  readonly isStatus?: boolean;
  readonly location?: {
    readonly latitude: number | string;
    readonly longitude: number | string;
    readonly name?: string;
  };
}

export type OpenWebClient = (config: WhatsAppWebConfig) => Promise<WebClient>;

const CHROMIUM = "/usr/bin/chromium";

/** The real client. The package is optional: it is loaded only when this carrier is switched on. */
export async function openRealWebClient(
  { sessionDir, chromiumPath }: WhatsAppWebConfig,
  extra: { readonly args?: readonly string[]; readonly webVersion?: string } = {},
): Promise<WebClient> {
  let library: typeof import("whatsapp-web.js");
  try {
    ({ default: library } = await import("whatsapp-web.js"));
  } catch (error) {
    throw new Error("whatsapp-web.js is not installed; run: npm install whatsapp-web.js", { cause: error });
  }
  const client = new library.Client({
    authStrategy: new library.LocalAuth({ dataPath: sessionDir }),
    webVersionCache: {
      type: "local",
      path: join(sessionDir, "versions"),
      strict: extra.webVersion !== undefined,
    },
    ...(extra.webVersion === undefined ? {} : { webVersion: extra.webVersion }),
    puppeteer: {
      headless: true,
      executablePath: chromiumPath ?? CHROMIUM,
      // Chromium refuses to run its own sandbox as root, as in most containers.
      args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), ...(extra.args ?? [])],
    },
  });
  return client as unknown as WebClient;
}
