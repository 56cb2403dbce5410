import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const BUILT = fileURLToPath(new URL("./page/dist", import.meta.url));

/** The page at /sandbox/; `npm run build` makes it. */
export async function mountPage(app: FastifyInstance): Promise<void> {
  app.get("/", async (_request, reply) => reply.redirect("/sandbox/"));
  if (!existsSync(BUILT)) {
    app.get("/sandbox/", async (_request, reply) =>
      reply.code(503).type("text/plain").send("The page is not built yet: npm run build\n"),
    );
    return;
  }
  app.get("/sandbox", async (_request, reply) => reply.redirect("/sandbox/"));
  await app.register(fastifyStatic, {
    root: BUILT,
    prefix: "/sandbox/",
    index: "index.html",
    decorateReply: false,
  });
}
