import type { FormResult } from "../contract.ts";
import { words } from "../contract.ts";

export interface TwilioError {
  readonly code: number;
  readonly message: string;
  readonly status: number;
}

/** Twilio's error body. */
export function errorBody(error: TwilioError): object {
  return { ...error, more_info: `https://www.twilio.com/docs/errors/${error.code}` };
}

export const errors = {
  authenticate: { code: 20003, message: "Authenticate", status: 401 },
  tooManyRequests: { code: 20429, message: "Too Many Requests", status: 429 },
  internal: { code: 20500, message: "An internal server error has occurred", status: 500 },
  noService: { code: 21701, message: "The Messaging Service does not exist", status: 404 },
  notCancelable: { code: 30409, message: "Message is not in a cancelable state", status: 409 },
  contentSid: { code: 21655, message: "The ContentSid is Invalid", status: 400 },
  contentVariables: { code: 21656, message: "The ContentVariables Parameter is invalid", status: 400 },
} as const satisfies Record<string, TwilioError>;

export function notFound(path: string): TwilioError {
  return { code: 20404, message: `The requested resource ${path} was not found`, status: 404 };
}

export function optedOut(): TwilioError {
  return { code: 21610, message: "Attempt to send to unsubscribed recipient", status: 400 };
}

export function invalidTo(to: string): TwilioError {
  return { code: 21211, message: `Invalid 'To' Phone Number: ${to}`, status: 400 };
}

export function wrongFrom(from: string): TwilioError {
  return {
    code: 21606,
    message: `The 'From' phone number provided (${from}) is not a valid message-capable Twilio phone number for this destination.`,
    status: 400,
  };
}

/** The code that Twilio has for a request that breaks the contract; keys it does not know are 20001 here. */
export function contractError({ values, faults }: FormResult): TwilioError | undefined {
  if (faults.length === 0) return undefined;
  const to = values.To;
  const body = values.Body;
  const has = (key: string) => values[key] !== undefined && values[key] !== "";
  if (faults.some((f) => f.keyword === "additionalProperties" || f.keyword === "repeated"))
    return invalid(faults);
  if (!has("To")) return { code: 21604, message: "A 'To' phone number is required.", status: 400 };
  if (faults.some((f) => f.instancePath === "/To")) return invalidTo(String(to));
  if (!has("From") && !has("MessagingServiceSid"))
    return {
      code: 21603,
      message: "A 'From' or 'MessagingServiceSid' parameter is required to send a message",
      status: 400,
    };
  if (!has("Body") && !has("MediaUrl") && !has("ContentSid"))
    return { code: 21602, message: "Message body is required.", status: 400 };
  if (typeof body === "string" && body.length > 1600)
    return {
      code: 21617,
      message: "The concatenated message body exceeds the 1600 character limit",
      status: 400,
    };
  if (faults.some((f) => f.instancePath === "/StatusCallback"))
    return {
      code: 21609,
      message: `The StatusCallback URL ${String(values.StatusCallback)} is not a valid URL.`,
      status: 400,
    };
  return invalid(faults);
}

function invalid(faults: FormResult["faults"]): TwilioError {
  return { code: 20001, message: `Invalid parameter: ${words(faults)}`, status: 400 };
}
