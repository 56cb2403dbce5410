import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { causeOf, neverSent } from "../carrier-http.ts";
import { type Fault, faultsByCode } from "../failure.ts";
import errors from "./errors.json" with { type: "json" };

const faults = faultsByCode(errors.groups);

/** What an error of Slack's Web API means for a message. `harmless`: sending it again would change nothing. */
export function slackFault(error: unknown, harmless: boolean): Fault {
  if (error instanceof WebAPIRateLimitedError)
    return {
      failure: "throttled",
      code: "ratelimited",
      detail: "Slack's rate is reached; posting slows down.",
      retryAfterMs: error.retryAfter * 1000,
    };
  if (error instanceof WebAPIPlatformError) {
    const name = error.data.error;
    return (
      faults.get(name) ?? { failure: "refused", code: name, detail: `Slack refused the message (${name}).` }
    );
  }
  const unavailable: Fault = {
    failure: "unavailable",
    detail: `Slack cannot be reached (${wordsOf(error)}); it is tried again.`,
  };
  if (harmless) return unavailable;
  if (error instanceof WebAPIRequestError && neverSent(error.original)) return unavailable;
  if (error instanceof WebAPIHTTPError && (error.statusCode === 503 || error.statusCode < 500))
    return unavailable;
  return {
    failure: "unknown_outcome",
    detail: `Slack's answer was lost (${wordsOf(error)}); it is looked up before it is sent again.`,
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof WebAPIHTTPError) return `HTTP ${error.statusCode}`;
  return causeOf(error instanceof WebAPIRequestError ? error.original : error);
}
