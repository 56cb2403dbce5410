import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { metaFaults, words } from "../contract.ts";
import { credentials } from "../credentials.ts";
import { createGate } from "../gate.ts";
import type { MediaStore } from "../media.ts";
import type { Surroundings } from "../surroundings.ts";
import { hangUp } from "../twilio/messages-api.ts";
import { errorBody, errors, type MetaError } from "./errors.ts";
import type { Meta } from "./meta.ts";
import type { MetaMessage } from "./shown.ts";

const { token, phoneNumberId } = credentials.meta;
const VERSION = "/:version(^v\\d+\\.\\d+$)";

/** graph.facebook.com: messages and media of one phone number. */
export function mountMeta(app: FastifyInstance, around: Surroundings, meta: Meta, media: MediaStore): void {
  const { state } = around;
  const gate = createGate(state);
  const refuse = (reply: FastifyReply, error: MetaError) => reply.code(error.status).send(errorBody(error));

  app.register(async (api) => {
    api.addHook("onRequest", async (request, reply) => {
      if (request.headers.authorization !== `Bearer ${token}`) return refuse(reply, errors.token);
    });

    api.post(`${VERSION}/:id/messages`, async (request, reply) => {
      const open = await gate();
      if (open.kind === "throttled")
        return refuse(reply.header("retry-after", String(open.retryAfter)), errors.throttled);
      if (open.kind === "error") return refuse(reply, errors.internal);
      const id = idOf(request);
      if (id !== phoneNumberId) return refuse(reply, errors.unknownObject(id));
      const message = request.body as MetaMessage & { status?: string; message_id?: string };
      if (message?.status === "read" && message.message_id) return { success: true };
      const faults = metaFaults(message);
      if (faults.length > 0) return refuse(reply, errors.parameter(words(faults)));
      const created = meta.create(message);
      if ("error" in created) return refuse(reply, created.error);
      if (created.answerLost) return hangUp(reply);
      return {
        messaging_product: "whatsapp",
        contacts: [{ input: message.to, wa_id: created.text.phone.slice(1) }],
        messages: [{ id: created.text.id, message_status: "accepted" }],
      };
    });

    api.post(`${VERSION}/:id/media`, async (request, reply) => {
      const type = request.headers["content-type"] ?? "";
      if (!type.startsWith("multipart/form-data")) return refuse(reply, errors.parameter("file is required"));
      const form = await new Response(request.body as BodyInit, {
        headers: { "content-type": type },
      }).formData();
      const file = form.get("file");
      if (!(file instanceof Blob)) return refuse(reply, errors.parameter("file is required"));
      const id = String(Date.now());
      media.put(id, file.type, Buffer.from(await file.arrayBuffer()));
      return { id };
    });

    api.get(`${VERSION}/:id`, async (request, reply) => {
      const id = idOf(request);
      if (id === phoneNumberId)
        return {
          id,
          display_phone_number: state.town.lines.whatsapp,
          verified_name: "Sandbox municipality",
          quality_rating: "GREEN",
        };
      const stored = media.get(id);
      if (!stored) return refuse(reply, errors.unknownObject(id));
      return {
        messaging_product: "whatsapp",
        url: `${around.url()}/lookaside/${id}`,
        mime_type: stored.contentType,
        sha256: createHash("sha256").update(stored.bytes).digest("hex"),
        file_size: String(stored.bytes.length),
        id,
      };
    });

    api.get("/lookaside/:id", async (request, reply) => {
      const stored = media.get(idOf(request));
      if (!stored) return reply.code(404).send();
      return reply.type(stored.contentType).send(stored.bytes);
    });
  });
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
