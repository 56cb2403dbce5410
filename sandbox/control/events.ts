import type { FastifyInstance } from "fastify";
import type { Surroundings } from "../surroundings.ts";

const HEARTBEAT_MS = 15_000;
const MAX_WATCHERS = 200;

/** Server-sent events: every change as it happens. */
export function mountEvents(api: FastifyInstance, around: Surroundings): void {
  let watchers = 0;
  api.get("/events", async (request, reply) => {
    if (watchers >= MAX_WATCHERS) return reply.code(503).send({ error: "Too many pages are open." });
    watchers += 1;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    raw.write(": hello\n\n");
    const stop = around.state.watch((notice) => raw.write(`data: ${JSON.stringify(notice)}\n\n`));
    const heartbeat = setInterval(() => raw.write(": still here\n\n"), HEARTBEAT_MS);
    request.raw.on("close", () => {
      watchers -= 1;
      clearInterval(heartbeat);
      stop();
    });
  });
}
