import { sql } from "drizzle-orm";
import { type FastifyInstance, fastify } from "fastify";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findContactByAddress, rows, SCOPES, type Scope, upsertStaff } from "#storage";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../../test/support/database.ts";
import type { OpenApp } from "../../open-app.ts";
import { endApiKey, type KeyRequest, makeApiKey } from "../../systems/keys.ts";
import { commit } from "../../unit.ts";
import { mountApi } from "../api.ts";

describe.each(testDatabases())("the API for systems on %s", (_engine, open) => {
  let database: TestDatabase;
  let town: CitizenApp;
  let server: FastifyInstance;
  let key: string;
  beforeAll(async () => {
    database = await open();
    town = openCitizenApp(database);
    Object.assign(town.app.config, { sandbox: false, publicUrl: "https://engage.example" });
    (town.app.content.broadcasts as Map<string, object>).set("outage", {
      id: "outage",
      title: "Outage",
      texts: {
        en: "No power in [where] until [when]. Umhlanzi",
        zu: "Awukho ugesi e-[where] kuze kube [when]. Umhlanzi",
      },
    });
    server = fastify();
    await mountApi(server, town.app as OpenApp);
    await server.ready();
    for (const [handle, roles] of [
      ["naledi", ["author"]],
      ["vusi", ["viewer"]],
    ] as const)
      await upsertStaff(database.db, [
        {
          id: v7(),
          handle,
          name: handle,
          slackUserId: null,
          phone: null,
          language: "en",
          duties: [],
          roles: [...roles],
          active: true,
        },
      ]);
    key = await keyOf({});
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  const make = (more: Partial<KeyRequest>) =>
    commit(town.app, (unit) =>
      makeApiKey(unit, {
        name: "Outages",
        owner: "naledi",
        scopes: SCOPES,
        perMinute: 1_000,
        actor: "cli",
        ...more,
      }),
    );
  const keyOf = async (more: Partial<KeyRequest>): Promise<string> => {
    const made = await make(more);
    if (!made.ok) throw new Error(made.words);
    return made.key;
  };
  const call = (
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: object,
    { as = key, once }: { as?: string; once?: string } = {},
  ) =>
    server.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        ...(as ? { authorization: `Bearer ${as}` } : {}),
        ...(once ? { "idempotency-key": once } : {}),
      },
      ...(body ? { payload: body } : {}),
    });
  const count = async (query: ReturnType<typeof sql>) =>
    (await rows<{ n: number }>(database.db, query))[0]?.n;
  const optIn = { kind: "opt_in", source: "account form 2026" };
  const broadcast = {
    title: "Outage",
    texts: { en: "No power in the north until 18:00. Umhlanzi Municipality" },
    audience: { wards: [3] },
    channels: ["sms"],
  };

  describe("keys", () => {
    it("are kept as hashes, and do nothing once they are revoked, expired, or their owner lost the role", async () => {
      const mine = await keyOf({ name: "Billing" });
      const stored = JSON.stringify(await rows(database.db, sql`select * from api_keys`));
      expect(stored).not.toContain(mine);
      expect(stored).toContain(mine.slice(0, 13));
      const path = "/contacts/0839990000";
      expect((await call("GET", path, undefined, { as: mine })).statusCode).toBe(404);
      await database.db.execute(sql`update staff set roles = array['viewer'] where handle = 'naledi'`);
      const demoted = await call("GET", path, undefined, { as: mine });
      expect(demoted.json()).toMatchObject({ status: 403, type: "urn:saypro:problem:forbidden" });
      await database.db.execute(sql`update staff set roles = array['author'] where handle = 'naledi'`);
      await database.db.execute(sql`update api_keys set expires_at = now() where name = 'Billing'`);
      expect((await call("GET", path, undefined, { as: mine })).statusCode).toBe(401);
      await database.db.execute(sql`update api_keys set expires_at = null where name = 'Billing'`);
      expect((await call("GET", path, undefined, { as: mine })).statusCode).toBe(404);
      expect(await commit(town.app, (unit) => endApiKey(unit, "Billing", "cli"))).toBe(true);
      const refused = await call("GET", path, undefined, { as: mine });
      expect(refused.statusCode).toBe(401);
      expect(refused.headers["content-type"]).toBe("application/problem+json");
      expect(await commit(town.app, (unit) => endApiKey(unit, "Billing", "cli"))).toBe(false);
    });

    it.each([
      [{ name: " " }, "name"],
      [{ scopes: ["contacts:write", "root"] }, "scopes"],
      [{ scopes: [] }, "scopes"],
      [{ owner: "nobody" }, "owner"],
      [{ owner: "vusi" }, "owner"],
      [{ perMinute: 0 }, "perMinute"],
      [{ days: 1.5 }, "days"],
    ] satisfies [Partial<KeyRequest>, string][])("are not made from %j", async (more, field) => {
      expect(await make(more)).toMatchObject({ ok: false, field });
    });

    it.each([
      ["GET", "/contacts/0821230000", undefined],
      ["PUT", "/contacts/0821230000", {}],
      ["POST", "/contacts/0821230000/consent", optIn],
      ["POST", "/audiences/count", { audience: { everyone: true }, channels: ["sms"] }],
      ["POST", "/broadcasts", broadcast],
      ["GET", "/broadcasts", undefined],
      ["GET", `/broadcasts/${v7()}`, undefined],
      ["GET", `/consultations/${v7()}/results`, undefined],
    ] as const)("%s %s asks for a key, and for its scope", async (method, path, body) => {
      expect((await call(method, path, body, { as: "" })).statusCode).toBe(401);
      const needed: Scope | undefined = /consultations/.test(path)
        ? "results:read"
        : /audiences/.test(path)
          ? "audiences:read"
          : /broadcasts/.test(path)
            ? method === "GET"
              ? "broadcasts:read"
              : "broadcasts:write"
            : method === "GET"
              ? "contacts:read"
              : "contacts:write";
      const as = await keyOf({ name: "Little", scopes: SCOPES.filter((scope) => scope !== needed) });
      const refused = await call(method, path, body, { as });
      expect(refused.json()).toMatchObject({ status: 403, detail: `The key lacks the scope ${needed}.` });
    });

    it("have a limit a minute", async () => {
      const as = await keyOf({ name: "Slow", perMinute: 3 });
      const answers = [];
      for (let i = 0; i < 5; i++) answers.push(await call("GET", "/broadcasts", undefined, { as }));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429, 429]);
      expect(Number(answers[3]?.headers["retry-after"])).toBeGreaterThan(0);
      await database.db.execute(
        sql`update api_keys set minute_at = now() - interval '61 seconds' where name = 'Slow'`,
      );
      expect((await call("GET", "/broadcasts", undefined, { as })).statusCode).toBe(200);
    });
  });

  describe("contacts", () => {
    it("are added with the proof of consent, completed, and never without it", async () => {
      const without = await call("PUT", "/contacts/0825550001", { name: "Sipho" });
      expect(without.json()).toMatchObject({ status: 422, errors: [{ pointer: "/consent" }] });
      const added = await call("PUT", "/contacts/082 555 0001", {
        name: "Sipho",
        language: "zu",
        fields: { ward: 3, account: "A-17" },
        consent: { ...optIn, at: "2026-03-31T00:00:00Z" },
      });
      expect([added.statusCode, added.json()]).toMatchObject([
        201,
        { optedOut: false, addresses: ["sms:+27825550001"] },
      ]);
      const changed = await call("PUT", "/contacts/+27825550001", { fields: { account: "A-18" } });
      expect([changed.statusCode, changed.json()]).toMatchObject([
        200,
        { id: added.json().id, name: "Sipho", fields: { ward: 3, account: "A-18" } },
      ]);
      expect((await call("GET", "/contacts/0825550001")).json()).toEqual(changed.json());
      const ledger = await rows(
        database.db,
        sql`select kind, source, to_char(at, 'YYYY') as year from consent_ledger`,
      );
      expect(ledger).toEqual([{ kind: "opt_in", source: "api Outages: account form 2026", year: "2026" }]);
    });

    it.each([
      ["12", {}, "/number"],
      ["0825550001", { language: "xx" }, "/language"],
      ["0825550001", { fields: { ward: 99 } }, "/fields/ward"],
      ["0825550001", { fields: { "Bad Name": 1 } }, "/fields/Bad Name"],
      ["0825550001", { nmae: "typo" }, ""],
    ])("%s %j is refused with its place", async (number, body, pointer) => {
      const refused = await call("PUT", `/contacts/${number}`, body);
      expect(refused.statusCode).toBe(422);
      expect(refused.json().errors[0].pointer).toBe(pointer);
    });

    it("who said STOP stays out, whatever a system says; a system's opt-out counts at once", async () => {
      const number = town.nextNumber();
      await town.write(`sms:${number}`, "hello");
      await town.write(`sms:${number}`, "STOP");
      for (const path of [`/contacts/${number}/consent`, `/contacts/${number}`]) {
        const refused = path.endsWith("consent")
          ? await call("POST", path, optIn)
          : await call("PUT", path, { consent: optIn });
        expect(refused.json()).toMatchObject({ status: 409, type: "urn:saypro:problem:opted_out" });
      }
      const out = await call("POST", "/contacts/0825550001/consent", {
        kind: "opt_out",
        source: "called the office",
      });
      expect(out.json()).toMatchObject({ optedOut: true });
      expect((await findContactByAddress(database.db, "sms:+27825550001"))?.optedOut).toBe(true);
    });
  });

  describe("broadcasts", () => {
    beforeAll(async () => {
      for (const last of [1, 2, 3])
        await call("PUT", `/contacts/082666000${last}`, { fields: { ward: 3 }, consent: optIn });
      await call("PUT", "/contacts/0826660009", { fields: { ward: 4 }, consent: optIn });
    });

    it("count their audience", async () => {
      const counted = await call("POST", "/audiences/count", { audience: { wards: [3] }, channels: ["sms"] });
      expect(counted.json()).toMatchObject({ recipients: 3, optedOut: 1, byChannel: { sms: 3 } });
    });

    it("wait for people's approval; the one in whose name the key acts is its author", async () => {
      const made = await call("POST", "/broadcasts", broadcast, { once: "outage-1" });
      expect([made.statusCode, made.json()]).toMatchObject([
        201,
        { status: "awaiting_approval", expectedRecipients: 3 },
      ]);
      const { id } = made.json();
      const read = (await call("GET", `/broadcasts/${id}`)).json();
      expect(read).toMatchObject({ id, counts: { queued: 0, sent: 0 } });
      expect(
        await count(
          sql`select count(*)::int as n from messages where kind = 'broadcast' and channel = 'sms'`,
        ),
      ).toBe(0);
      const [author] = await rows(
        database.db,
        sql`select s.handle from broadcasts b join staff s on s.id = b.created_by where b.id = ${id}`,
      );
      expect(author).toEqual({ handle: "naledi" });
    });

    it("say what they are, so that the law's hours and the approvals fit; an emergency is not a system's to declare", async () => {
      const more = { title: "Awareness", messageClass: "awareness", sensitive: true };
      expect(
        (await call("POST", "/broadcasts", { ...broadcast, ...more }, { once: "class" })).statusCode,
      ).toBe(201);
      const [kept] = await rows(
        database.db,
        sql`select message_class as class, sensitive from broadcasts where title = 'Awareness'`,
      );
      expect(kept).toEqual({ class: "awareness", sensitive: true });
      const emergency = { ...broadcast, messageClass: "emergency" };
      const refused = await call("POST", "/broadcasts", emergency, { once: "emergency" });
      expect(refused.json()).toMatchObject({ status: 422, errors: [{ pointer: "/messageClass" }] });
    });

    it("are made once for a key, also when it comes ten times at once; a key stands for one request", async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          call("POST", "/broadcasts", { ...broadcast, title: "Once" }, { once: "k1" }),
        ),
      );
      expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(9);
      expect(await count(sql`select count(*)::int as n from broadcasts where title = 'Once'`)).toBe(1);
      const other = await call("POST", "/broadcasts", { ...broadcast, title: "Other" }, { once: "k1" });
      expect(other.json()).toMatchObject({ status: 422, type: "urn:saypro:problem:key_reused" });
      const anotherSystem = await keyOf({ name: "Other system" });
      const theirs = await call(
        "POST",
        "/broadcasts",
        { ...broadcast, title: "Theirs" },
        { as: anotherSystem, once: "k1" },
      );
      expect(theirs.statusCode).toBe(201);
      expect((await call("POST", "/broadcasts", broadcast)).json()).toMatchObject({ status: 400 });
    });

    it("that are refused leave nothing behind: corrected, the same key works", async () => {
      const bad = await call(
        "POST",
        "/broadcasts",
        { ...broadcast, audience: { wards: [11] } },
        { once: "k2" },
      );
      expect(bad.json()).toMatchObject({ status: 422, errors: [{ pointer: "/audience" }] });
      expect(
        (await call("POST", "/broadcasts", { ...broadcast, title: "Right" }, { once: "k2" })).statusCode,
      ).toBe(201);
    });

    it("are begun from a template, with every part filled in", async () => {
      const { texts: _texts, ...rest } = broadcast;
      const from = (values: readonly string[], template = "outage") =>
        call("POST", "/broadcasts", { ...rest, title: "From template", template, values }, { once: v7() });
      expect((await from(["the north"])).json()).toMatchObject({
        status: 422,
        errors: [{ pointer: "/values" }],
      });
      expect((await from(["a", "b"], "none")).json()).toMatchObject({
        errors: [{ pointer: "/template", detail: "one of: outage" }],
      });
      const unfilled = await from(["the north", "18:00 [or later]"]);
      expect(unfilled.json()).toMatchObject({
        status: 422,
        errors: [{ pointer: "/texts/en" }, { pointer: "/texts/zu" }],
      });
      expect((await from(["the north", "18:00"])).statusCode).toBe(201);
      const [kept] = await rows<{ texts: Record<string, string> }>(
        database.db,
        sql`select texts from broadcasts where title = 'From template'`,
      );
      expect(kept?.texts.en).toBe("No power in the north until 18:00. Umhlanzi");
    });

    it("are listed in pages, the newest first", async () => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: { id: string }[]; next: string | null } = (
          await call("GET", `/broadcasts?limit=2${cursor ? `&cursor=${cursor}` : ""}`)
        ).json();
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor);
      expect(seen).toEqual([...seen].sort().reverse());
      expect(seen).toHaveLength((await count(sql`select count(*)::int as n from broadcasts`)) ?? -1);
      expect((await call("GET", "/broadcasts?cursor=x")).json()).toMatchObject({ status: 422 });
    });
  });

  it("gives a consultation's results", async () => {
    const id = await town.openConsultation(THREE_QUESTIONS);
    for (const text of ["JOIN", "Ann", "5", "fine"]) await town.write(`sms:${town.nextNumber()}`, text);
    expect((await call("GET", `/consultations/${id}/results`)).json()).toMatchObject({ id, started: 1 });
    expect((await call("GET", `/consultations/${v7()}/results`)).json()).toMatchObject({ status: 404 });
    expect((await call("GET", "/nothing")).json()).toMatchObject({ type: "urn:saypro:problem:not_found" });
  });

  it("is in the OpenAPI document", async () => {
    const document = (await server.inject("/api/openapi.json")).json();
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/api/v1/contacts/{number}", "/api/v1/broadcasts", "/api/v1/audiences/count"]),
    );
  });
});
