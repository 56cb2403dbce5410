import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import type { Agent } from "undici";
import { v7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  changeBroadcast,
  enqueue,
  insertBroadcast,
  listEndpoints,
  PRIORITY,
  retryDead,
  rows,
  upsertStaff,
} from "#storage";
import { type CitizenApp, openCitizenApp } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { commit } from "../unit.ts";
import { openAgent, tellDue } from "./deliver.ts";
import { isPublic, whyNotCalled } from "./public-address.ts";
import { endEndpoint, makeEndpoint, renewSecret } from "./webhooks.ts";

describe("addresses that are called", () => {
  it.each([
    ["8.8.8.8", true],
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["172.31.255.255", false],
    ["172.32.0.1", true],
    ["192.168.1.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["::1", false],
    ["::", false],
    ["::ffff:127.0.0.1", false],
    ["::ffff:8.8.8.8", false],
    ["64:ff9b::7f00:1", false],
    ["fe80::1", false],
    ["fd00::1", false],
    ["2002:7f00:1::", false],
    ["2001:db8::1", false],
    ["2a00:1450:4001:80e::200e", true],
    ["no-address", false],
  ])("%s is public: %s", (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });

  it.each([
    ["https://billing.example/hook", false, undefined],
    ["http://billing.example/hook", false, /only https/],
    ["http://billing.example/hook", true, undefined],
    ["ftp://billing.example", true, /only https/],
    ["https://127.0.0.1/hook", false, /not on the public Internet/],
    ["https://2130706433/hook", false, /not on the public Internet/],
    ["https://0x7f.1/", false, /not on the public Internet/],
    ["https://[::1]/hook", false, /not on the public Internet/],
    ["https://user:pass@billing.example/", false, /no name and password/],
    ["billing", false, /not an address/],
  ])("%s, private allowed %s", (url, allowed, words) => {
    const why = whyNotCalled(url, allowed);
    if (words) expect(why).toMatch(words);
    else expect(why).toBeUndefined();
  });
});

interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe.each(testDatabases())("webhooks on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let agent: Agent;
  let receiver: Server;
  let url: string;
  let told: Told[] = [];
  let answers: number[] = [];
  const author = v7();
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    Object.assign(town.app.config, { webhooksToPrivate: true });
    agent = openAgent(town.app);
    receiver = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      told.push({ headers: request.headers, body });
      const status = answers.shift() ?? 204;
      if (status === 302) response.setHeader("location", "/elsewhere");
      if (status === 0) return request.socket.destroy();
      response.writeHead(status).end("x".repeat(100_000));
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?a=1`;
    await upsertStaff(database.db, [
      {
        id: author,
        handle: "naledi",
        name: "N",
        slackUserId: null,
        phone: null,
        language: "en",
        duties: [],
        roles: ["author"],
        active: true,
      },
    ]);
  });
  beforeEach(() => {
    told = [];
    answers = [];
  });
  afterAll(async () => {
    receiver.close();
    await agent.close();
    await database.close();
  });

  const add = async (name: string, events: readonly string[], to = url): Promise<string> => {
    const made = await commit(town.app, (unit) =>
      makeEndpoint(unit, { name, url: to, events, actor: "cli" }),
    );
    if (!made.ok) throw new Error(made.words);
    return made.secret;
  };
  const end = (name: string) => commit(town.app, (unit) => endEndpoint(unit, name, "cli"));
  const broadcast = async (title: string): Promise<string> => {
    const id = v7();
    await insertBroadcast(database.db, {
      id,
      title,
      status: "sending",
      audience: { everyone: true },
      texts: { en: "x" },
      channels: ["sms"],
      priority: PRIORITY.bulk,
      contentHash: "h",
      expectedRecipients: 1,
      createdBy: author,
      sendAt: null,
      expiresAt: null,
      messageClass: "service",
      sensitive: false,
    });
    return id;
  };
  const finish = (id: string) => changeBroadcast(database.db, id, { status: "sent", finished: true });
  const tell = () => tellDue(town.app, agent);
  const due = () =>
    database.db.execute(sql`update webhook_deliveries set due_at = now() where status = 'waiting'`);
  const deliveries = () =>
    rows<{ status: string; attempts: number; said: string }>(
      database.db,
      sql`select status, attempts, said from webhook_deliveries order by id`,
    );

  it("tell that a broadcast is finished, signed as the Standard Webhooks scheme asks", async () => {
    const secret = await add("Billing", ["broadcast.finished"]);
    expect(JSON.stringify(await rows(database.db, sql`select * from webhook_endpoints`))).not.toContain(
      secret,
    );
    const id = await broadcast("Outage");
    await finish(id);
    await finish(id);
    expect(await tell()).toBe(1);
    expect(await tell()).toBe(0);
    const [{ headers, body } = { headers: {}, body: "" }] = told;
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: "broadcast.finished",
      data: { broadcast: id, title: "Outage", status: "sent" },
    });
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
      .update(signed)
      .digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    await end("Billing");
  });

  it("are tried again with the same id until they are taken, by the schedule, then given up and shown", async () => {
    const secret = await add("Down", ["broadcast.finished"]);
    answers = [500, 0, 302, 404, 503, 500, 500, 500];
    const id = await broadcast("Twice");
    await finish(id);
    for (let i = 0; i < 8; i++) {
      await due();
      expect(await tell()).toBe(1);
    }
    await due();
    expect(await tell()).toBe(0);
    expect(new Set(told.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(told).toHaveLength(8);
    expect(await deliveries()).toEqual([{ status: "dead", attempts: 8, said: "it answered 500" }]);
    expect(await listEndpoints(database.db)).toMatchObject([{ name: "Down", dead: 1, waiting: 0 }]);
    expect((await town.said("slack:#operations")).map(({ text }) => text)).toEqual([
      expect.stringMatching(/Down could not be told.*it answered 500/),
    ]);
    expect(await commit(town.app, ({ tx }) => retryDead(tx, "Down"))).toBe(1);
    expect(await tell()).toBe(1);
    const { headers = {}, body = "" } = told.at(-1) ?? {};
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      data: { broadcast: id },
    });
    expect(await deliveries()).toMatchObject([{ status: "delivered" }]);
    await end("Down");
  });

  it("wait longer after each failure, and nobody tries twice at once", async () => {
    await add("Slow", ["broadcast.finished"]);
    answers = [500];
    await finish(await broadcast("Waits"));
    const counts = await Promise.all([tell(), tell(), tell()]);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(1);
    const [row] = await rows<{ seconds: number }>(
      database.db,
      sql`select extract(epoch from due_at - now())::float8 as seconds from webhook_deliveries`,
    );
    expect(row?.seconds).toBeGreaterThan(3);
    expect(row?.seconds).toBeLessThan(6);
    await end("Slow");
  });

  it("tell of messages only those who listen: each status once, and what stands alone, not a conversation's answers", async () => {
    const flow = { ...(await import("../../test/support/citizen-app.ts")).THREE_QUESTIONS };
    const silent = town.nextNumber();
    await town.write(`sms:${silent}`, "nobody listens");
    await add("All", ["message.status", "inbound"]);
    const id = await broadcast("Statuses");
    const number = town.nextNumber();
    const message = v7();
    await enqueue(
      database.db,
      [{ id: message, to: `sms:${number}`, text: "x", priority: PRIORITY.bulk, kind: "broadcast", ref: id }],
      v7,
    );
    const status = (to: string) =>
      database.db.execute(
        sql`update messages set status = ${to}::message_status, status_at = now() where id = ${message}`,
      );
    for (const to of ["sending", "sent", "sent", "delivered"]) await status(to);
    await town.openConsultation(flow);
    for (const text of ["JOIN", "my secret name", "5", "my secret view"])
      await town.write(`sms:${number}`, text);
    await town.write(`sms:${number}`, "The tap in Main Road drips");
    while ((await tell()) > 0);
    const seen = told.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, string> });
    expect(
      seen
        .filter(({ type }) => type === "message.status")
        .map(({ data }) => [data.status, data.to, data.broadcast])
        .sort(),
    ).toEqual([
      ["delivered", `sms:${number}`, id],
      ["sent", `sms:${number}`, id],
    ]);
    const inbound = seen.flatMap(({ type, data }) => (type === "inbound" ? [data.text] : []));
    expect(inbound).toContain("The tap in Main Road drips");
    expect(JSON.stringify(seen)).not.toMatch(/secret/);
    await end("All");
    const before = (await deliveries()).length;
    await town.write(`sms:${number}`, "nobody listens any more");
    expect((await deliveries()).length).toBe(before);
  });

  it("sign with the old secret too for a day after a rotation", async () => {
    const old = await add("Turns", ["broadcast.finished"]);
    const next = await commit(town.app, (unit) => renewSecret(unit, "Turns", "cli"));
    await finish(await broadcast("Rotated"));
    await tell();
    const { headers = {}, body = "" } = told[0] ?? {};
    for (const secret of [old, next ?? ""])
      new Webhook(secret).verify(body, headers as Record<string, string>);
    await database.db.execute(
      sql`update webhook_endpoints set old_secret_until = now() - interval '1 second'`,
    );
    await finish(await broadcast("Later"));
    await tell();
    const late = told[1] ?? { headers: {}, body: "" };
    expect(() => new Webhook(old).verify(late.body, late.headers as Record<string, string>)).toThrow();
    await end("Turns");
  });

  it("end when the receiver says 410, and never reach into our own network unless that is allowed", async () => {
    await add("Gone", ["broadcast.finished"]);
    answers = [410];
    await finish(await broadcast("Gone"));
    await tell();
    expect(await listEndpoints(database.db)).toEqual([]);

    await add("Inside", ["broadcast.finished"]);
    await add("By name", ["broadcast.finished"], url.replace("127.0.0.1", "localhost"));
    Object.assign(town.app.config, { webhooksToPrivate: false });
    const careful = openAgent(town.app);
    told = [];
    await finish(await broadcast("Inside"));
    await tellDue(town.app, careful);
    expect(told).toEqual([]);
    expect((await deliveries()).map(({ said }) => said).sort()).toEqual([
      "127.0.0.1 is not on the public Internet",
      "localhost is not on the public Internet",
    ]);
    await careful.close();
    Object.assign(town.app.config, { webhooksToPrivate: true });
    for (const name of ["Inside", "By name"]) await end(name);
  });

  it.each([
    [{ name: "x/y" }, "name"],
    [{ url: "ftp://a.example" }, "url"],
    [{ events: ["everything"] }, "events"],
    [{ events: [] }, "events"],
  ])("are not made from %j", async (more, field) => {
    const request = { name: "New", url, events: ["inbound"], actor: "cli", ...more };
    expect(await commit(town.app, (unit) => makeEndpoint(unit, request))).toMatchObject({ ok: false, field });
  });
});
