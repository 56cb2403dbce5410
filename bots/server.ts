import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import { sql } from "drizzle-orm";
import { type FastifyBaseLogger, type FastifyInstance, fastify } from "fastify";
import { rows } from "#storage";
import { mountCalendar } from "./calendar/index.ts";
import { mountApi } from "./http/api.ts";
import { mountCharts } from "./http/charts.ts";
import { mountConsoleLogin } from "./http/console-login.ts";
import { renderMetrics } from "./http/metrics.ts";
import { mountSandboxProxy } from "./http/sandbox-proxy.ts";
import { mountWebhooks } from "./http/webhooks.ts";
import { handleArrival } from "./inbound.ts";
import { type OpenApp, StartError, words } from "./open-app.ts";
import { features } from "./staff/features.ts";
import { registerStaffBot } from "./staff/staff-bot.ts";

const CONSOLE = fileURLToPath(new URL("../console/dist", import.meta.url));

export interface RunningServer {
  /** `http://host:port`, with the port that was really taken. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The HTTP process: webhooks, Slack, API, console, health. `sandboxUrl` is proxied at /sandbox. */
export async function startServer(app: OpenApp, sandboxUrl?: string): Promise<RunningServer> {
  const server = fastify({
    loggerInstance: app.log.child({ part: "http" }, { level: quiet(app.log.level) }) as FastifyBaseLogger,
    // Event streams of open pages would keep a stopping server for ever.
    forceCloseConnections: true,
    trustProxy: false,
  });
  mountHealth(server, app);
  mountWebhooks(server, app, app.opened.webhooks, app.opened.slack?.handle);
  if (app.opened.slack) registerStaffBot(app, app.opened.slack.app, features);
  mountCharts(server, app);
  mountCalendar(server, app);
  mountConsoleLogin(server, app);
  await mountApi(server, app);
  if (sandboxUrl) await mountSandboxProxy(server, sandboxUrl);
  if (existsSync(CONSOLE)) {
    await server.register(fastifyStatic, { root: CONSOLE, index: "index.html" });
    server.setNotFoundHandler((request, reply) =>
      request.method === "GET" && request.headers.accept?.includes("text/html")
        ? reply.sendFile("index.html")
        : reply
            .code(404)
            .send({ error: `There is nothing at ${request.method} ${request.url.split("?")[0]}.` }),
    );
  }
  const { port, host } = app.config;
  const address = await server.listen({ port, host }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE")
      throw new StartError(`PORT: ${port} is in use; stop the other program or set PORT to another`);
    throw new StartError(`PORT: cannot listen on ${host}:${port}: ${words(error)}`);
  });
  for (const channel of app.channels.values()) {
    await channel
      .connect?.((arrival) => handleArrival(app, channel.name, arrival))
      .catch((error: unknown) =>
        app.log.error(
          { err: error, channel: channel.name },
          "cannot connect; check its settings and start again",
        ),
      );
  }
  return { address, stop: () => server.close() };
}

/** A line for every request says nothing that the metrics do not say; failures are logged where they are understood. */
function quiet(level: string): string {
  return level === "info" ? "warn" : level;
}

function mountHealth(server: FastifyInstance, app: OpenApp): void {
  server.get("/healthz", async () => ({ status: "up" }));
  server.get("/readyz", async (_request, reply) => {
    const checks = await Promise.all([
      check("database", async () => void (await rows(app.database.db, sql`select 1`))),
      check("queue", () => app.bell.ping()),
    ]);
    return reply.code(checks.every((c) => c.ok) ? 200 : 503).send({ checks });
  });
  server.get("/metrics", async (request, reply) => {
    const { metricsToken } = app.config;
    const local = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(request.ip);
    if (metricsToken ? request.headers.authorization !== `Bearer ${metricsToken}` : !local)
      return reply
        .code(401)
        .send({ error: "Set METRICS_TOKEN and send it as a Bearer token, or ask from this machine." });
    const { contentType, body } = await renderMetrics(app);
    return reply.type(contentType).send(body);
  });
}

async function check(
  name: string,
  probe: () => Promise<void>,
): Promise<{ name: string; ok: boolean; error?: string }> {
  try {
    await probe();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, error: words(error) };
  }
}
