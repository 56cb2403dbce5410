import httpProxy from "@fastify/http-proxy";
import type { FastifyInstance } from "fastify";

/** Shows the sandbox's own page at /sandbox; it stays a program of its own, outside the product. */
export async function mountSandboxProxy(server: FastifyInstance, upstream: string): Promise<void> {
  await server.register(httpProxy, { upstream, prefix: "/sandbox", rewritePrefix: "/sandbox" });
}
