import type { FastifyInstance } from "fastify";
import type { Secrets } from "#storage";
import type { App } from "../app.ts";
import { chartPng, consultationResults, hasChart } from "../consultation/index.ts";

const PURPOSE = "chart";
/** An address works for as long; Slack fetches it once and keeps the picture. */
const FOR_MS = 7 * 24 * 3600_000;
const DAY_MS = 24 * 3600_000;

/**
 * Where the picture of a consultation's results is fetched, for a week: Slack's servers come without a login, so whoever
 * has the address sees it, and nobody can guess one. `state` makes it another address when the figures are others.
 */
export function chartUrl(
  {
    config,
    secrets,
    clock,
  }: { readonly config: App["config"]; readonly secrets: Secrets; readonly clock: App["clock"] },
  consultation: string,
  state: string,
): string {
  // Whole days: the same figures have the same address, so that Slack need not fetch them again.
  const until = Math.ceil((clock().getTime() + FOR_MS) / DAY_MS) * DAY_MS;
  const mac = secrets.mac(PURPOSE, `${consultation} ${until}`);
  return `${config.publicUrl}/charts/${consultation}/${mac}.png?until=${until}&v=${encodeURIComponent(state)}`;
}

/** GET /charts/:consultation/:mac.png */
export function mountCharts(server: FastifyInstance, app: App): void {
  server.get<{ Params: { consultation: string; file: string }; Querystring: { until?: string } }>(
    "/charts/:consultation/:file",
    async (request, reply) => {
      const { consultation, file } = request.params;
      const mac = file.replace(/\.png$/, "");
      const { until = "" } = request.query;
      const known =
        Number(until) > app.clock().getTime() &&
        app.secrets.verifyMac(PURPOSE, `${consultation} ${until}`, mac);
      const reader = { db: app.database.db, secrets: app.secrets };
      const { defaultLanguage } = app.content.deployment;
      const results = known ? await consultationResults(reader, consultation, defaultLanguage) : undefined;
      if (!results || !hasChart(results)) return reply.code(404).send({ error: "There is no such picture." });
      return reply
        .type("image/png")
        .header("cache-control", "private, max-age=3600")
        .send(await chartPng(results));
    },
  );
}
