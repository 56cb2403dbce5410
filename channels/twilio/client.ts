import twilio from "twilio";
import { type Answer, type CarrierHttp, openHttp } from "../carrier-http.ts";

export interface TwilioConfig {
  readonly accountSid: string;
  readonly authToken: string;
  /** Replaces https://api.twilio.com. */
  readonly apiUrl?: string;
  /** E.164, or a sender name. */
  /** Numbers or sender names: each person hears from one of them. */
  readonly smsFrom?: readonly string[];
  readonly messagingServiceSid?: string;
  /** E.164, without the `whatsapp:` prefix. */
  readonly whatsappFrom?: string;
  /** What the account's senders are allowed; asked of Twilio, not known to us. */
  readonly smsPerSecond?: number;
  readonly whatsappPerSecond?: number;
}

const API_URL = "https://api.twilio.com";

/** One account's way to Twilio: the official client for everything but the send. */
export interface Twilio {
  readonly config: TwilioConfig;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly client: ReturnType<typeof twilio>;
  /**
   * POST …/Messages.json. The one hot path goes straight to the connection pool: the official client spends four
   * times the CPU on a message. test/channels holds both to the same contract.
   */
  createMessage(parameters: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export function openTwilio(config: TwilioConfig): Twilio {
  const apiUrl = (config.apiUrl ?? API_URL).replace(/\/$/, "");
  const http = openHttp(apiUrl);
  const authorization = `Basic ${Buffer.from(`${config.accountSid}:${config.authToken}`).toString("base64")}`;
  const path = `/2010-04-01/Accounts/${config.accountSid}/Messages.json`;
  return {
    config,
    apiUrl,
    client: twilio(config.accountSid, config.authToken, { httpClient: requestClient(http) }),
    createMessage: (parameters) =>
      http.request({
        method: "POST",
        path,
        headers: {
          authorization,
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
        },
        body: new URLSearchParams(parameters).toString(),
      }),
    close: () => http.close(),
  };
}

type RequestClient = InstanceType<typeof twilio.RequestClient>;

/** The official client's transport, over our pool: whatever host it asks for, `apiUrl` is what it gets. */
function requestClient(http: CarrierHttp): RequestClient {
  const request = async (options: {
    method: string;
    uri: string;
    username?: string;
    password?: string;
    headers?: Record<string, string>;
    params?: Record<string, unknown>;
    data?: Record<string, unknown>;
  }): Promise<{ statusCode: number; body: string; headers: object }> => {
    const { pathname, search } = new URL(options.uri);
    const query = formOf(options.params);
    const body = formOf(options.data);
    const credentials = Buffer.from(`${options.username}:${options.password}`).toString("base64");
    const answer = await http.request({
      method: options.method.toUpperCase() as "GET" | "POST" | "DELETE",
      path: pathname + (query ? `${search ? `${search}&` : "?"}${query}` : search),
      headers: { ...options.headers, authorization: `Basic ${credentials}` },
      ...(body ? { body } : {}),
    });
    if (answer.kind !== "answer") throw new Error(`Twilio cannot be reached (${answer.words})`);
    return { statusCode: answer.status, body: answer.body, headers: {} };
  };
  // The client calls nothing but request(); the class's other members belong to its own transport.
  return { request } as unknown as RequestClient;
}

function formOf(values: Record<string, unknown> = {}): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) form.append(name, String(one));
  return form.toString();
}
