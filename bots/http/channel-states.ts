import type { OpenApp } from "../open-app.ts";

export interface ChannelState {
  readonly name: string;
  readonly carrier: string;
  readonly perSecond: number;
  readonly state: string;
  readonly qr?: string;
  readonly warning?: string;
}

const PILOTS_ONLY =
  "Unofficial and for pilots only: WhatsApp can ban the number. It answers people, it does not broadcast.";

/** The channels that are on, with the QR code to scan where WhatsApp through whatsapp-web.js waits for its phone. */
export function channelStates(app: OpenApp): ChannelState[] {
  const web = app.opened.whatsappWeb?.connection();
  return [...app.channels.values()].map((channel) => {
    const connection = channel.carrier === "web" ? web : undefined;
    return {
      name: channel.name,
      carrier: channel.carrier,
      perSecond: channel.limits.perSecond,
      state: connection?.state ?? "connected",
      ...(connection?.state === "qr" ? { qr: connection.svg } : {}),
      ...(channel.carrier === "web" ? { warning: PILOTS_ONLY } : {}),
    };
  });
}
