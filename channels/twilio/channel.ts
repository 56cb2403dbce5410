import { type Answer, jsonObject } from "../carrier-http.ts";
import type {
  Address,
  Channel,
  InboundMessage,
  Media,
  OutboundMessage,
  Receipt,
  Surroundings,
  Webhook,
} from "../channel.ts";
import { failed, isReceipt } from "../failure.ts";
import { inboundText } from "../inbound-text.ts";
import type { Twilio } from "./client.ts";
import { answerFault } from "./failures.ts";
import { STATUS_PATH, twilioAddress, twilioReceipt } from "./webhooks.ts";

/** Twilio refuses more (21617), on WhatsApp too. */
export const TWILIO_TEXT_LIMIT = 1600;

/** A person gets a handful of messages a day: what is not among these newest ones was not taken. */
const LOOK_UP_LIMIT = 200;
/** Twilio's dates have whole seconds, and its clock is not ours. */
const CLOCK_TOLERANCE_MS = 5_000;
/** Inbound messages fetched after a stop. */
const MISSED_LIMIT = 50_000;
const PAGE_SIZE = 1000;
const PAGES_LIMIT = 1000;

type MessageInstance = Awaited<ReturnType<Twilio["client"]["messages"]["list"]>>[number];
interface MessagePage {
  readonly instances: readonly MessageInstance[];
  nextPage(): Promise<MessagePage> | undefined;
}

interface TwilioChannelParts {
  readonly name: "sms" | "whatsapp";
  readonly twilio: Twilio;
  readonly surroundings: Surroundings;
  readonly webhooks: readonly Webhook[];
  readonly perSecond: number;
  /** Our own addresses at Twilio; empty where Twilio chooses among those of a messaging service. */
  readonly own: readonly string[];
  /** Body or template, and the sender; or why it cannot be sent. */
  compose(message: OutboundMessage): Readonly<Record<string, string>> | Receipt;
  /** The whole text, as it stands on Twilio's list afterwards. */
  textOf(message: OutboundMessage): string;
}

/** What SMS and WhatsApp through Twilio have in common: hand over, look up, list what was missed. */
export function twilioChannel(parts: TwilioChannelParts): Channel {
  const { name, twilio, surroundings } = parts;
  return {
    name,
    carrier: "twilio",
    limits: { textLength: TWILIO_TEXT_LIMIT, choices: 0, perSecond: parts.perSecond },
    webhooks: parts.webhooks,
    send: async (message) => {
      const composed = parts.compose(message);
      if (isReceipt(composed)) return composed;
      const answer = await twilio.createMessage({
        To: recipient(message.to),
        ...composed,
        StatusCallback: statusCallback(surroundings, message.id),
      });
      return handedOver(message.id, answer);
    },
    lookUp: (message, since) => lookUp(parts, message, since),
    missedSince: (since) => missedSince(parts, since),
    close: () => twilio.close(),
  };
}

/** Twilio writes E.164 plainly for SMS, and with the prefix that our addresses have for WhatsApp. */
function recipient(to: Address): string {
  return to.startsWith("sms:") ? to.slice("sms:".length) : to;
}

/** Our id travels in the callback: it may arrive before the answer to the send, or in place of it. */
function statusCallback({ publicUrl, mac }: Surroundings, id: string): string {
  return `${publicUrl}${STATUS_PATH}?id=${encodeURIComponent(id)}&mac=${encodeURIComponent(mac(id))}`;
}

function handedOver(messageId: string, answer: Answer): Receipt {
  if (answer.kind === "answer" && answer.status >= 200 && answer.status < 300) {
    const sid = jsonObject(answer.body)?.sid;
    return { messageId, ...(typeof sid === "string" ? { providerId: sid } : {}), status: "sent" };
  }
  return failed(answerFault(answer), { messageId });
}

/**
 * Twilio keeps no key of ours, so the newest messages to this person are compared by sender and text. Not filtered
 * by DateSent: what still waits in Twilio's queue has none.
 */
async function lookUp(
  { twilio, own, textOf }: TwilioChannelParts,
  message: OutboundMessage,
  since: string,
): Promise<Receipt | "absent"> {
  const earliest = Date.parse(since) - CLOCK_TOLERANCE_MS;
  const text = spaced(textOf(message));
  try {
    const listed = await twilio.client.messages.list({
      to: recipient(message.to),
      limit: LOOK_UP_LIMIT,
      pageSize: LOOK_UP_LIMIT,
    });
    const found = listed.findLast(
      (one) =>
        one.direction !== "inbound" &&
        one.dateCreated.getTime() >= earliest &&
        (own.length === 0 || own.includes(one.from)) &&
        (spaced(one.body) === text || holdsVariables(one.body, message)),
    );
    if (found === undefined) return "absent";
    const ids = { messageId: message.id, providerId: found.sid };
    const receipt = twilioReceipt(found.status, found.errorCode ? String(found.errorCode) : undefined, ids);
    // On Twilio's list means taken, whatever its queue does next.
    return receipt === undefined || receipt.status === "sending" ? { ...ids, status: "sent" } : receipt;
  } catch {
    return failed(
      { failure: "unknown_outcome", detail: "Twilio cannot be asked at present; it is looked up again." },
      { messageId: message.id },
    );
  }
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A template stands on the list in the carrier's approved wording, of which we surely know the variables only. */
function holdsVariables(body: string, { approvedAs }: OutboundMessage): boolean {
  const variables = approvedAs?.variables ?? [];
  return variables.length > 0 && variables.every((value) => spaced(body).includes(spaced(value)));
}

/** Twilio lists the newest first, both directions mixed: only what came in is kept while its pages are turned. */
async function* missedSince(
  { name, twilio, own, surroundings }: TwilioChannelParts,
  since: string,
): AsyncGenerator<InboundMessage> {
  const inbound: MessageInstance[] = [];
  const isOurs = (to: string): boolean => own.length === 0 || own.includes(to);
  let page: MessagePage | undefined = await twilio.client.messages.page({
    ...(own.length === 1 ? { to: own[0] } : {}),
    dateSentAfter: new Date(Date.parse(since) - CLOCK_TOLERANCE_MS),
    pageSize: PAGE_SIZE,
  });
  for (let turned = 1; page !== undefined; turned++) {
    if (turned > PAGES_LIMIT || inbound.length > MISSED_LIMIT) {
      surroundings.log.error({ channel: name, since }, "more messages were missed than are fetched at once");
      break;
    }
    for (const one of page.instances)
      if (one.direction === "inbound" && twilioAddress(one.from).startsWith(`${name}:`) && isOurs(one.to))
        inbound.push(one);
    page = await page.nextPage();
  }
  for (const one of inbound.reverse()) {
    const media = one.numMedia === "0" ? [] : await mediaOf(twilio, one);
    yield {
      providerId: one.sid,
      from: twilioAddress(one.from),
      to: twilioAddress(one.to),
      text: inboundText(one.body),
      ...(media.length > 0 ? { media } : {}),
      sentAt: one.dateCreated.toISOString(),
    };
  }
}

async function mediaOf({ apiUrl }: Twilio, message: MessageInstance): Promise<Media[]> {
  const listed = await message.media().list({ limit: 10 });
  return listed.map(({ uri, contentType }) => ({ url: apiUrl + uri.replace(/\.json$/, ""), contentType }));
}
