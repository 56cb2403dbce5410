import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import { forgetActions, once } from "./actions.ts";
import {
  addLink,
  endSession,
  endSessionsOf,
  forgetExpiredSessions,
  LINK_MINUTES,
  redeemLink,
  SESSION_HOURS,
  staffOfSession,
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
    await addLink(database.db, made, staffId);
    return made;
  };

  test("a link opens one session, once, also when it is redeemed twice at the same time", async () => {
    const made = await link();
    const tokens = [token(), token(), token()];
    const opened = await Promise.all(
      tokens.map((session) => database.db.transaction((tx) => redeemLink(tx, made, session))),
    );
    expect(opened.filter((session) => session !== undefined)).toHaveLength(1);
    const of = await Promise.all(tokens.map((session) => staffOfSession(database.db, session)));
    expect(of.filter((id) => id === staffId)).toHaveLength(1);
    expect(await redeemLink(database.db, made, token())).toBeUndefined();
  });

  test("a link lasts its minutes and a session its hours", async () => {
    const late = await link();
    await pass(`${LINK_MINUTES} minutes`);
    expect(await redeemLink(database.db, late, token())).toBeUndefined();
    const session = token();
    const opened = await redeemLink(database.db, await link(), session);
    expect(Date.parse(opened?.expiresAt ?? "") - Date.now()).toBeGreaterThan((SESSION_HOURS - 1) * 3_600_000);
    await pass(`${SESSION_HOURS - 1} hours`);
    expect(await staffOfSession(database.db, session)).toBe(staffId);
    await pass("1 hour");
    expect(await staffOfSession(database.db, session)).toBeUndefined();
    expect(await forgetExpiredSessions(database.db)).toBeGreaterThan(0);
  });

  test("a new link ends the older one; a session token is no link and a link no session", async () => {
    const first = await link();
    const second = await link();
    expect(await redeemLink(database.db, first, token())).toBeUndefined();
    expect(await staffOfSession(database.db, second)).toBeUndefined();
    const session = token();
    await redeemLink(database.db, second, session);
    expect(await redeemLink(database.db, session, token())).toBeUndefined();
    expect(await staffOfSession(database.db, session)).toBe(staffId);
    await endSession(database.db, session);
    expect(await staffOfSession(database.db, session)).toBeUndefined();
  });

  test("who is made inactive is out at once", async () => {
    const session = token();
    await redeemLink(database.db, await link(), session);
    const unused = await link();
    await database.db.execute(sql`update staff set active = false`);
    expect(await staffOfSession(database.db, session)).toBeUndefined();
    expect(await redeemLink(database.db, unused, token())).toBeUndefined();
    await database.db.execute(sql`update staff set active = true`);
    await endSessionsOf(database.db, staffId);
    expect(await staffOfSession(database.db, session)).toBeUndefined();
  });

  test("no token is stored, and a short one is refused", async () => {
    const made = await link();
    const stored = await rows(database.db, sql`select * from console_sessions`);
    expect(JSON.stringify(stored)).not.toContain(made);
    await expect(addLink(database.db, "short", staffId)).rejects.toThrow("too short");
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
