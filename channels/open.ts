import type { Channel, ChannelName, Surroundings, Webhook } from "./channel.ts";
import { createSlack, type Slack, type SlackConfig } from "./slack/slack.ts";
import { openTwilioSms } from "./sms/twilio.ts";
import { openTwilio, type TwilioConfig } from "./twilio/client.ts";
import { twilioWebhooks } from "./twilio/webhooks.ts";
import { openWhatsAppCloud, type WhatsAppCloudConfig } from "./whatsapp/cloud.ts";
import { openTwilioWhatsApp } from "./whatsapp/twilio.ts";
import { openWhatsAppWeb, type WhatsAppWeb, type WhatsAppWebConfig } from "./whatsapp/web.ts";
import { openRealWebClient } from "./whatsapp/web-client.ts";

/** Which carriers are switched on. */
export interface ChannelsConfig {
  readonly twilio?: TwilioConfig;
  readonly whatsappCloud?: WhatsAppCloudConfig;
  readonly whatsappWeb?: WhatsAppWebConfig;
  readonly slack?: SlackConfig;
  /** Every carrier's address must then be on this machine. */
  readonly sandbox?: boolean;
}

export interface OpenedChannels {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly webhooks: readonly Webhook[];
  readonly slack?: Slack;
  /** Present when WhatsApp goes through whatsapp-web.js. */
  readonly whatsappWeb?: Pick<WhatsAppWeb, "connection">;
}

/** Opens every channel that is configured. No connection is made before the first send or `connect`. */
export function openChannels(config: ChannelsConfig, surroundings: Surroundings): OpenedChannels {
  if (config.sandbox) assertLoopback(config);
  const opened: Channel[] = [];
  const { twilio: account } = config;
  if (account) {
    const twilio = openTwilio(account);
    const webhooks = twilioWebhooks(account, surroundings);
    if (account.smsFrom || account.messagingServiceSid)
      opened.push(openTwilioSms(twilio, surroundings, webhooks));
    if (account.whatsappFrom) opened.push(openTwilioWhatsApp(twilio, surroundings, webhooks));
  }
  if (config.whatsappCloud) opened.push(openWhatsAppCloud(config.whatsappCloud, surroundings));
  const web = config.whatsappWeb && openWhatsAppWeb(config.whatsappWeb, surroundings, openRealWebClient);
  if (web) opened.push(web.channel);
  const slack = config.slack && createSlack(config.slack, surroundings);
  if (slack) opened.push(slack.channel);
  return {
    channels: new Map(opened.map((channel) => [channel.name, channel])),
    webhooks: [...new Set(opened.flatMap((channel) => channel.webhooks))],
    ...(slack ? { slack } : {}),
    ...(web ? { whatsappWeb: web } : {}),
  };
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** In sandbox mode no socket leaves the machine: the real carriers' addresses are a fault of the program. */
function assertLoopback(config: ChannelsConfig): void {
  for (const [name, carrier] of Object.entries({
    twilio: config.twilio,
    whatsappCloud: config.whatsappCloud,
    slack: config.slack,
  })) {
    if (carrier && !(carrier.apiUrl && LOOPBACK.test(new URL(carrier.apiUrl).hostname)))
      throw new Error(`sandbox: ${name} does not point to this machine`);
  }
  if (config.whatsappWeb) throw new Error("sandbox: WhatsApp Web is outside this machine");
}
