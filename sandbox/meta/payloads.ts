import { credentials } from "../credentials.ts";
import type { Step } from "../status-walk.ts";
import type { Text } from "../world.ts";

const metadata = ({ line }: Text) => ({
  display_phone_number: line.slice(1),
  phone_number_id: credentials.meta.phoneNumberId,
});

/** `changes[].value` of a statuses webhook. */
export function statusValue(text: Text, step: Step): object {
  const { error } = step;
  return {
    messaging_product: "whatsapp",
    metadata: metadata(text),
    statuses: [
      {
        id: text.id,
        status: step.status,
        timestamp: seconds(text.updatedAt),
        recipient_id: text.phone.slice(1),
        ...(text.opaque ? { biz_opaque_callback_data: text.opaque } : {}),
        ...(error
          ? {
              errors: [
                {
                  code: error.code,
                  title: error.message,
                  message: error.message,
                  error_data: { details: details[error.code] ?? error.message },
                  href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
                },
              ],
            }
          : {
              pricing: {
                billable: true,
                pricing_model: "PMP",
                category: text.template ? "utility" : "service",
              },
            }),
      },
    ],
  };
}

const details: Readonly<Record<number, string>> = {
  131026: "Message Undeliverable.",
  131047:
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
  131050:
    "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business",
};

/** `changes[].value` of a messages webhook. */
export function inboundValue(text: Text, profileName: string): object {
  const waId = text.phone.slice(1);
  return {
    messaging_product: "whatsapp",
    metadata: metadata(text),
    contacts: [{ profile: { name: profileName }, wa_id: waId }],
    messages: [
      {
        from: waId,
        id: text.id,
        timestamp: seconds(text.createdAt),
        ...(text.choice?.of ? { context: { from: text.line.slice(1), id: text.choice.of } } : {}),
        ...content(text),
      },
    ],
  };
}

function content(text: Text): object {
  const { choice, location } = text;
  const media = text.media?.[0];
  if (choice?.kind === "buttons")
    return {
      type: "interactive",
      interactive: { type: "button_reply", button_reply: { id: choice.id, title: choice.title } },
    };
  if (choice)
    return {
      type: "interactive",
      interactive: {
        type: "list_reply",
        list_reply: {
          id: choice.id,
          title: choice.title,
          ...(choice.description ? { description: choice.description } : {}),
        },
      },
    };
  if (location)
    return {
      type: "location",
      location: {
        latitude: location.latitude,
        longitude: location.longitude,
        ...(location.label ? { name: location.label } : {}),
      },
    };
  if (media) {
    const type = media.contentType.startsWith("video/") ? "video" : "image";
    const part = { id: media.id, mime_type: media.contentType, ...(text.body ? { caption: text.body } : {}) };
    return { type, [type]: part };
  }
  return { type: "text", text: { body: text.body } };
}

function seconds(iso: string): string {
  return String(Math.floor(Date.parse(iso) / 1000));
}
