import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { forgetActions, once } from "./actions.ts";
import {
  createConsoleLink,
  endConsoleSession,
  endConsoleSessionsOf,
  findConsoleSession,
  forgetConsoleSessions,
  LINK_MINUTES,
  redeemConsoleLink,
  SESSION_HOURS,
} from "./console-sessions.ts";
import { rows } from "./database.ts";
import { getSetting, setSetting } from "./settings.ts";
import { upsertStaff } from "./staff.ts";

const token = () => randomBytes(32).toString("base64url");

describe.each(testDatabases())("on %s", (_engine, open) => {
  let database: TestDatabase;
  const staffId = crypto.randomUUID();
  beforeAll(async () => {
    database = await open();
    await upsertStaff(database.db, [
      {
        id: staffId,
        name: "Naledi",
        slackUserId: null,
        phone: null,
        language: "en",
        roles: ["author"],
        handle: "naledi",
        duties: [],
        active: true,
      },
    ]);
  });
  afterAll(() => database.close());

  const pass = (interval: string) =>
    database.db.execute(
      sql.raw(`update console_sessions set expires_at = expires_at - interval '${interval}'`),
    );
  const link = async () => {
    const made = token();
    await createConsoleLink(database.db, staffId, made);
    return made;
  };

  test("a link opens one session, once, also when it is redeemed twice at the same time", async () => {
    const made = await link();
    const tokens = [token(), token(), token()];
    const opened = await Promise.all(
      tokens.map((session) => database.db.transaction((tx) => redeemConsoleLink(tx, made, session))),
    );
    expect(opened.filter((session) => session !== undefined)).toHaveLength(1);
    const of = await Promise.all(tokens.map((session) => findConsoleSession(database.db, session)));
    expect(of.filter((member) => member?.id === staffId)).toHaveLength(1);
    expect(await redeemConsoleLink(database.db, made, token())).toBeUndefined();
  });

  test("a link lasts its minutes and a session its hours", async () => {
    const late = await link();
    await pass(`${LINK_MINUTES} minutes`);
    expect(await redeemConsoleLink(database.db, late, token())).toBeUndefined();
    const session = token();
    expect(await redeemConsoleLink(database.db, await link(), session)).toMatchObject({ handle: "naledi" });
    await pass(`${SESSION_HOURS - 1} hours`);
    expect((await findConsoleSession(database.db, session))?.id).toBe(staffId);
    await pass("1 hour");
    expect(await findConsoleSession(database.db, session)).toBeUndefined();
    expect(await forgetConsoleSessions(database.db)).toBeGreaterThan(0);
  });

  test("a new link ends the older one; a session token is no link and a link no session", async () => {
    const first = await link();
    const second = await link();
    expect(await redeemConsoleLink(database.db, first, token())).toBeUndefined();
    expect(await findConsoleSession(database.db, second)).toBeUndefined();
    const session = token();
    await redeemConsoleLink(database.db, second, session);
    expect(await redeemConsoleLink(database.db, session, token())).toBeUndefined();
    expect((await findConsoleSession(database.db, session))?.id).toBe(staffId);
    await endConsoleSession(database.db, session);
    expect(await findConsoleSession(database.db, session)).toBeUndefined();
  });

  test("who is made inactive is out at once", async () => {
    const session = token();
    await redeemConsoleLink(database.db, await link(), session);
    const unused = await link();
    await database.db.execute(sql`update staff set active = false`);
    expect(await findConsoleSession(database.db, session)).toBeUndefined();
    expect(await redeemConsoleLink(database.db, unused, token())).toBeUndefined();
    await database.db.execute(sql`update staff set active = true`);
    await endConsoleSessionsOf(database.db, staffId);
    expect(await findConsoleSession(database.db, session)).toBeUndefined();
  });

  test("no token is stored, and a short one is refused", async () => {
    const made = await link();
    const stored = await rows(database.db, sql`select * from console_sessions`);
    expect(JSON.stringify(stored)).not.toContain(made);
    await expect(createConsoleLink(database.db, staffId, "short")).rejects.toThrow("too short");
  });

  test("an action is done once, and again only when its transaction failed", async () => {
    const { db } = database;
    const rolledBack = db.transaction(async (tx) => {
      expect(await once(tx, "approve:1")).toBe(true);
      tx.rollback();
    });
    await expect(rolledBack).rejects.toThrow();
    const tries = await Promise.all([...Array(8)].map(() => db.transaction((tx) => once(tx, "approve:1"))));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await forgetActions(db)).toBe(0);
    await db.execute(sql`update actions set at = at - interval '8 days'`);
    expect(await forgetActions(db)).toBe(1);
  });

  test("a setting keeps any JSON value and is replaced", async () => {
    const { db } = database;
    expect(await getSetting(db, "poll")).toBeUndefined();
    for (const value of [{ at: "2026-11-23T08:00:00Z" }, [1, "two", null], "text", 3.5, false, null]) {
      await setSetting(db, "poll", value);
      expect(await getSetting(db, "poll")).toEqual(value);
    }
  });
});
