import { credentials } from "../credentials.ts";
import type { Text } from "../world.ts";

/** The fields of Twilio's incoming-message webhook. */
export function inboundForm(text: Text, profileName: string, mediaBase: string): URLSearchParams {
  const { accountSid } = credentials.twilio;
  const whatsapp = text.channel === "whatsapp";
  const prefix = whatsapp ? "whatsapp:" : "";
  const form = new URLSearchParams({
    ToCountry: "ZA",
    FromCountry: "ZA",
    SmsMessageSid: text.id,
    NumMedia: String(text.media?.length ?? 0),
    SmsSid: text.id,
    SmsStatus: "received",
    Body: text.body,
    To: prefix + text.line,
    NumSegments: String(text.segments),
    MessageSid: text.id,
    AccountSid: accountSid,
    From: prefix + text.phone,
    ApiVersion: "2010-04-01",
  });
  text.media?.forEach((media, i) => {
    form.set(
      `MediaUrl${i}`,
      `${mediaBase}/2010-04-01/Accounts/${accountSid}/Messages/${text.id}/Media/${media.id}`,
    );
    form.set(`MediaContentType${i}`, media.contentType);
  });
  if (!whatsapp) return form;
  form.set("ProfileName", profileName);
  form.set("WaId", text.phone.slice(1));
  form.set(
    "MessageType",
    text.location ? "location" : text.media ? "image" : text.choice ? "button" : "text",
  );
  if (text.location) {
    form.set("Latitude", String(text.location.latitude));
    form.set("Longitude", String(text.location.longitude));
    if (text.location.label) form.set("Label", text.location.label);
  }
  if (text.choice?.kind === "buttons") {
    form.set("ButtonPayload", text.choice.id);
    form.set("ButtonText", text.choice.title);
  }
  if (text.choice?.kind === "list") {
    form.set("MessageType", "interactive");
    form.set("ListId", text.choice.id);
    form.set("ListTitle", text.choice.title);
  }
  if (text.choice?.of) form.set("OriginalRepliedMessageSid", text.choice.of);
  return form;
}
