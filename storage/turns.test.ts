import { sql } from "drizzle-orm";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnswerValue, Session } from "#flows";
import { testDatabases } from "../test/support/database.ts";
import { type Answer, upsertAnswers } from "./answers.ts";
import { addContact } from "./contacts.ts";
import { type Database, rows } from "./database.ts";
import { keepProcessed, keepReceived, type ReceivedMessage } from "./inbound.ts";
import { enqueue } from "./outbox.ts";
import { PRIORITY } from "./schema.ts";
import { type KeptSession, SessionMoved, saveSession } from "./sessions.ts";
import { setTimer } from "./timers.ts";
import { type KeptTurn, keepTurn, type TurnReply } from "./turns.ts";

const text = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .map((s) => s.replaceAll("\u0000", "").toWellFormed());
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant({ skipped: true as const }),
  fc.array(text, { maxLength: 3 }),
) as fc.Arbitrary<AnswerValue>;
const shape = fc.record({
  text,
  first: fc.boolean(),
  ended: fc.boolean(),
  keptBefore: fc.boolean(),
  answers: fc.uniqueArray(fc.record({ question: text, value, said: text, language: fc.constant("en") }), {
    maxLength: 3,
    selector: ({ question }) => question,
  }),
  replies: fc.array(
    fc.record(
      { text, choices: fc.array(fc.record({ id: text, title: text }), { maxLength: 2 }) },
      { requiredKeys: ["text"] },
    ),
    { maxLength: 3 },
  ),
  timer: fc.boolean(),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

describe.each(testDatabases())("an ordinary turn on %s", (_engine, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  interface Turned {
    readonly before?: KeptSession;
    readonly turn: KeptTurn;
  }

  const dueAt = new Date("2027-01-01T00:00:00Z");
  let people = 0;
  const draw = async ({ first, ended, keptBefore, timer, ...given }: Shape): Promise<Turned> => {
    const contactId = v7();
    const address = `sms:+2761${String(++people).padStart(7, "0")}`;
    await addContact(database.db, { id: contactId, addresses: [address] });
    const message: ReceivedMessage = {
      id: v7(),
      channel: "sms",
      providerId: v7(),
      address,
      text: given.text,
      extras: { to: "sms:+27600009000" },
    };
    if (keptBefore) await keepReceived(database.db, message, { error: "x", retryAt: new Date() });
    const id = v7();
    const state: Session = {
      id,
      flow: "f",
      version: 1,
      language: "en",
      state: ended ? "ended" : "waiting",
      at: "a",
      calls: {},
      tries: 0,
      answers: {},
      variables: {},
      trail: [],
    };
    const session: KeptSession = {
      id,
      contactId,
      address,
      consultationId: null,
      status: ended ? "completed" : "active",
      turn: first ? 1 : 2,
      state,
    };
    const before: KeptSession = { ...session, status: "active", turn: 1, address: "sms:+27600000000" };
    if (!first) await saveSession(database.db, before);
    const replies = given.replies.map(
      ({ choices, ...reply }): TurnReply => ({
        ...reply,
        ...(choices ? { choices } : {}),
        id: v7(),
      }),
    );
    const answers: readonly Answer[] = given.answers;
    const turn: KeptTurn = {
      message,
      keptBefore,
      session,
      answers,
      replies,
      batchId: v7(),
      ...(timer ? { timer: { id: v7(), dueAt, step: "a" } } : {}),
    };
    return { ...(first ? {} : { before }), turn };
  };

  const oneByOne = async ({ message, session, answers, replies, timer }: KeptTurn): Promise<void> => {
    const { db } = database;
    const { contactId } = session;
    await saveSession(db, session);
    await keepProcessed(db, message, { contactId });
    // Where the session is known, the message belongs to it.
    await db.execute(sql`update messages set ref = ${session.id} where id = ${message.id}`);
    await upsertAnswers(db, { ...session, sessionId: session.id }, answers);
    await enqueue(
      db,
      replies.map((reply) => ({
        ...reply,
        to: message.address,
        contactId,
        priority: PRIORITY.reply,
        kind: "reply",
        ref: session.id,
      })),
      v7,
    );
    if (timer)
      await setTimer(db, timer.id, {
        kind: "session",
        ref: session.id,
        epoch: session.turn,
        dueAt: timer.dueAt,
        data: { step: timer.step },
      });
  };

  /** Everything that a turn left, with what differs by chance left out. */
  const leftBy = async ({ session, message }: KeptTurn) => {
    const { db } = database;
    const { id, contactId } = session;
    const own = (json: unknown): unknown =>
      JSON.parse(
        JSON.stringify(json)
          .replaceAll(id, "<session>")
          .replaceAll(contactId, "<contact>")
          .replaceAll(message.address, "<address>")
          .replaceAll(message.id, "<message>")
          .replaceAll(message.providerId, "<provider>"),
      );
    return own({
      session: await rows(
        db,
        sql`select contact_id, address, consultation_id, flow, flow_version, state, status, turn,
        ended_at is not null as ended, updated_at >= started_at as updated from sessions where id = ${id}`,
      ),
      messages: await rows(
        db,
        sql`select direction, status, channel, address, contact_id, text, extras, kind, ref,
        priority, on_doubt, consent_exempt, provider_id, attempts, segments, expires_at, batch_id is not null as batched
        from messages where address = ${message.address} order by direction, id`,
      ),
      batches: await rows(
        db,
        sql`select channel, priority, ref, paused, due_at <= now() as due,
        (select count(*)::int from messages m where m.batch_id = b.id) as size from outbox_batches b where ref = ${id}`,
      ),
      answers: await rows(
        db,
        sql`select session_id, question, consultation_id, contact_id, value, said, language
        from answers where session_id = ${id} order by question`,
      ),
      timers: await rows(
        db,
        sql`select kind, ref, epoch, due_at::text as due, data, done_at from timers where ref = ${id}`,
      ),
      keys: await rows(
        db,
        sql`select channel, provider_id, message_id from inbound_keys where message_id = ${message.id}`,
      ),
      seen: await rows(
        db,
        sql`select last_inbound_at is not null as seen from addresses where address = ${message.address}`,
      ),
    });
  };

  test("leaves what its parts leave one by one", async () => {
    await fc.assert(
      fc.asyncProperty(shape, async (given) => {
        const [whole, parts] = [await draw(given), await draw(given)];
        await keepTurn(database.db, whole.turn);
        await oneByOne(parts.turn);
        expect(await leftBy(whole.turn)).toEqual(await leftBy(parts.turn));
      }),
      { numRuns: 60 },
    );
  });

  const plain: Shape = {
    text: "hi",
    first: false,
    ended: false,
    keptBefore: false,
    answers: [],
    replies: [{ text: "yes" }],
    timer: true,
  };

  test("over a session that was moved on in the meantime it leaves nothing", async () => {
    const { before, turn } = await draw(plain);
    if (!before) throw new Error("there should be a turn before");
    await saveSession(database.db, { ...before, turn: 2 });
    const left = await leftBy(turn);
    await expect(keepTurn(database.db, turn)).rejects.toThrow(SessionMoved);
    expect(await leftBy(turn)).toEqual(left);
  });

  test("a carrier id that is taken leaves nothing", async () => {
    const { turn } = await draw(plain);
    const other = { ...turn.message, id: v7() };
    await keepProcessed(database.db, other, {});
    const left = await leftBy(turn);
    await expect(keepTurn(database.db, turn)).rejects.toThrow();
    await expect(keepProcessed(database.db, turn.message, {})).rejects.toThrow("kept already");
    expect(await leftBy(turn)).toEqual(left);
  });
});
