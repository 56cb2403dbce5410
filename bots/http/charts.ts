import type { FastifyInstance } from "fastify";
import type { App } from "../app.ts";
import { broadcastReport, hasReportChart, reportPng } from "../broadcast/index.ts";
import { chartPng, consultationResults, hasChart } from "../consultation/index.ts";
import { isChartUrl, type Pictured } from "../picture-links.ts";

/** GET /charts/:of/:id/:mac.png */
export function mountCharts(server: FastifyInstance, app: App): void {
  const drawn: Readonly<Record<Pictured, (id: string) => Promise<Uint8Array | undefined>>> = {
    consultation: async (id) => {
      const reader = { db: app.database.db, secrets: app.secrets };
      const results = await consultationResults(reader, id, app.content.deployment.defaultLanguage);
      return results && hasChart(results) ? chartPng(results) : undefined;
    },
    broadcast: async (id) => {
      const { deployment } = app.content;
      const report = await broadcastReport(app.database.db, deployment, id, app.clock());
      return report && hasReportChart(report) ? reportPng(report, deployment) : undefined;
    },
  };
  server.get<{ Params: { of: string; id: string; file: string }; Querystring: { until?: string } }>(
    "/charts/:of/:id/:file",
    async (request, reply) => {
      const { of, id, file } = request.params;
      const { until = "" } = request.query;
      const known =
        (of === "consultation" || of === "broadcast") &&
        isChartUrl(app, of, id, file.replace(/\.png$/, ""), Number(until));
      const picture = known ? await drawn[of](id) : undefined;
      if (!picture) return reply.code(404).send({ error: "There is no such picture." });
      return reply.type("image/png").header("cache-control", "private, max-age=3600").send(picture);
    },
  );
}
