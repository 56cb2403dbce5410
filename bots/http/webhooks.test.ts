import { sql } from "drizzle-orm";
import { type FastifyInstance, fastify } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BadRequest, ForgedRequest, type Webhook } from "#channels";
import { rows } from "#storage";
import { openCitizenApp } from "../../test/support/citizen-app.ts";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { mountWebhooks } from "./webhooks.ts";

/** A carrier whose signature is the word "genuine" and whose body is one text. */
const webhook: Webhook = {
  channel: "sms",
  method: "POST",
  path: "/webhooks/test",
  receive: ({ headers, body }) => {
    if (headers["x-signature"] !== "genuine") throw new ForgedRequest("forged");
    const text = Buffer.from(body).toString();
    if (text === "") throw new BadRequest("The body is empty.");
    return {
      arrivals: [
        {
          kind: "message",
          channel: "sms",
          message: { providerId: `SM-${text}`, from: "sms:+27600000001", to: "sms:+27600009000", text },
        },
      ],
      reply: { status: 200, contentType: "text/xml", body: "<Response/>" },
    };
  },
};

describe("a carrier's webhook", () => {
  let database: TestDatabase;
  let server: FastifyInstance;
  beforeEach(async () => {
    database = await openTestDatabase();
    server = fastify();
    mountWebhooks(server, openCitizenApp(database).app, [webhook]);
    await server.ready();
  });
  afterEach(async () => {
    await server.close();
    await database.close();
  });
  const call = (body: string, signature = "genuine") =>
    server.inject({
      method: "POST",
      url: "/webhooks/test",
      headers: { "x-signature": signature, "content-type": "text/plain" },
      body,
    });
  const kept = () => rows(database.db, sql`select 1 from messages where direction = 'in'`);

  it("is answered as the carrier wants it once what it brought is stored", async () => {
    const response = await call("hello");
    expect([response.statusCode, response.body]).toEqual([200, "<Response/>"]);
    expect(await kept()).toHaveLength(1);
    await call("hello");
    expect(await kept()).toHaveLength(1);
  });

  it("is refused when it is forged, malformed or too large, and nothing is kept", async () => {
    expect((await call("hello", "forged")).statusCode).toBe(403);
    expect((await call("")).statusCode).toBe(400);
    expect((await call("x".repeat(70_000))).statusCode).toBe(413);
    expect(await kept()).toEqual([]);
  });

  it("is answered 503 while the database is down, so that the carrier repeats", async () => {
    await database.close();
    const response = await call("lost?");
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("5");
    database = await openTestDatabase();
  });
});
