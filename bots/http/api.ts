import fastifySwagger from "@fastify/swagger";
import type { FastifyError, FastifyInstance } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { z } from "zod";
import {
  findConsultation,
  findFlowVersion,
  verifyAudit,
  viewAudit,
  viewBroadcasts,
  viewConsultations,
  viewCrises,
  viewOverview,
  viewTimeline,
} from "#storage";
import { drawFlow } from "../authoring/index.ts";
import { consultationResults } from "../consultation/index.ts";
import type { OpenApp } from "../open-app.ts";
import { mountAnswers } from "./api-answers.ts";
import { mountBroadcastReports } from "./api-broadcasts.ts";
import * as shapes from "./api-shapes.ts";
import { channelStates } from "./channel-states.ts";
import { visitorOf } from "./console-login.ts";
import { mountSystems } from "./systems/index.ts";

/** The staff API: it changes nothing. Every answer is typed, and the types are the OpenAPI document. */
export async function mountApi(server: FastifyInstance, app: OpenApp): Promise<void> {
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  await server.register(fastifySwagger, {
    openapi: {
      info: {
        title: "SayPro Engage",
        version: "1",
        description:
          "What staff see, by their login; and, tagged `systems`, what other departments' systems may do, by key.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    },
    transform: jsonSchemaTransform,
  });
  await server.register(
    async (scope) => {
      scope.get("/openapi.json", { schema: { hide: true } }, async () => server.swagger());
      await mountSystems(scope, app);
      await scope.register(async (guarded) => {
        guarded.addHook("onRequest", async (request, reply) => {
          if (!(await visitorOf(app, request)))
            return reply.code(401).send({ error: "Sign in first: type /saypro console in Slack." });
        });
        guarded.setErrorHandler<FastifyError>((error, _request, reply) => {
          if (!error.validation) throw error;
          return reply.code(400).send({ error: error.message });
        });
        mountReads(guarded, app);
        mountAnswers(guarded, app);
        mountBroadcastReports(guarded, app);
      });
    },
    { prefix: "/api" },
  );
}

function mountReads(scope: FastifyInstance, app: OpenApp): void {
  const typed = scope.withTypeProvider<ZodTypeProvider>();
  const { db } = app.database;
  const byId = z.object({ id: z.uuid() });
  typed.get("/me", { schema: { response: { 200: shapes.me } } }, async (request) => {
    const visitor = await visitorOf(app, request);
    return visitor?.kind === "staff"
      ? { name: visitor.staff.name, roles: [...visitor.staff.roles], sandbox: app.config.sandbox }
      : { name: "Sandbox visitor", roles: ["auditor"], sandbox: true };
  });
  typed.get("/overview", { schema: { response: { 200: shapes.overview } } }, async () => ({
    municipality: app.content.deployment.municipality,
    ...(await viewOverview(db)),
  }));
  typed.get("/channels", { schema: { response: { 200: z.array(shapes.channel) } } }, async () =>
    channelStates(app),
  );
  typed.get("/consultations", { schema: { response: { 200: z.array(shapes.consultation) } } }, () =>
    viewConsultations(db),
  );
  typed.get(
    "/consultations/:id",
    { schema: { params: byId, response: { 200: shapes.results, 404: shapes.missing } } },
    async (request, reply) => {
      const results = await consultationResults(
        { db, secrets: app.secrets },
        request.params.id,
        app.content.deployment.defaultLanguage,
      );
      return results ?? reply.code(404).send({ error: "There is no such consultation." });
    },
  );
  typed.get(
    "/consultations/:id/flow.svg",
    { schema: { params: byId, response: { 404: shapes.missing } } },
    async (request, reply) => {
      const consultation = await findConsultation(db, request.params.id);
      const flow = consultation && (await findFlowVersion(db, consultation.flow, consultation.flowVersion));
      if (!flow) return reply.code(404).send({ error: "There is no such consultation." });
      const svg = await drawFlow(flow, app.content.deployment.defaultLanguage);
      return reply.type("image/svg+xml").send(svg as never);
    },
  );
  typed.get("/broadcasts", { schema: { response: { 200: z.array(shapes.broadcast) } } }, () =>
    viewBroadcasts(db),
  );
  typed.get("/crises", { schema: { response: { 200: z.array(shapes.crisis) } } }, () => viewCrises(db));
  typed.get(
    "/crises/:id/timeline",
    { schema: { params: byId, response: { 200: z.array(shapes.timelineEntry) } } },
    (request) => viewTimeline(db, request.params.id),
  );
  typed.get(
    "/audit",
    {
      schema: {
        querystring: z.object({ before: z.coerce.number().int().positive().optional() }),
        response: { 200: z.array(shapes.auditEntry) },
      },
    },
    (request) => viewAudit(db, request.query.before),
  );
  typed.get("/audit/verification", { schema: { response: { 200: shapes.verification } } }, () =>
    verifyAudit(db),
  );
}
