import type { OpenApp } from "./open-app.ts";

const LOOK_EVERY_MS = 1_000;

/** Shows the QR code of WhatsApp Web on the terminal whenever there is a new one to scan. The console shows it too. */
export function showWhatsAppLink(app: OpenApp, write: (text: string) => void): { stop(): void } {
  let shown = "";
  const timer = setInterval(() => {
    const connection = app.opened.whatsappWeb?.connection();
    if (connection?.state !== "qr" || connection.qr === shown) return;
    shown = connection.qr;
    write(
      `\nWhatsApp: on the phone open Linked devices, Link a device, and scan this code.\n${connection.terminal}\n`,
    );
  }, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
