import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ApiKey, claimRequest, keepAnswer, noteApiKeyUse, type Scope, type StaffMember } from "#storage";
import type { App } from "../../app.ts";
import { mayUse } from "../../systems/keys.ts";
import { commit, type Unit } from "../../unit.ts";
import { Problem } from "./problem.ts";

/** Who asks: a system, in the name of a member of staff. */
export interface Caller {
  readonly key: ApiKey;
  readonly owner: StaffMember;
  /** For the audit log: `api:<key id>`. */
  readonly actor: string;
}

const callers = new WeakMap<FastifyRequest, Caller>();
/** Characters of an idempotency key. */
const MAX_KEY = 255;

/** Every request of this scope needs a key; it is counted against the key's limit. */
export function askForKeys(scope: FastifyInstance, app: App): void {
  scope.addHook("onRequest", async (request, reply) => {
    const [, written] = /^Bearer (\S{20,200})$/.exec(request.headers.authorization ?? "") ?? [];
    const use = written ? await noteApiKeyUse(app.database.db, written) : undefined;
    if (!use) {
      reply.header("www-authenticate", "Bearer");
      throw new Problem(
        "unauthorized",
        "Send a key as `Authorization: Bearer saypro_…`; an admin makes one: saypro api-key create.",
      );
    }
    const { key, owner, left, resetIn } = use;
    reply.headers({
      "ratelimit-limit": key.perMinute,
      "ratelimit-remaining": Math.max(0, left),
      "ratelimit-reset": resetIn,
    });
    if (left < 0) {
      reply.header("retry-after", resetIn);
      throw new Problem("too_many", `This key may make ${key.perMinute} requests a minute.`);
    }
    callers.set(request, { key, owner, actor: `api:${key.id}` });
  });
}

/** Who asks, when the key has the scope and its owner the permission. Throws a problem otherwise. */
export function callerOf(request: FastifyRequest, scope: Scope): Caller {
  const caller = callers.get(request);
  if (!caller?.key.scopes.includes(scope))
    throw new Problem("forbidden", `The key lacks the scope ${scope}.`);
  if (!mayUse(caller.owner, scope))
    throw new Problem(
      "forbidden",
      `${caller.owner.name}, in whose name the key acts, may not do this any more.`,
    );
  return caller;
}

/**
 * Carries out what changes something: once for each Idempotency-Key. A repetition gets the first answer, also while the
 * first is still under way, for which it waits; a request that is refused leaves no trace and can be corrected.
 */
export async function once(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  { key }: Caller,
  work: (unit: Unit) => Promise<{ readonly status: number; readonly body: object }>,
  need: "needed" | "optional" = "optional",
): Promise<FastifyReply> {
  const written = request.headers["idempotency-key"];
  if (Array.isArray(written) || (written !== undefined && (written === "" || written.length > MAX_KEY)))
    throw new Problem("key_missing", `Idempotency-Key: one, of 1 to ${MAX_KEY} characters.`);
  if (written === undefined && need === "needed")
    throw new Problem("key_missing", "Send an Idempotency-Key: a repetition must not write to people twice.");
  const asked = `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`;
  const { answer, repeated } = await commit(app, async (unit) => {
    if (written === undefined) return { answer: await work(unit), repeated: false };
    const claim = await claimRequest(unit.tx, key.id, written, asked);
    if (claim.kind === "other")
      throw new Problem("key_reused", "Within 24 hours a key stands for one request. Use a new one.");
    if (claim.kind === "repeated") return { answer: claim.answer, repeated: true };
    const done = await work(unit);
    await keepAnswer(unit.tx, key.id, written, done);
    return { answer: done, repeated: false };
  });
  if (repeated) reply.header("idempotent-replayed", "true");
  return reply.code(answer.status).send(answer.body as never);
}
