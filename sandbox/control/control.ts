import type { FastifyInstance } from "fastify";
import { ZodError } from "zod";
import { credentials, environment } from "../credentials.ts";
import { calm, knobsSchema } from "../knobs.ts";
import type { Surroundings } from "../surroundings.ts";
import { mountEvents } from "./events.ts";
import { type Parts, Refused } from "./parts.ts";
import { mountPhones } from "./phones.ts";
import { mountSlackControl } from "./slack-control.ts";
import { snapshot } from "./snapshot.ts";

/** /sandbox/api: how the page and headless tests hold the phones and sit in front of Slack. */
export function mountControl(app: FastifyInstance, around: Surroundings, parts: Parts): void {
  app.register(
    async (api) => {
      api.setErrorHandler((error, _request, reply) => {
        if (error instanceof ZodError)
          return reply
            .code(400)
            .send({ error: error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ") });
        const status =
          error instanceof Refused ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
        return reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
      });
      api.get("/state", async () => snapshot(around, parts.slack));
      api.get("/credentials", async () => ({
        url: around.url(),
        environment: environment(around.url(), around.state.town, around.state.knobs),
        accounts: credentials,
      }));
      api.get("/knobs", async () => around.state.knobs);
      api.put("/knobs", async (request) => {
        const knobs = { ...around.state.knobs, ...knobsSchema.partial().parse(request.body) };
        around.state.change({ kind: "knobs", knobs: knobs as typeof calm });
        return around.state.knobs;
      });
      api.delete("/knobs", async () => {
        around.state.change({ kind: "knobs", knobs: { ...calm, whatsapp: around.state.knobs.whatsapp } });
        return around.state.knobs;
      });
      api.get("/media/:id", async (request, reply) => {
        const stored = parts.media.get((request.params as { id: string }).id);
        if (!stored) throw new Refused(404, "There is no such photo.");
        return reply.header("x-content-type-options", "nosniff").type(stored.contentType).send(stored.bytes);
      });
      mountEvents(api, around);
      mountPhones(api, around, parts);
      mountSlackControl(api, around, parts.slack);
    },
    { prefix: "/sandbox/api" },
  );
}
