import { sql } from "drizzle-orm";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import {
  addContact,
  countFailedOver,
  type Db,
  failOver,
  giveUpReceipts,
  giveUpReceiptsOf,
  heedFailure,
  listSetAside,
  mayFailOver,
  rows,
  settleReceipt,
  takeBackFailovers,
  useAgain,
} from "./index.ts";

const RULE = { from: "whatsapp", to: "sms", afterMinutes: 10 } as const;

describe.each(testDatabases())("what is not confirmed, on %s", (_engine, open) => {
  let database: TestDatabase;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    await db.execute(sql`insert into staff (id, name, handle) values (${v7()}, 'Naledi', 'naledi')`);
  });
  afterAll(() => database.close());

  const broadcast = async (): Promise<string> => {
    const id = v7();
    await db.execute(sql`insert into broadcasts (id, title, status, audience, texts, channels, priority, content_hash, created_by)
      select ${id}, 'T', 'sending', '{}', '{}', array['whatsapp', 'sms'], 2, 'h', id from staff limit 1`);
    return id;
  };
  let people = 0;
  /** A message to somebody new, handed over so many minutes ago. */
  async function sent(
    ref: string,
    { status = "sent", failure = null as string | null, ago = 11, sms = true, channel = "whatsapp" } = {},
  ): Promise<{ readonly id: string; readonly contact: string; readonly phone: string }> {
    const [id, contact, phone] = [v7(), v7(), `+2782${String(1_000_000 + people++)}`];
    await addContact(db, {
      id: contact,
      addresses: [`whatsapp:${phone}`, ...(sms ? [`sms:${phone}` as const] : [])],
    });
    await db.execute(sql`insert into messages (id, direction, status, channel, address, contact_id, text, kind, ref, priority,
        on_doubt, attempts, failure, handed_over_at, provider_id)
      values (${id}, 'out', ${status}::message_status, ${channel}, ${`${channel}:${phone}`}, ${contact}, 'Water', 'broadcast',
        ${ref}, 2, 'hold', 1, ${failure}, now() - make_interval(mins => ${ago}::int), ${`P${id}`})`);
    return { id, contact, phone };
  }
  const messagesOf = (ref: string, channel = "sms") =>
    rows<{ address: string; status: string; text: string }>(
      db,
      sql`select address, status::text, text from messages where ref = ${ref} and channel = ${channel} order by address`,
    );

  test("late and failed ones go by the other channel; what is not late, arrived, stopped or in doubt does not", async () => {
    const ref = await broadcast();
    const late = await sent(ref);
    const failed = await sent(ref, { status: "failed", failure: "window_closed", ago: 0 });
    const off = await sent(ref, { status: "undelivered", failure: "unreachable", ago: 1 });
    const soon = await sent(ref, { ago: 9 });
    await sent(ref, { status: "delivered" });
    await sent(ref, { status: "cancelled", failure: "opted_out" });
    await sent(ref, { status: "failed", failure: "in_doubt" });
    await sent(ref, { sms: false });
    expect(await failOver(db, ref, RULE)).toBe(3);
    expect(await messagesOf(ref)).toEqual(
      [late, failed, off]
        .map(({ phone }) => ({ address: `sms:${phone}`, status: "queued", text: "Water" }))
        .sort((a, b) => (a.address < b.address ? -1 : 1)),
    );
    expect(await mayFailOver(db, ref, RULE)).toBe(true);
    await settleReceipt(db, "whatsapp", { messageId: soon.id, status: "delivered" });
    expect(await mayFailOver(db, ref, RULE)).toBe(false);
    // One batch carries them, under the broadcast's id, so that pause and cancel find it.
    expect(
      await rows(db, sql`select 1 from outbox_batches where ref = ${ref} and channel = 'sms'`),
    ).toHaveLength(1);
  });

  test("each person once, however often and at the same moment it is looked at", async () => {
    const ref = await broadcast();
    for (let n = 0; n < 20; n++) await sent(ref);
    const moved = await Promise.all(Array.from({ length: 4 }, () => failOver(db, ref, RULE)));
    expect(moved.reduce((sum, n) => sum + n, 0)).toBe(20);
    expect(await failOver(db, ref, RULE)).toBe(0);
    const addresses = (await messagesOf(ref)).map(({ address }) => address);
    expect(new Set(addresses).size).toBe(20);
    expect(addresses).toHaveLength(20);
  });

  test("a delivery that comes late counts: what is queued is taken back, what went out is counted as twice", async () => {
    const ref = await broadcast();
    const [first, second] = [await sent(ref), await sent(ref)];
    await failOver(db, ref, RULE);
    await db.execute(
      sql`update messages set status = 'sent' where ref = ${ref} and address = ${`sms:${second.phone}`}`,
    );
    for (const { id } of [first, second])
      await settleReceipt(db, "whatsapp", { messageId: id, status: "delivered" });
    expect(await takeBackFailovers(db, ref)).toBe(1);
    expect((await messagesOf(ref)).map(({ status }) => status).sort()).toEqual(["cancelled", "sent"]);
    expect((await messagesOf(ref, "whatsapp")).map(({ status }) => status)).toEqual([
      "delivered",
      "delivered",
    ]);
    expect(await countFailedOver(db, ref)).toEqual({ people: 2, twice: 1 });
  });

  test("without a receipt for so long it says so, and a later word of the carrier still counts", async () => {
    const ref = await broadcast();
    const old = await sent(ref, { ago: 73 * 60 });
    await sent(ref, { ago: 71 * 60 });
    await sent(ref, { ago: 73 * 60, status: "delivered" });
    expect(await giveUpReceiptsOf(db, ref, 72)).toBe(1);
    expect(await giveUpReceiptsOf(db, ref, 72)).toBe(0);
    const failure = async () =>
      (
        await rows<{ status: string; failure: string | null }>(
          db,
          sql`select status::text, failure from messages where id = ${old.id}`,
        )
      )[0];
    expect(await failure()).toEqual({ status: "sent", failure: "no_receipt" });
    await settleReceipt(db, "whatsapp", { messageId: old.id, status: "delivered" });
    expect(await failure()).toEqual({ status: "delivered", failure: null });
  });

  test("messages of no broadcast are looked at once, when they are old enough", async () => {
    const [message] = await rows<{ id: string }>(
      db,
      sql`insert into messages (id, direction, status, channel, address, text, kind, handed_over_at)
        values (uuid7(), 'out', 'sent', 'sms', 'sms:+27820000999', 'Hi', 'reply', now() - interval '80 hours') returning id`,
    );
    const now = Date.now();
    // It was written now: until it is 76 hours old nobody looks at it.
    await giveUpReceipts(db, 72, new Date(now + 70 * 3600_000));
    const failure = async () =>
      (
        await rows<{ failure: string | null }>(
          db,
          sql`select failure from messages where id = ${message?.id}`,
        )
      )[0]?.failure;
    expect(await failure()).toBeNull();
    await giveUpReceipts(db, 72, new Date(now + 77 * 3600_000));
    expect(await failure()).toBe("no_receipt");
  });

  describe("numbers that cannot be reached", () => {
    const missed = async (address: string, days: readonly number[]): Promise<void> => {
      for (const ago of days) {
        await db.execute(sql`insert into messages (id, direction, status, channel, address, text, kind, failure, status_at)
          values (uuid7(), 'out', 'undelivered', 'sms', ${address}, 'Hi', 'reply', 'unreachable',
            now() - make_interval(days => ${ago}::int))`);
        await heedFailure(db, { id: v7(), contactId: null, address }, "unreachable", "30003");
      }
    };
    const person = async (): Promise<string> => {
      const address = `sms:+2783${String(1_000_000 + people++)}` as const;
      await addContact(db, { id: v7(), addresses: [address] });
      return address;
    };
    const isSetAside = async (address: string): Promise<boolean> =>
      (await listSetAside(db, 100)).shown.some((one) => one.address === address);

    test.each<[string, readonly number[], boolean]>([
      ["three times over eight days", [8, 4, 0], true],
      ["three times in a weekend", [2, 1, 0], false],
      ["twice over a month", [30, 0], false],
    ])("%s", async (_name, days, aside) => {
      const address = await person();
      await missed(address, days);
      expect(await isSetAside(address)).toBe(aside);
    });

    test("a delivery in between begins the count anew", async () => {
      const address = await person();
      await missed(address, [9, 8]);
      await db.execute(sql`insert into messages (id, direction, status, channel, address, text, kind)
        values (uuid7(), 'out', 'delivered', 'sms', ${address}, 'Hi', 'reply')`);
      await missed(address, [1, 0]);
      expect(await isSetAside(address)).toBe(false);
    });

    test("a bad number is set aside at once, and staff bring it back once", async () => {
      const address = await person();
      await heedFailure(db, { id: v7(), contactId: null, address }, "bad_address", "21211");
      expect(await isSetAside(address)).toBe(true);
      expect(await useAgain(db, address)).toBe(true);
      expect(await useAgain(db, address)).toBe(false);
      expect(await isSetAside(address)).toBe(false);
    });
  });

  test("receipts in any order, late and twice: the highest counts, and failures keep their reason", async () => {
    const ref = await broadcast();
    const rank = { sending: 1, sent: 2, failed: 3, undelivered: 3, delivered: 4, read: 5 } as const;
    const status = fc.constantFrom(...(Object.keys(rank) as (keyof typeof rank)[]));
    await fc.assert(
      fc.asyncProperty(fc.array(status, { minLength: 1, maxLength: 8 }), async (came) => {
        const { id } = await sent(ref, { ago: 0 });
        for (const each of came)
          await settleReceipt(db, "whatsapp", {
            messageId: id,
            providerId: `P${id}`,
            status: each,
            ...(each === "failed" || each === "undelivered"
              ? { failure: "refused", code: "1", detail: each }
              : {}),
          });
        const highest = came.reduce<keyof typeof rank>((a, b) => (rank[b] > rank[a] ? b : a), "sent");
        const [message] = await rows<{ status: string; detail: string | null }>(
          db,
          sql`select status::text, detail from messages where id = ${id}`,
        );
        expect(message).toEqual({ status: highest, detail: rank[highest] === 3 ? highest : null });
      }),
      { numRuns: 60 },
    );
  });
});
