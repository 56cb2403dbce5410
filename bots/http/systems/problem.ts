import type { FastifyReply } from "fastify";
import { z } from "zod";

/** Why a request was not carried out, for programs. */
export const PROBLEMS = {
  unauthorized: [401, "The key is missing, unknown, expired or revoked"],
  forbidden: [403, "The key may not do this"],
  not_found: [404, "There is no such thing"],
  opted_out: [409, "The person has opted out"],
  erased: [409, "The person was erased"],
  invalid: [422, "The request is not right"],
  key_reused: [422, "The idempotency key was used for another request"],
  key_missing: [400, "An idempotency key is needed"],
  too_large: [413, "The file is too large"],
  too_many: [429, "Too many requests"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;
export type ProblemCode = keyof typeof PROBLEMS;

/** A part of the request that is wrong; `pointer` is a JSON pointer (RFC 6901). */
export interface ProblemPart {
  readonly pointer: string;
  readonly detail: string;
}

/** Thrown by what handles a request; the caller is answered as RFC 9457 asks, and nothing is kept. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly parts: readonly ProblemPart[];
  constructor(code: ProblemCode, detail: string, parts: readonly ProblemPart[] = []) {
    super(detail);
    this.code = code;
    this.parts = parts;
  }
}

export const problemShape = z.object({
  type: z.string().describe("urn:saypro:problem:<code>"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  errors: z
    .array(z.object({ pointer: z.string(), detail: z.string() }))
    .readonly()
    .optional(),
});

export function sendProblem(reply: FastifyReply, { code, message, parts }: Problem): FastifyReply {
  const [status, title] = PROBLEMS[code];
  return reply
    .code(status)
    .header("content-type", "application/problem+json")
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: `urn:saypro:problem:${code}`,
      title,
      status,
      detail: message,
      ...(parts.length > 0 ? { errors: parts } : {}),
    });
}
