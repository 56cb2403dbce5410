import type { FastifyError, FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { App } from "../../app.ts";
import { consultationResults } from "../../consultation/index.ts";
import * as shapes from "../api-shapes.ts";
import { mountBroadcasts } from "./broadcasts.ts";
import { askForKeys, callerOf } from "./caller.ts";
import { mountContacts } from "./contacts.ts";
import { Problem, problemShape, sendProblem } from "./problem.ts";

/** The API for other departments' systems, by key: /api/v1. Staff's own reading is beside it, by their login. */
export async function mountSystems(scope: FastifyInstance, app: App): Promise<void> {
  await scope.register(
    async (systems) => {
      systems.setErrorHandler<FastifyError>((error, _request, reply) => {
        if (error instanceof Problem) return sendProblem(reply, error);
        if (error.validation)
          return sendProblem(
            reply,
            new Problem(
              "invalid",
              error.message,
              error.validation.map(({ instancePath, message = "" }) => ({
                // The type provider calls the whole body "/", RFC 6901 the empty text.
                pointer: instancePath === "/" ? "" : instancePath,
                detail: message,
              })),
            ),
          );
        if (error.statusCode === 413) return sendProblem(reply, new Problem("too_large", error.message));
        if (error.statusCode !== undefined && error.statusCode < 500)
          return sendProblem(reply, new Problem("invalid", error.message));
        throw error;
      });
      systems.setNotFoundHandler((request, reply) =>
        sendProblem(reply, new Problem("not_found", `There is nothing at ${request.method} ${request.url}.`)),
      );
      systems.addHook("onRoute", (route) => {
        route.schema = { ...route.schema, security: [{ key: [] }] };
      });
      askForKeys(systems, app);
      mountContacts(systems, app);
      mountBroadcasts(systems, app);
      mountResults(systems, app);
    },
    { prefix: "/v1" },
  );
}

function mountResults(scope: FastifyInstance, app: App): void {
  scope.withTypeProvider<ZodTypeProvider>().get(
    "/consultations/:id/results",
    {
      schema: {
        tags: ["systems"],
        params: z.object({ id: z.uuid() }),
        response: { 200: shapes.results, 404: problemShape },
      },
    },
    async (request) => {
      callerOf(request, "results:read");
      const { defaultLanguage } = app.content.deployment;
      const reader = { db: app.database.db, secrets: app.secrets };
      const results = await consultationResults(reader, request.params.id, defaultLanguage);
      if (!results) throw new Problem("not_found", "There is no such consultation.");
      return results;
    },
  );
}
