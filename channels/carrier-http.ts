import { Pool } from "undici";

/** Requests to one carrier in flight at once; more wait inside the pool. */
const CONNECTIONS = 256;
const CONNECT_TIMEOUT_MS = 5_000;
/** Without an answer after this the outcome is in doubt. */
const ANSWER_TIMEOUT_MS = 20_000;
/** A carrier's answer is a few kilobytes; a page of a thousand messages is the largest. */
const ANSWER_LIMIT_BYTES = 4 * 1024 * 1024;
/** A carrier that asks for more patience than this is asked again anyway. */
const RETRY_AFTER_LIMIT_MS = 3_600_000;

/** What came of one request. `not_taken` never reached the carrier; `lost` may have. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: "not_taken" | "lost"; readonly words: string };

export interface CarrierRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query under the carrier's address. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface CarrierHttp {
  request(request: CarrierRequest): Promise<Answer>;
  close(): Promise<void>;
}

/** Keep-alive connections to one carrier. Never repeats a request: the dispatcher decides that. */
export function openHttp(address: string): CarrierHttp {
  const { origin, pathname } = new URL(address);
  const prefix = pathname.replace(/\/$/, "");
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    maxResponseSize: ANSWER_LIMIT_BYTES,
  });
  let closing: Promise<void> | undefined;
  return {
    request: async ({ method, path, headers, body }) => {
      try {
        const answer = await pool.request({
          method,
          path: prefix + path,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        const text = await answer.body.text();
        const retryAfterMs = retryAfter(answer.headers["retry-after"]);
        return {
          kind: "answer",
          status: answer.statusCode,
          body: text,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        };
      } catch (error) {
        return { kind: neverSent(error) ? "not_taken" : "lost", words: causeOf(error) };
      }
    },
    // SMS and WhatsApp through Twilio share one pool, and each closes it.
    close: () => (closing ??= pool.close()),
  };
}

const BEFORE_HAND_OVER =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EACCES|UND_ERR_(CONNECT_TIMEOUT|CLOSED|DESTROYED|INVALID_ARG|NOT_SUPPORTED)|CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** True only where no byte of the request can have arrived: the connection itself failed. */
export function neverSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverSent);
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    (code !== undefined && BEFORE_HAND_OVER.test(code)) ||
    (error.cause !== undefined && neverSent(error.cause))
  );
}

/** The network's own words: a code such as ECONNRESET, without addresses or what was sent. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return "unknown error";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && /^[A-Z_0-9]+$/.test(code)) return code;
  return error.cause === undefined ? error.name : causeOf(error.cause);
}

/** Retry-After in seconds; its other form, a date, would need a clock and no carrier of ours sends it. */
export function retryAfter(header: string | string[] | undefined | null): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : (header ?? Number.NaN));
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(seconds * 1000, RETRY_AFTER_LIMIT_MS)
    : undefined;
}

/** Parses what a carrier answered; undefined when it is not a JSON object. */
export function jsonObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
