import { type Answer, jsonObject } from "../carrier-http.ts";
import { type Fault, faultsByCode } from "../failure.ts";
import errors from "./errors.json" with { type: "json" };

const faults = faultsByCode(errors.groups);

/** What a Twilio error code means; a code that we do not know is final, and staff get the page that explains it. */
export function twilioFault(code: string): Fault {
  return (
    faults.get(code) ?? {
      failure: "refused",
      code,
      detail: `Twilio refused the message; see https://www.twilio.com/docs/api/errors/${code}`,
    }
  );
}

/**
 * Judges an answer other than 2xx. Twilio's own error object says that the message was not taken; a 5xx without one
 * comes from something in between, and leaves a doubt (503 apart: nothing was passed on).
 */
export function answerFault(answer: Answer): Fault {
  if (answer.kind !== "answer")
    return answer.kind === "not_taken"
      ? {
          failure: "unavailable",
          detail: `Twilio cannot be reached (${answer.words}); it is tried again.`,
        }
      : {
          failure: "unknown_outcome",
          detail: `Twilio's answer was lost (${answer.words}); it is looked up before it is sent again.`,
        };
  const { status } = answer;
  const code = jsonObject(answer.body)?.code;
  const fault = faultOf(
    status,
    typeof code === "number" || typeof code === "string" ? String(code) : undefined,
  );
  return answer.retryAfterMs === undefined || fault.failure !== "throttled"
    ? fault
    : { ...fault, retryAfterMs: answer.retryAfterMs };
}

function faultOf(status: number, code: string | undefined): Fault {
  if (code !== undefined && faults.has(code)) return twilioFault(code);
  if (status === 429) return twilioFault("20429");
  if (status === 503) return twilioFault("20503");
  if (status >= 500)
    return code === undefined
      ? {
          failure: "unknown_outcome",
          code: `HTTP ${status}`,
          detail: "Twilio's answer was lost on the way; it is looked up before it is sent again.",
        }
      : { ...twilioFault("20500"), code };
  if (status === 401 || status === 403) return twilioFault("20003");
  return twilioFault(code ?? `HTTP ${status}`);
}
