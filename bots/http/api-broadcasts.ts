import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { appendAudit, may } from "#storage";
import { broadcastReport, broadcastReportPdf, recipientsCsv } from "../broadcast/index.ts";
import type { OpenApp } from "../open-app.ts";
import * as shapes from "./api-shapes.ts";
import { visitorOf } from "./console-login.ts";

const byId = z.object({ id: z.uuid() });
const NOT_FOUND = { error: "There is no such broadcast." };

/** What became of broadcasts. */
export function mountBroadcastReports(scope: FastifyInstance, app: OpenApp): void {
  const typed = scope.withTypeProvider<ZodTypeProvider>();
  const { db } = app.database;
  typed.get(
    "/broadcasts/:id/report",
    { schema: { params: byId, response: { 200: shapes.broadcastReport, 404: shapes.missing } } },
    async (request, reply) => {
      const { deployment } = app.content;
      const report = await broadcastReport(db, deployment, request.params.id, app.clock());
      return report ?? reply.code(404).send(NOT_FOUND);
    },
  );
  typed.get(
    "/broadcasts/:id/report.pdf",
    { schema: { params: byId, response: { 404: shapes.missing } } },
    async (request, reply) => {
      const { deployment } = app.content;
      const report = await broadcastReport(db, deployment, request.params.id, app.clock());
      if (!report) return reply.code(404).send(NOT_FOUND);
      return reply
        .type("application/pdf")
        .send((await broadcastReportPdf(report, deployment, app.clock())) as never);
    },
  );
  typed.get(
    "/broadcasts/:id/recipients.csv",
    { schema: { params: byId, response: { 403: shapes.missing, 404: shapes.missing } } },
    async (request, reply) => {
      const visitor = await visitorOf(app, request);
      if (visitor?.kind !== "sandbox" && !(visitor && may(visitor.staff, "contacts.export")))
        return reply
          .code(403)
          .send({ error: "Your roles do not allow exporting people's numbers: ask an auditor." });
      const { id } = request.params;
      const report = await broadcastReport(db, app.content.deployment, id, app.clock());
      if (!report) return reply.code(404).send(NOT_FOUND);
      await db.transaction((tx) =>
        appendAudit(tx, {
          actor: visitor.kind === "staff" ? `staff:${visitor.staff.id}` : "sandbox",
          action: "broadcast.recipients_exported",
          subject: `broadcast:${id}`,
        }),
      );
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="${id}-recipients.csv"`)
        .send(Readable.from(recipientsCsv(db, id)) as never);
    },
  );
}
