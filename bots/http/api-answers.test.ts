import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { type FastifyInstance, fastify } from "fastify";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsoleLink, type Role, redeemConsoleLink, rows, upsertStaff } from "#storage";
import { type CitizenApp, openCitizenApp, THREE_QUESTIONS } from "../../test/support/citizen-app.ts";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { OpenApp } from "../open-app.ts";
import { chartUrl } from "../picture-links.ts";
import { mountApi } from "./api.ts";
import { mountCharts } from "./charts.ts";

const WEEK_MS = 7 * 24 * 3600_000;

describe("consultations through the API", () => {
  let database: TestDatabase;
  let town: CitizenApp;
  let server: FastifyInstance;
  let id: string;
  let people = 0;
  const cookies: Partial<Record<Role, string>> = {};
  beforeAll(async () => {
    database = await openTestDatabase();
    town = openCitizenApp(database);
    Object.assign(town.app.config, { sandbox: false, publicUrl: "https://engage.example" });
    server = fastify();
    await mountApi(server, town.app as OpenApp);
    mountCharts(server, town.app);
    await server.ready();
    for (const role of ["author", "viewer"] as const) {
      const member = { id: v7(), name: role, slackUserId: null, phone: null, language: "en", duties: [] };
      await upsertStaff(database.db, [{ ...member, handle: role, roles: [role], active: true }]);
      const [link, session] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString("base64url"));
      await createConsoleLink(database.db, member.id, link ?? "");
      await redeemConsoleLink(database.db, link ?? "", session ?? "");
      cookies[role] = `saypro_session=${session}`;
    }
    id = await town.openConsultation(THREE_QUESTIONS);
    for (const rating of [5, 5, 5, 5, 5, 2])
      for (const text of ["JOIN", "Ann", String(rating), "=1+1"])
        await town.write(`sms:+2760100000${person(text)}`, text);
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });
  /** The number of whoever writes: everybody begins with JOIN. */
  const person = (text: string): number => (text === "JOIN" ? ++people : people);
  const call = (url: string, role: Role | undefined, body?: object) =>
    server.inject({
      method: body ? "POST" : "GET",
      url: `/api/consultations/${url}`,
      headers: role ? { cookie: cookies[role] ?? "" } : {},
      ...(body ? { payload: body } : {}),
    });

  it("analyses, for staff with small counts and for everybody without", async () => {
    const forStaff = (await call(`${id}/analysis`, "viewer", {})).json();
    const rating = (of: typeof forStaff) =>
      of.analysis.questions
        .find((q: { id: string }) => q.id === "rating")
        .choices.map((c: { n: number }) => c.n);
    expect(rating(forStaff)).toEqual([0, 1, 0, 0, 5]);
    expect(forStaff.themes.comment).toMatchObject([{ name: null, size: 6 }]);
    const published = (await call(`${id}/analysis`, "viewer", { published: true })).json();
    expect(rating(published)[1]).toBeNull();
    expect(JSON.stringify(published)).not.toContain("=1+1");
  });

  it.each([
    [{ by: "shoe_size" }, 400, /shoe_size is no question of this consultation; use one of: rating/],
    [{ margins: { rating: { 1: 90, 5: 10 } } }, 400, /rating, 1: 0 respondents/],
    [{ population: 2 }, 400, /fewer than the 6/],
    [{ population: "many" }, 400, /population/],
  ])("what cannot be analysed is said: %j", async (body, status, words) => {
    const answer = await call(`${id}/analysis`, "viewer", body);
    expect([answer.statusCode, answer.body]).toEqual([status, expect.stringMatching(words)]);
  });

  it("lets answers out as files, to those who may, each time with an entry in the audit log", async () => {
    expect((await call(`${id}/exports/csv`, undefined)).statusCode).toBe(401);
    for (const path of [`${id}/exports/csv`, `${id}/exports/csv/${id}.csv`, `${id}/report.pdf`])
      expect((await call(path, "viewer")).statusCode).toBe(403);
    expect((await call(`${id}/exports/flowresults`, "author")).json()).toEqual({
      files: ["datapackage.json", "responses.json"],
    });
    const csv = await call(`${id}/exports/csv/${id}.csv`, "author");
    expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(csv.body.split("\r\n")).toHaveLength(8);
    expect(csv.body).toContain("'=1+1");
    const workbook = await call(`${id}/exports/xlsx/${id}.xlsx`, "author");
    expect(workbook.rawPayload.subarray(0, 2).toString()).toBe("PK");
    expect(
      (await call(`${id}/report.pdf?published=true`, "author")).rawPayload.subarray(0, 5).toString(),
    ).toBe("%PDF-");
    expect((await call(`${id}/exports/csv/other.csv`, "author")).statusCode).toBe(404);
    expect((await call(`${v7()}/exports/csv`, "author")).statusCode).toBe(404);
    expect((await call(`${v7()}/exports/minutes`, "author")).statusCode).toBe(404);
    expect((await call(`${v7()}/analysis`, "author", {})).statusCode).toBe(404);
    const acts = await rows<{ action: string; data: { file?: string } }>(
      database.db,
      sql`select action, data from audit_log order by seq`,
    );
    expect(acts.map(({ action, data }) => data.file ?? action)).toEqual([
      `${id}.csv`,
      `${id}.xlsx`,
      "consultation.reported_on",
    ]);
  });

  it("the address of a chart works for a week, and only as it was made", async () => {
    const url = chartUrl(town.app, "consultation", id, "state").replace("https://engage.example", "");
    const get = (path: string) => server.inject({ url: path });
    expect((await get(url)).headers["content-type"]).toBe("image/png");
    expect((await get(url.replace(/until=\d+/, "until=99999999999999"))).statusCode).toBe(404);
    expect((await get(url.replace(/until=\d+&/, ""))).statusCode).toBe(404);
    town.pass(WEEK_MS + 24 * 3600_000);
    expect((await get(url)).statusCode).toBe(404);
  });
});
