/** The least that a webhook can do: one row, and 200. */
import { createServer } from "node:http";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? "", max: 10 });
await pool.query(
  "create table if not exists nothing_rows (id bigint generated always as identity, body text)",
);

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  await pool.query({ name: "insert", text: "insert into nothing_rows (body) values ($1)", values: [body] });
  response.writeHead(200, { "content-type": "text/xml" }).end("<Response/>");
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, memory: process.memoryUsage.rss() });
});
