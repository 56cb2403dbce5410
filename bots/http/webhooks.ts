import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BadRequest, ForgedRequest, type Webhook, type WebhookReply, type WebhookRequest } from "#channels";
import type { App } from "../app.ts";
import { handleArrival } from "../inbound.ts";
import { metrics } from "./metrics.ts";

/** Carriers' webhooks are small; a larger body is not one. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** Meta sends up to a thousand status changes in one request. */
const META_BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/**
 * Mounts the carriers' webhooks and Slack's. Bodies are kept raw, since signatures cover bytes.
 * 200 only once everything that came is stored; forged 403; malformed 400; storage down 503, so that the carrier
 * repeats.
 */
export function mountWebhooks(
  server: FastifyInstance,
  app: App,
  webhooks: readonly Webhook[],
  slack?: (request: WebhookRequest) => Promise<WebhookReply>,
): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    for (const webhook of webhooks) {
      scope.route({
        method: webhook.method,
        url: webhook.path,
        bodyLimit: webhook.path.includes("whatsapp") ? META_BODY_LIMIT_BYTES : BODY_LIMIT_BYTES,
        handler: (request, reply) => receive(app, webhook, request, reply),
      });
    }
    if (slack) {
      scope.post("/slack/events", { bodyLimit: BODY_LIMIT_BYTES * 8 }, async (request, reply) =>
        answer(reply, await slack(webhookRequest(request))),
      );
    }
  });
}

async function receive(
  app: App,
  webhook: Webhook,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const end = metrics.webhookSeconds.startTimer({ path: webhook.path });
  try {
    const { arrivals, reply: carrierReply } = webhook.receive(webhookRequest(request));
    for (const arrival of arrivals) {
      metrics.arrivals.inc({ kind: arrival.kind });
      await handleArrival(app, arrival.channel, arrival);
    }
    return answer(reply, carrierReply);
  } catch (error) {
    if (error instanceof ForgedRequest) {
      app.log.warn(
        { path: webhook.path },
        "webhook refused: wrong signature; is PUBLIC_URL the address the carrier calls?",
      );
      return reply.code(403).send({ error: "The request is not signed by the carrier." });
    }
    if (error instanceof BadRequest) return reply.code(400).send({ error: error.message });
    app.log.error({ err: error, path: webhook.path }, "webhook not stored; the carrier is asked to repeat");
    return reply.code(503).header("retry-after", "5").send({ error: "Not stored, please repeat." });
  } finally {
    end();
  }
}

function webhookRequest(request: FastifyRequest): WebhookRequest {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value[0] : value;
  return {
    method: request.method,
    url: request.raw.url ?? request.url,
    headers,
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
  };
}

function answer(reply: FastifyReply, { status, contentType, body }: WebhookReply): FastifyReply {
  return reply.code(status).type(contentType).send(body);
}
