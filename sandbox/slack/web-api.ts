import type { FastifyInstance, FastifyRequest } from "fastify";
import { credentials } from "../credentials.ts";
import { createGate } from "../gate.ts";
import { happens } from "../knobs.ts";
import type { Surroundings } from "../surroundings.ts";
import { hangUp } from "../twilio/messages-api.ts";
import { type Args, slackMethods } from "./methods.ts";
import { answerTo } from "./responses.ts";
import type { Slack } from "./slack.ts";

const { botToken, appToken } = credentials.slack;
/** The methods that the knobs throttle and lose; the others only take their time. */
const SENDS = new Set(["chat.postMessage", "chat.update", "chat.postEphemeral"]);
const JSON_ARGS = new Set(["blocks", "attachments", "view", "metadata", "files"]);

/** slack.com/api: every method by POST (or GET), form or JSON, token in the header or the body. */
export function mountSlack(
  app: FastifyInstance,
  around: Surroundings,
  slack: Slack,
  keep: (id: string, type: string, bytes: Buffer) => void,
): void {
  const { state } = around;
  const methods = slackMethods(around, slack);
  const gate = createGate(state);

  app.route({
    method: ["GET", "POST"],
    url: "/api/:method",
    handler: async (request, reply) => {
      const name = (request.params as { method: string }).method;
      const method = methods[name];
      if (!method) return { ok: false, error: "unknown_method", req_method: name };
      const { args, token } = await argumentsOf(request);
      if (!token) return { ok: false, error: "not_authed" };
      if (token !== (method.token === "app" ? appToken : botToken))
        return {
          ok: false,
          error: token === appToken || token === botToken ? "not_allowed_token_type" : "invalid_auth",
        };
      if (SENDS.has(name)) {
        const open = await gate();
        if (open.kind === "throttled")
          return reply
            .code(429)
            .header("retry-after", String(open.retryAfter))
            .send({ ok: false, error: "ratelimited" });
        if (open.kind === "error") return reply.code(503).send({ ok: false, error: "service_unavailable" });
      }
      const faults = [
        ...Object.keys(args)
          .filter((key) => !method.takes.includes(key))
          .map((key) => `[ERROR] unknown argument: ${key}`),
        ...(method.needs ?? [])
          .filter((key) => args[key] === undefined || args[key] === "")
          .map((key) => `[ERROR] missing required field: ${key}`),
      ];
      if (faults.length > 0) {
        around.problem("slack", `${name} was refused: ${faults.join("; ")}`);
        return {
          ok: false,
          error: "invalid_arguments",
          errors: faults,
          response_metadata: { messages: faults },
        };
      }
      const result = method.run(args);
      if (result.ok === false) around.problem("slack", `${name} was refused: ${JSON.stringify(result)}`);
      if (SENDS.has(name) && result.ok && happens(state.knobs.lostAnswers)) return hangUp(reply);
      return result;
    },
  });

  app.post("/slack-response/:id", async (request, reply) => {
    const ticket = slack.tickets.respond((request.params as { id: string }).id);
    if ("error" in ticket) return reply.code(404).send({ ok: false, error: ticket.error });
    const problem = answerTo(slack.posts, around, ticket, JSON.stringify(request.body ?? ""));
    return problem ? reply.code(400).send(problem) : reply.send("ok");
  });

  app.post("/slack-upload/:id", async (request) => {
    const { id } = request.params as { id: string };
    const type = request.headers["content-type"] ?? "";
    if (type.startsWith("multipart/form-data")) {
      const form = await new Response(request.body as BodyInit, {
        headers: { "content-type": type },
      }).formData();
      for (const part of form.values())
        if (part instanceof Blob) keep(id, part.type, Buffer.from(await part.arrayBuffer()));
    } else {
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.from(String(request.body ?? ""));
      keep(id, type, bytes);
    }
    return `OK - ${id}`;
  });
}

async function argumentsOf(request: FastifyRequest): Promise<{ args: Args; token: string | undefined }> {
  const type = request.headers["content-type"] ?? "";
  const query = new URL(request.url, "http://slack").searchParams;
  let given: Record<string, unknown> = Object.fromEntries(query);
  if (typeof request.body === "string")
    given = { ...given, ...Object.fromEntries(new URLSearchParams(request.body)) };
  else if (type.startsWith("multipart/form-data"))
    given = {
      ...given,
      ...Object.fromEntries(
        await new Response(request.body as BodyInit, { headers: { "content-type": type } }).formData(),
      ),
    };
  else if (typeof request.body === "object" && request.body !== null && !Buffer.isBuffer(request.body))
    given = { ...given, ...(request.body as Record<string, unknown>) };
  // Bolt adds the team to every call.
  const { token, team_id: _, ...args } = given;
  const parsed = Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      JSON_ARGS.has(key) && typeof value === "string" ? json(value) : value,
    ]),
  );
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  return { args: parsed, token: bearer ?? (typeof token === "string" ? token : undefined) };
}

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
