import type { ApprovedTemplate, Option, Text } from "../world.ts";
import { errors, type MetaError } from "./errors.ts";

/** The parts of a Cloud API message that a phone shows; its shape was checked against the contract before. */
export interface MetaMessage {
  readonly to: string;
  readonly type?: string;
  readonly biz_opaque_callback_data?: string;
  readonly text?: { readonly body: string };
  readonly image?: MediaPart;
  readonly video?: MediaPart;
  readonly document?: MediaPart;
  readonly audio?: MediaPart;
  readonly location?: {
    readonly latitude: number | string;
    readonly longitude: number | string;
    readonly name?: string;
  };
  readonly interactive?: {
    readonly type: string;
    readonly header?: { readonly text?: string };
    readonly body?: { readonly text: string };
    readonly footer?: { readonly text: string };
    readonly action: {
      readonly button?: string;
      readonly buttons?: readonly { readonly reply: Option }[];
      readonly sections?: readonly { readonly rows?: readonly Option[] }[];
    };
  };
  readonly template?: {
    readonly name: string;
    readonly language: { readonly code: string };
    readonly components?: readonly {
      readonly type: string;
      readonly parameters?: readonly { readonly text?: string }[];
    }[];
  };
}

interface MediaPart {
  readonly link?: string;
  readonly id?: string;
  readonly caption?: string;
  readonly filename?: string;
}

type Shown = Pick<Text, "body" | "options" | "media" | "location" | "template" | "asksLocation">;

/** What the phone shows of a message. Templates are filled in when the town knows them. */
export function shown(
  message: MetaMessage,
  templates: readonly ApprovedTemplate[] | undefined,
): Shown | { readonly error: MetaError } {
  const { interactive, template, location } = message;
  if (message.text) return { body: message.text.body };
  if (interactive) {
    const body = [interactive.header?.text, interactive.body?.text, interactive.footer?.text]
      .filter(Boolean)
      .join("\n");
    if (interactive.type === "location_request_message") return { body, asksLocation: true };
    const { buttons, sections, button } = interactive.action;
    if (buttons) return { body, options: { kind: "buttons", options: buttons.map((b) => option(b.reply)) } };
    const rows = (sections ?? []).flatMap((s) => s.rows ?? []).map(option);
    return { body, options: { kind: "list", ...(button ? { button } : {}), options: rows } };
  }
  if (template) {
    const values = (template.components?.find((c) => c.type === "body")?.parameters ?? []).map(
      (p) => p.text ?? "",
    );
    const language = template.language.code;
    const known = templates?.find((t) => t.name === template.name && t.language === language);
    if (templates && !known) return { error: errors.noTemplate(template.name, language) };
    if (!known) return { body: [`[${template.name}]`, ...values].join(" · "), template: template.name };
    const wanted = new Set(known.body.match(/\{\{\d+\}\}/g)).size;
    if (wanted !== values.length) return { error: errors.templateParameters(values.length, wanted) };
    return {
      body: known.body.replace(/\{\{(\d+)\}\}/g, (_, n: string) => values[Number(n) - 1] ?? ""),
      template: template.name,
    };
  }
  if (location)
    return {
      body: location.name ?? "",
      location: {
        latitude: Number(location.latitude),
        longitude: Number(location.longitude),
        ...(location.name ? { label: location.name } : {}),
      },
    };
  const part = message.image ?? message.video ?? message.document ?? message.audio;
  if (!part) return { body: `[${message.type ?? "message"}]` };
  const url = part.link ?? `/sandbox/api/media/${part.id}`;
  const contentType = message.image
    ? "image/*"
    : message.video
      ? "video/*"
      : message.audio
        ? "audio/*"
        : "application/pdf";
  return { body: part.caption ?? part.filename ?? "", media: [{ id: part.id ?? "link", contentType, url }] };
}

function option({ id, title, description }: Option): Option {
  return { id, title, ...(description ? { description } : {}) };
}
