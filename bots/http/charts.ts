import type { FastifyInstance } from "fastify";
import type { Secrets } from "#storage";
import type { App } from "../app.ts";
import { chartPng, consultationResults, hasChart } from "../consultation/index.ts";

const PURPOSE = "chart";

/**
 * Where the picture of a consultation's results is fetched: Slack's servers come without a login, so whoever has the
 * address sees it, and nobody can guess one. `state` makes it another address when the figures are others.
 */
export const chartUrl = (
  { config, secrets }: { readonly config: App["config"]; readonly secrets: Secrets },
  consultation: string,
  state: string,
): string =>
  `${config.publicUrl}/charts/${consultation}/${secrets.mac(PURPOSE, consultation)}.png?v=${encodeURIComponent(state)}`;

/** GET /charts/:consultation/:mac.png */
export function mountCharts(server: FastifyInstance, app: App): void {
  server.get<{ Params: { consultation: string; file: string } }>(
    "/charts/:consultation/:file",
    async (request, reply) => {
      const { consultation, file } = request.params;
      const mac = file.replace(/\.png$/, "");
      const known = app.secrets.verifyMac(PURPOSE, consultation, mac);
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
