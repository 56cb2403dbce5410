import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FlowDefinition, Session } from "#flows";
import { testDatabases } from "../test/support/database.ts";
import { forgetAnswers, listAnswers, upsertAnswers } from "./answers.ts";
import { addContact } from "./contacts.ts";
import type { Database } from "./database.ts";
import { flowLibrary, publishFlow } from "./flow-versions.ts";
import {
  activeSessions,
  bringForward,
  findSession,
  type KeptSession,
  MAX_ACTIVE_SESSIONS,
  SessionMoved,
  saveSession,
  stopOldest,
  stopSessions,
} from "./sessions.ts";

const flow = (id: string, words: string, calls?: string): FlowDefinition => ({
  id,
  title: { en: id },
  keywords: [],
  languages: ["en"],
  start: "hello",
  steps: {
    hello: { kind: "say", text: { en: words }, next: calls ? "called" : "bye" },
    ...(calls ? { called: { kind: "call" as const, flow: calls, next: "bye" } } : {}),
    bye: { kind: "end" },
  },
});

const stateOf = (id: string): Session => ({
  id,
  flow: "f",
  version: 1,
  language: "en",
  state: "waiting",
  at: "name",
  calls: {},
  tries: 0,
  answers: {},
  variables: {},
  trail: [],
});

describe.each(testDatabases())("sessions on %s", (_engine, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const begin = async (contactId: string): Promise<KeptSession> => {
    const id = v7();
    const session: KeptSession = {
      id,
      contactId,
      address: "sms:+27600000001",
      consultationId: null,
      status: "active",
      turn: 1,
      state: stateOf(id),
    };
    await saveSession(database.db, session);
    return session;
  };
  const person = async (): Promise<string> => {
    const id = v7();
    await addContact(database.db, { id, addresses: [] });
    return id;
  };

  test("a turn is saved over the one before it, and over no other", async () => {
    const first = await begin(await person());
    const second = { ...first, turn: 2, state: { ...first.state, at: "rating", answers: { name: "Nomsa" } } };
    await saveSession(database.db, second);
    expect(await findSession(database.db, first.id)).toEqual(second);
    await expect(saveSession(database.db, { ...second, state: first.state })).rejects.toThrow(SessionMoved);
    await expect(saveSession(database.db, { ...second, turn: 4 })).rejects.toThrow(SessionMoved);
    await saveSession(database.db, { ...second, turn: 3, status: "completed" });
    await expect(saveSession(database.db, { ...second, turn: 4 })).rejects.toThrow(SessionMoved);
    expect(await activeSessions(database.db, first.contactId)).toEqual([]);
  });

  test("of many turns at once one is kept", async () => {
    const session = await begin(await person());
    const done = await Promise.allSettled(
      Array.from({ length: 10 }, () => saveSession(database.db, { ...session, turn: 2 })),
    );
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("the latest conversation is first, one can be brought forward, the oldest makes room", async () => {
    const contactId = await person();
    const sessions: KeptSession[] = [];
    for (let i = 0; i < MAX_ACTIVE_SESSIONS; i++) sessions.push(await begin(contactId));
    const ids = async () => (await activeSessions(database.db, contactId)).map(({ id }) => id);
    expect(await ids()).toEqual(sessions.map(({ id }) => id).reverse());
    const [oldest, second] = sessions;
    await bringForward(database.db, oldest?.id ?? "");
    expect((await ids())[0]).toBe(oldest?.id);
    await stopOldest(database.db, contactId);
    expect(await ids()).not.toContain(second?.id);
    expect(await stopSessions(database.db, contactId)).toBe(MAX_ACTIVE_SESSIONS - 1);
    expect(await ids()).toEqual([]);
  });

  test("the newest answer to a question counts", async () => {
    const { id: sessionId, contactId } = await begin(await person());
    const of = { sessionId, contactId, consultationId: null };
    const answer = (question: string, value: string | number) => ({
      question,
      value,
      said: String(value),
      language: "en",
    });
    await upsertAnswers(database.db, of, [answer("name", "A"), answer("rating", 1), answer("rating", 2)]);
    await upsertAnswers(database.db, of, [answer("name", "B")]);
    const kept = async () =>
      Object.fromEntries(
        (await listAnswers(database.db, sessionId)).map(({ question, value }) => [question, value]),
      );
    expect(await kept()).toEqual({ name: "B", rating: 2 });
    await forgetAnswers(database.db, sessionId, ["rating", "never asked"]);
    expect(await kept()).toEqual({ name: "B" });
  });

  test("the same content has the same version, changed content the next", async () => {
    const publish = (definition: FlowDefinition) => publishFlow(database.db, definition);
    const one = flow("survey", "Hello");
    expect(await publish(one)).toBe(1);
    expect(
      await publish(
        JSON.parse(JSON.stringify({ ...one, steps: { bye: one.steps.bye, hello: one.steps.hello } })),
      ),
    ).toBe(1);
    expect(await publish(flow("survey", "Good day"))).toBe(2);
    expect(await publish(one)).toBe(1);
    expect(await publish(flow("other", "Hello"))).toBe(1);
    await expect(database.db.execute("update flow_versions set version = 9")).rejects.toThrow();
  });

  test("published from many processes at once", async () => {
    const versions = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        database.db.transaction((tx) => publishFlow(tx as never, flow("racing", `Hello ${i % 3}`))),
      ),
    );
    expect(new Set(versions)).toEqual(new Set([1, 2, 3]));
    for (let i = 0; i < 12; i++) expect(versions[i]).toBe(versions[i % 3]);
  });

  test("a loaded version stays one object, and what it calls comes with it in the newest version", async () => {
    let now = 0;
    const library = flowLibrary({ ...database }, () => new Date(now));
    const inner = flow("inner", "one");
    const outer = flow("outer", "Hello", "inner");
    await publishFlow(database.db, outer, new Map([["inner", inner]]));
    expect(library.get("outer", 1)).toBeUndefined();
    await library.load(database.db, [{ flow: "outer", version: 1 }]);
    const found = library.get("outer", 1);
    expect(found?.version).toBe(1);
    expect(library.get("inner")?.version).toBe(1);
    await publishFlow(database.db, flow("inner", "two"));
    await library.load(database.db, [{ flow: "outer", version: 1 }]);
    expect(library.get("inner")?.version).toBe(1);
    now += 6_000;
    await library.load(database.db, [{ flow: "outer", version: 1 }]);
    expect(library.get("inner")?.version).toBe(2);
    expect(library.get("outer", 1)).toBe(found);
    await library.load(database.db, [{ flow: "nobody's", version: 1 }]);
    expect(library.get("nobody's", 1)).toBeUndefined();
  });
});
