import type { Choice, Media, OutboundMessage, Receipt } from "../channel.ts";
import { failed } from "../failure.ts";
import { asNumberedList } from "../numbered-list.ts";
import { templateVariables, windowClosed, windowIsOpen } from "./service-window.ts";

/** Meta's limits for messages with buttons or a list. */
const TEXT = 4096;
const BODY = 1024;
const CAPTION = 1024;
const BUTTONS = 3;
const BUTTON_TITLE = 20;
const BUTTON_ID = 256;
const ROWS = 10;
const ROW_TITLE = 24;
const ROW_DESCRIPTION = 72;
const ROW_ID = 200;

/** The JSON that Meta is sent; or why it cannot be sent. Our id comes back in every status. */
export function cloudBody(message: OutboundMessage, now: Date): Readonly<Record<string, unknown>> | Receipt {
  const common = {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: message.to.slice("whatsapp:".length),
    biz_opaque_callback_data: message.id,
  };
  if (!windowIsOpen(message, now)) {
    if (message.approvedAs === undefined) return windowClosed(message);
    const { name, language, variables } = message.approvedAs;
    const parameters = templateVariables(variables).map((text) => ({ type: "text", text }));
    return {
      ...common,
      type: "template",
      template: {
        name,
        language: { policy: "deterministic", code: language },
        ...(parameters.length > 0 ? { components: [{ type: "body", parameters }] } : {}),
      },
    };
  }
  const { text, choices = [] } = message;
  // Under a medium stands less than in a message: what is longer goes with a link.
  const [first, ...further] = message.media ?? [];
  const goesAlong = first !== undefined && asNumberedList(text, choices).length <= CAPTION;
  const medium = goesAlong ? first : undefined;
  const others = goesAlong ? further : (message.media ?? []);
  const interactive = first === undefined ? interactiveOf(text, choices) : undefined;
  if (interactive !== undefined) return { ...common, type: "interactive", interactive };
  const whole = [asNumberedList(text, choices), ...others.map(({ url }) => url)].filter(Boolean).join("\n");
  const limit = medium === undefined ? TEXT : CAPTION;
  if (whole.length > limit || (medium === undefined && whole.length === 0))
    return failed(
      {
        failure: "refused",
        detail: `The message has ${whole.length} characters; 1 to ${limit} are allowed. Change it.`,
      },
      { messageId: message.id },
    );
  return medium === undefined
    ? { ...common, type: "text", text: { body: whole } }
    : { ...common, ...mediaOf(medium, whole) };
}

/** Buttons up to three, a list up to ten, undefined where the choices do not fit either. */
function interactiveOf(text: string, choices: readonly Choice[]): object | undefined {
  if (choices.length === 0 || choices.length > ROWS || text.length === 0 || text.length > BODY)
    return undefined;
  const fits = (title: number, id: number): boolean =>
    new Set(choices.map((c) => c.title)).size === choices.length &&
    choices.every((c) => c.title.length > 0 && c.title.length <= title && c.id.length <= id);
  if (choices.length <= BUTTONS && fits(BUTTON_TITLE, BUTTON_ID))
    return {
      type: "button",
      body: { text },
      action: { buttons: choices.map(({ id, title }) => ({ type: "reply", reply: { id, title } })) },
    };
  if (!fits(ROW_DESCRIPTION, ROW_ID)) return undefined;
  const rows = choices.map(({ id, title }, i) =>
    // A long title stands in full below the row's number.
    title.length <= ROW_TITLE ? { id, title } : { id, title: `${i + 1}.`, description: title },
  );
  // The label needs no language.
  return {
    type: "list",
    body: { text },
    action: { button: `☰ 1–${choices.length}`, sections: [{ rows }] },
  };
}

function mediaOf({ url, contentType }: Media, caption: string): object {
  const [family] = contentType.split("/", 1);
  const withCaption = { link: url, ...(caption ? { caption } : {}) };
  if (family === "image") return { type: "image", image: withCaption };
  if (family === "video") return { type: "video", video: withCaption };
  return { type: "document", document: withCaption };
}
