import type { App } from "@slack/bolt";
import type { Channel, ChannelName, Surroundings, Webhook, WebhookReply, WebhookRequest } from "./channel.ts";

export interface TwilioConfig {
  readonly accountSid: string;
  readonly authToken: string;
  /** Replaces https://api.twilio.com. */
  readonly apiUrl?: string;
  readonly smsFrom?: string;
  readonly messagingServiceSid?: string;
  /** E.164, without the `whatsapp:` prefix. */
  readonly whatsappFrom?: string;
}

export interface WhatsAppCloudConfig {
  readonly token: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  /** Replaces https://graph.facebook.com. */
  readonly apiUrl?: string;
}

export interface WhatsAppWebConfig {
  readonly sessionDir: string;
  readonly chromiumPath?: string;
}

export interface SlackConfig {
  readonly botToken: string;
  /** HTTP: signs requests. */
  readonly signingSecret?: string;
  /** Socket Mode instead of HTTP. */
  readonly appToken?: string;
  /** Replaces https://slack.com/api/. */
  readonly apiUrl?: string;
}

/** Which carriers are switched on. */
export interface ChannelsConfig {
  readonly twilio?: TwilioConfig;
  readonly whatsappCloud?: WhatsAppCloudConfig;
  readonly whatsappWeb?: WhatsAppWebConfig;
  readonly slack?: SlackConfig;
  /** Every carrier's address must then be on this machine. */
  readonly sandbox?: boolean;
}

/** Slack is a channel and also where staff work: Bolt's app carries the commands, modals and buttons. */
export interface Slack {
  readonly app: App;
  readonly channel: Channel;
  /** A request to POST /slack/events: verified, dispatched to Bolt, answered with what the listener acknowledged. */
  handle(request: WebhookRequest): Promise<WebhookReply>;
}

/** The state of a linked WhatsApp number, for the terminal and the console. */
export type WebConnection =
  | { readonly state: "closed" | "connecting" | "connected" }
  | { readonly state: "qr"; readonly qr: string; readonly terminal: string; readonly svg: string }
  | { readonly state: "refused"; readonly detail: string };

export interface OpenedChannels {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly webhooks: readonly Webhook[];
  readonly slack?: Slack;
  /** Present when WhatsApp goes through whatsapp-web.js. */
  readonly whatsappWeb?: { connection(): WebConnection };
}

/** Opens every channel that is configured. */
export function openChannels(_config: ChannelsConfig, _surroundings: Surroundings): OpenedChannels {
  return { channels: new Map(), webhooks: [] };
}
