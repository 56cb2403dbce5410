import { type Answer, isRecord, jsonObject, openHttp } from "../carrier-http.ts";
import type { Channel, OutboundMessage, Receipt, Surroundings } from "../channel.ts";
import { type Fault, failed, isReceipt } from "../failure.ts";
import { cloudBody } from "./cloud-body.ts";
import { cloudFault, cloudFaults } from "./cloud-failures.ts";
import { cloudWebhooks } from "./cloud-webhooks.ts";

export interface WhatsAppCloudConfig {
  readonly token: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  /** Replaces https://graph.facebook.com. */
  readonly apiUrl?: string;
  /** What Meta allows this number: 80, or 1,000 once it is upgraded. */
  readonly perSecond?: number;
}

const API_URL = "https://graph.facebook.com";
const VERSION = "v23.0";
const PER_SECOND = 80;
export const CLOUD_TEXT_LIMIT = 4096;
/** Rows of a list; three or fewer are buttons. */
const CHOICES = 10;

/** WhatsApp through Meta's Cloud API. It keeps no list of messages to ask: doubts are settled by its webhooks. */
export function openWhatsAppCloud(config: WhatsAppCloudConfig, surroundings: Surroundings): Channel {
  const apiUrl = (config.apiUrl ?? API_URL).replace(/\/$/, "");
  const http = openHttp(apiUrl);
  const headers = { authorization: `Bearer ${config.token}`, "content-type": "application/json" };
  return {
    name: "whatsapp",
    carrier: "cloud",
    limits: { textLength: CLOUD_TEXT_LIMIT, choices: CHOICES, perSecond: config.perSecond ?? PER_SECOND },
    webhooks: cloudWebhooks(config, `${apiUrl}/${VERSION}`),
    send: async (message) => {
      const body = cloudBody(message, surroundings.clock());
      if (isReceipt(body)) return body;
      const path = `/${VERSION}/${config.phoneNumberId}/messages`;
      return handedOver(
        message,
        await http.request({ method: "POST", path, headers, body: JSON.stringify(body) }),
      );
    },
    close: () => http.close(),
  };
}

function handedOver({ id }: OutboundMessage, answer: Answer): Receipt {
  if (answer.kind === "answer" && answer.status >= 200 && answer.status < 300) {
    const messages = jsonObject(answer.body)?.messages;
    const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
    const providerId = isRecord(first) && typeof first.id === "string" ? first.id : undefined;
    return { messageId: id, ...(providerId === undefined ? {} : { providerId }), status: "sent" };
  }
  return failed(answerFault(answer), { messageId: id });
}

/** Meta's own error object says that the message was not taken; a 5xx without one leaves a doubt (503 apart). */
function answerFault(answer: Answer): Fault {
  if (answer.kind !== "answer")
    return answer.kind === "not_taken"
      ? { failure: "unavailable", detail: `Meta cannot be reached (${answer.words}); it is tried again.` }
      : {
          failure: "unknown_outcome",
          detail: `Meta's answer was lost (${answer.words}); only its webhook can tell.`,
        };
  const { status, retryAfterMs } = answer;
  const error = jsonObject(answer.body)?.error;
  const code = isRecord(error) && typeof error.code === "number" ? String(error.code) : undefined;
  const fault = ((): Fault => {
    if (code !== undefined && cloudFaults.has(code)) return cloudFault(code);
    if (status === 429) return cloudFault("130429");
    if (status === 503) return cloudFault("131016");
    if (status >= 500)
      return code === undefined
        ? {
            failure: "unknown_outcome",
            code: `HTTP ${status}`,
            detail: "Meta's answer was lost on the way; only its webhook can tell.",
          }
        : { ...cloudFault("131000"), code };
    if (status === 401 || status === 403) return { ...cloudFault("190"), code: code ?? `HTTP ${status}` };
    return cloudFault(code ?? `HTTP ${status}`);
  })();
  return retryAfterMs === undefined || fault.failure !== "throttled" ? fault : { ...fault, retryAfterMs };
}
