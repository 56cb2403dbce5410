import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { appendAudit, may } from "#storage";
import {
  CannotAnalyse,
  CannotRake,
  EXPORTS,
  type ExportFile,
  exportFiles,
  gatherReport,
  reportJson,
  reportPdf,
} from "../consultation/index.ts";
import type { OpenApp } from "../open-app.ts";
import * as shapes from "./api-shapes.ts";
import { visitorOf } from "./console-login.ts";

const byId = z.object({ id: z.uuid() });
const NOT_FOUND = { error: "There is no such consultation." };

/** What consultations say, for programs: analysed, as a report, and as files. */
export function mountAnswers(scope: FastifyInstance, app: OpenApp): void {
  const typed = scope.withTypeProvider<ZodTypeProvider>();
  const reader = { db: app.database.db, secrets: app.secrets };
  const report = (id: string, { margins, by, population, published }: z.infer<typeof shapes.analysisAsked>) =>
    gatherReport(reader, id, {
      language: app.content.deployment.defaultLanguage,
      instruments: app.content.instruments.byId,
      spoken: app.content.deployment.languages.map(({ code }) => code),
      published,
      ...(margins
        ? { margins: Object.entries(margins).map(([variable, shares]) => ({ variable, shares })) }
        : {}),
      ...(by === undefined ? {} : { by }),
      ...(population === undefined ? {} : { population }),
    });

  typed.post(
    "/consultations/:id/analysis",
    {
      schema: {
        params: byId,
        body: shapes.analysisAsked,
        response: { 200: shapes.analysis, 400: shapes.missing, 404: shapes.missing },
      },
    },
    async (request, reply) => {
      try {
        const found = await report(request.params.id, request.body);
        return found ? reply.send(reportJson(found) as never) : reply.code(404).send(NOT_FOUND);
      } catch (error) {
        if (error instanceof CannotRake || error instanceof CannotAnalyse)
          return reply.code(400).send({ error: error.message });
        throw error;
      }
    },
  );

  typed.get(
    "/consultations/:id/report.pdf",
    {
      schema: {
        params: byId,
        querystring: z.object({ published: z.stringbool().default(false) }),
        response: { 403: shapes.missing, 404: shapes.missing },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { published } = request.query;
      const actor = await exporter(app, request, reply);
      if (actor === undefined) return reply;
      const found = await report(id, { published });
      if (!found) return reply.code(404).send(NOT_FOUND);
      await audit(app, actor, "consultation.reported_on", id, { published, pdf: true });
      const pdf = await reportPdf(found, app.content.deployment, app.clock());
      return reply.type("application/pdf").send(pdf as never);
    },
  );

  const exportParams = byId.extend({ format: z.enum(EXPORTS) });
  typed.get(
    "/consultations/:id/exports/:format",
    {
      schema: {
        params: exportParams,
        response: { 200: shapes.exportList, 403: shapes.missing, 404: shapes.missing },
      },
    },
    async (request, reply) => {
      if ((await exporter(app, request, reply)) === undefined) return reply;
      const { id, format } = request.params;
      const files = await exportFiles(reader, id, format, app.content, app.clock());
      return files ? { files: files.map(({ name }) => name) } : reply.code(404).send(NOT_FOUND);
    },
  );
  typed.get(
    "/consultations/:id/exports/:format/:file",
    {
      schema: {
        params: exportParams.extend({ file: z.string() }),
        response: { 403: shapes.missing, 404: shapes.missing },
      },
    },
    async (request, reply) => {
      const actor = await exporter(app, request, reply);
      if (actor === undefined) return reply;
      const { id, format, file: name } = request.params;
      const files = await exportFiles(reader, id, format, app.content, app.clock());
      const file = files?.find((each) => each.name === name);
      if (!file) return reply.code(404).send({ error: "There is no such file." });
      await audit(app, actor, "consultation.exported", id, { format, file: name });
      return reply
        .type(typeOf(file))
        .header("content-disposition", `attachment; filename="${file.name}"`)
        .send(Readable.from(file.content) as never);
    },
  );
}

/** Under which name the audit log has whoever takes answers out; undefined when they may not, and were told so. */
async function exporter(
  app: OpenApp,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | undefined> {
  const visitor = await visitorOf(app, request);
  if (visitor?.kind === "sandbox") return "sandbox";
  if (visitor && may(visitor.staff, "answers.export")) return `staff:${visitor.staff.id}`;
  await reply.code(403).send({ error: "Your roles do not allow exporting answers: ask an author." });
  return undefined;
}

const audit = (app: OpenApp, actor: string, action: string, id: string, data: object): Promise<unknown> =>
  app.database.db.transaction((tx) =>
    appendAudit(tx, { actor, action, subject: `consultation:${id}`, data }),
  );

const TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  jsonl: "application/jsonl; charset=utf-8",
  json: "application/json; charset=utf-8",
  md: "text/markdown; charset=utf-8",
  pdf: "application/pdf",
};

const typeOf = ({ name }: ExportFile): string =>
  TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
