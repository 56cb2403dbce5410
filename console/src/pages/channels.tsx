import type { ReactNode } from "react";
import { type ChannelState, useApi } from "../api.ts";
import { Show, Status } from "../parts.tsx";

const NAMES: Readonly<Record<string, string>> = { sms: "SMS", whatsapp: "WhatsApp", slack: "Slack" };
const CARRIERS: Readonly<Record<string, string>> = {
  twilio: "Twilio",
  cloud: "Meta's Cloud API",
  web: "whatsapp-web.js",
  slack: "Slack",
};

export function Channels(): ReactNode {
  const list = useApi<readonly ChannelState[]>("channels");
  return (
    <Show of={list}>
      {(all) =>
        all.map((channel) => (
          <section key={channel.name} className="panel">
            <h2>
              {NAMES[channel.name] ?? channel.name} <Status>{channel.state}</Status>
            </h2>
            <p>
              Carrier: {CARRIERS[channel.carrier] ?? channel.carrier}, up to {channel.perSecond} messages a
              second
            </p>
            {channel.warning && <p className="warning">{channel.warning}</p>}
            {channel.qr && (
              <figure>
                <img
                  className="qr"
                  src={`data:image/svg+xml;utf8,${encodeURIComponent(channel.qr)}`}
                  alt="QR code that links a phone to this WhatsApp channel"
                />
                <figcaption>On the phone: WhatsApp, Linked devices, Link a device</figcaption>
              </figure>
            )}
          </section>
        ))
      }
    </Show>
  );
}
