import { App, type Logger, LogLevel, SocketModeReceiver } from "@slack/bolt";
import type { WebClientOptions } from "@slack/web-api";
import type { Channel, Log, Surroundings, WebhookReply, WebhookRequest } from "../channel.ts";
import { slackChannel } from "./channel.ts";
import { ackWhenDone, httpReceiver } from "./receiver.ts";

export interface SlackConfig {
  readonly botToken: string;
  /** HTTP: signs requests. */
  readonly signingSecret?: string;
  /** Socket Mode instead of HTTP. */
  readonly appToken?: string;
  /** Replaces https://slack.com/api/. */
  readonly apiUrl?: string;
}

/** Slack is a channel and also where staff work: Bolt's app carries the commands, modals and buttons. */
export interface Slack {
  /** Listeners are registered here; in Socket Mode the channel's `connect` starts it. */
  readonly app: App;
  readonly channel: Channel;
  /** A request to POST /slack/events: verified, given to Bolt, answered with what the listener acknowledged. */
  handle(request: WebhookRequest): Promise<WebhookReply>;
}

/** A modal must open within Slack's 3 seconds: an answer that takes longer than this helps nobody. */
const TIMEOUT_MS = 10_000;

export function createSlack(config: SlackConfig, { clock, log }: Pick<Surroundings, "clock" | "log">): Slack {
  const logger = boltLogger(log);
  const client: WebClientOptions = {
    ...(config.apiUrl ? { slackApiUrl: config.apiUrl, fetch: onlyTo(config.apiUrl) } : {}),
    timeout: TIMEOUT_MS,
    allowAbsoluteUrls: false,
    // The dispatcher tries again: a second pair of hands would send twice.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  };
  const http = config.appToken
    ? undefined
    : httpReceiver(config.signingSecret ?? "", clock, log, () => ready());
  const app = new App({
    token: config.botToken,
    deferInitialization: true,
    convoStore: false,
    clientOptions: client,
    logger,
    receiver: http ?? socketReceiver(config.appToken ?? "", client, logger),
  });
  let starting: Promise<void> | undefined;
  /** Asks Slack who we are, once; a failure is forgotten, so that the next request asks again. */
  const ready = (): Promise<void> => {
    starting ??= app.init().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  return {
    app,
    channel: slackChannel(app.client, http ? {} : socketConnection(app, ready)),
    handle: async (request) =>
      http?.handle(request) ?? {
        status: 404,
        contentType: "text/plain",
        body: "Slack is connected by Socket Mode.",
      },
  };
}

function socketConnection(app: App, ready: () => Promise<void>): Pick<Channel, "connect" | "close"> {
  return {
    connect: async () => {
      await ready();
      await app.start();
    },
    close: async () => void (await app.stop()),
  };
}

function socketReceiver(appToken: string, client: WebClientOptions, logger: Logger): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    // Without retries one failed try to reconnect would end Socket Mode for good.
    installerOptions: { clientOptions: { ...client, retryConfig: { retries: 100, factor: 1.3 } } },
  });
  const init = receiver.init.bind(receiver);
  receiver.init = (app) => init({ processEvent: (event) => ackWhenDone(app, event) } as App);
  return receiver;
}

/** With an address of its own (the sandbox) nothing goes anywhere else, `response_url` included. */
function onlyTo(address: string): typeof fetch {
  const { host } = new URL(address);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.host !== host) throw new Error(`SLACK_API_URL is ${host}: nothing is sent to ${url.host}`);
    return fetch(input, init);
  };
}

/** Bolt's debug lines hold whole payloads: they are dropped, whatever the level. */
function boltLogger(log: Log): Logger {
  const words = (parts: readonly unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(" ");
  return {
    debug: () => {},
    info: (...parts) => log.debug({ part: "bolt" }, words(parts)),
    warn: (...parts) => log.warn({ part: "bolt" }, words(parts)),
    error: (...parts) => log.error({ part: "bolt" }, words(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
