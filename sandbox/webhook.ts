import { createHmac } from "node:crypto";

export interface Answer {
  /** 0: no answer at all. */
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** Why there was no answer. */
  readonly problem?: string;
}

/** Twilio's signature: HMAC-SHA1 with the auth token over the address and the sorted form fields. */
export function twilioSignature(authToken: string, url: string, form: URLSearchParams): string {
  const keys = [...new Set(form.keys())].sort();
  const text = keys.reduce(
    (sum, key) =>
      sum +
      [...new Set(form.getAll(key))]
        .sort()
        .map((v) => key + v)
        .join(""),
    url,
  );
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}

/** Meta's X-Hub-Signature-256. */
export function metaSignature(appSecret: string, body: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body, "utf8").digest("hex")}`;
}

/** Slack's v0 signature over timestamp and raw body. */
export function slackSignature(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`, "utf8").digest("hex")}`;
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Where a request for `url` really goes. The product's public address stands for the server beside us; any other
 * host that is not this machine is refused, because nothing of the sandbox leaves the loopback.
 */
export function localTarget(url: string, publicUrl: string, server: string): string | undefined {
  if (url.startsWith(publicUrl)) return server + url.slice(publicUrl.length);
  return URL.canParse(url) && LOOPBACK.has(new URL(url).hostname) ? url : undefined;
}

/** One POST as a carrier makes it. Never throws: no answer is an answer with status 0. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return {
      status: response.status,
      body: await response.text(),
      contentType: response.headers.get("content-type") ?? "",
    };
  } catch (error) {
    const problem =
      error instanceof Error && error.name === "TimeoutError"
        ? `no answer in ${timeoutMs} ms`
        : reason(error);
    return { status: 0, body: "", contentType: "", problem };
  }
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? ((error.cause as Error | undefined) ?? error) : undefined;
  return cause?.message ?? String(error);
}

export function accepted(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
