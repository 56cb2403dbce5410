import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PRIORITY, rows, settleReceipt } from "#storage";
import { testApp } from "../test/support/app.ts";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import type { App } from "./app.ts";
import { commit } from "./unit.ts";

const MESSAGES = 6;
const STATUSES = ["sent", "delivered", "read"] as const;

describe.each(testDatabases())("receipts on %s", (_engine, open) => {
  let database: TestDatabase;
  let app: App;
  beforeAll(async () => {
    database = await open();
    app = testApp(database, []);
  });
  afterAll(async () => {
    await app.receipts.close();
    await database.close();
  });
  beforeEach(() => database.db.execute(sql`truncate messages, receipts, outbox_batches`));

  /** Messages under way, as after a hand-over whose answer was lost. */
  async function underWay(): Promise<string[]> {
    await commit(app, (unit) =>
      unit.send(
        Array.from({ length: MESSAGES }, (_, n) => ({
          to: `sms:+2760000${String(n).padStart(4, "0")}`,
          text: "water",
          priority: PRIORITY.bulk,
          kind: "test",
        })),
      ),
    );
    const sent = await rows<{ id: string }>(
      database.db,
      sql`update messages set status = 'sending', failure = 'unknown_outcome' returning id`,
    );
    return sent.map(({ id }) => id).sort();
  }
  const state = () =>
    rows(
      database.db,
      sql`select m.status, m.provider_id is not null as known, m.failure,
          (select count(*)::int from receipts r where r.message_id = m.id) as receipts
        from messages m order by m.id`,
    );

  it("has the same effect many at once, out of order and repeated, as one after the other", async () => {
    const some = fc.array(fc.tuple(fc.nat(MESSAGES - 1), fc.constantFrom(...STATUSES)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(some, async (given) => {
        const receipts = (ids: readonly string[]) =>
          given.map(([n, status]) => ({ messageId: ids[n] ?? "", providerId: `SM${n}`, status }));
        const together = await underWay();
        await Promise.all(receipts(together).map((receipt) => app.receipts.settle("sms", receipt)));
        const after = await state();
        await database.db.execute(sql`truncate messages, receipts, outbox_batches`);
        for (const receipt of receipts(await underWay())) await settleReceipt(database.db, "sms", receipt);
        expect(after).toEqual(await state());
        await database.db.execute(sql`truncate messages, receipts, outbox_batches`);
      }),
      { numRuns: 25 },
    );
  });

  it("settles what came before anything told whose it is", async () => {
    const [id = ""] = await underWay();
    await app.receipts.settle("sms", { providerId: "SM0", status: "read" });
    await app.receipts.settle("sms", { messageId: id, providerId: "SM0", status: "sent" });
    expect((await state())[0]).toMatchObject({ status: "read", receipts: 2 });
  });

  it("keeps one that cannot be stored from none of the others", async () => {
    const ids = await underWay();
    const settled = await Promise.allSettled(
      ["not an id", ...ids].map((messageId, n) =>
        app.receipts.settle("sms", { messageId, providerId: `SM${n}`, status: "delivered" }),
      ),
    );
    expect(settled.map(({ status }) => status)).toEqual(["rejected", ...ids.map(() => "fulfilled")]);
    expect((await state()).every((row) => (row as { status: string }).status === "delivered")).toBe(true);
  });

  it("heeds a failure as before: the carrier's STOP is ours", async () => {
    const [id = ""] = await underWay();
    await app.receipts.settle("sms", {
      messageId: id,
      providerId: "SM0",
      status: "failed",
      failure: "bad_address",
      code: "21211",
    });
    expect((await state())[0]).toMatchObject({ status: "failed", failure: "bad_address" });
  });
});
