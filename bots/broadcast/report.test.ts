import { sql } from "drizzle-orm";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertBroadcast, joinGroup, PRIORITY, rows, settleReceipt, upsertStaff } from "#storage";
import { DEPLOYMENT } from "../../test/support/citizen-app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import { type BroadcastReport, broadcastReport } from "./report.ts";
import { hasReportChart, reportPng, reportSvg } from "./report-chart.ts";
import { recipientsCsv } from "./report-csv.ts";
import { breakdowns, lasting, reportLines, wholeWords } from "./report-words.ts";

const HOUR = 3600_000;

describe.each(testDatabases())("the report of a broadcast on %s", (_engine, open) => {
  let database: TestDatabase;
  let author: string;
  beforeAll(async () => {
    database = await open();
    author = v7();
    const person = { id: author, name: "A", slackUserId: null, phone: null, language: "en", duties: [] };
    await upsertStaff(database.db, [{ ...person, handle: "a", roles: ["author"], active: true }]);
  });
  afterAll(() => database.close());

  interface Sent {
    readonly channel: "sms" | "whatsapp";
    readonly language: string | null;
    readonly ward: number | null;
    readonly status: string;
    readonly failure: string | null;
    readonly segments?: number;
  }

  /** A broadcast that was begun an hour ago, with these messages. */
  const sent = async (messages: readonly Sent[], status = "sent") => {
    const id = v7();
    await insertBroadcast(database.db, {
      id,
      title: "=Water <off>",
      status: "draft",
      audience: { everyone: true },
      texts: { en: "x" },
      channels: ["sms"],
      contentHash: "h",
      expectedRecipients: messages.length,
      sendAt: null,
      expiresAt: null,
      messageClass: "service",
      sensitive: false,
      priority: PRIORITY.bulk,
      createdBy: author,
    });
    await database.db.execute(sql`update broadcasts set status = ${status}, started_at = now() - interval '1 hour',
      finished_at = now() - interval '50 minutes' where id = ${id}`);
    const people: { contact: string; message: string; provider: string; address: string }[] = [];
    for (const [n, m] of messages.entries()) {
      const person = {
        contact: v7(),
        message: v7(),
        provider: `SM${v7()}`,
        address: `${m.channel}:+2760${n}`,
      };
      people.push(person);
      const handed = !["queued", "cancelled", "expired"].includes(m.status);
      await database.db.execute(sql`insert into contacts (id, name, language, fields)
        values (${person.contact}, ${`=P${n}`}, ${m.language}, ${JSON.stringify(m.ward === null ? {} : { ward: m.ward })}::jsonb)`);
      await database.db.execute(sql`insert into messages (id, direction, status, channel, address, contact_id, text, kind, ref,
          priority, provider_id, failure, segments, handed_over_at)
        values (${person.message}, 'out', ${m.status}, ${m.channel}, ${person.address}, ${person.contact}, 'x', 'broadcast', ${id},
          2, ${person.provider}, ${m.failure}, ${m.segments ?? null}, case when ${handed}::boolean then (select started_at + interval '1 minute' from broadcasts where id = ${id}) end)`);
    }
    return { id, people };
  };
  const report = async (id: string, now = new Date()): Promise<BroadcastReport> => {
    const found = await broadcastReport(database.db, DEPLOYMENT, id, now);
    if (!found) throw new Error("no report");
    return found;
  };

  const message: fc.Arbitrary<Sent> = fc.record({
    channel: fc.constantFrom("sms", "whatsapp"),
    language: fc.constantFrom("en", "zu", null),
    ward: fc.constantFrom(1, 2, null),
    status: fc.constantFrom(
      "queued",
      "sent",
      "delivered",
      "read",
      "failed",
      "undelivered",
      "cancelled",
      "expired",
    ),
    failure: fc.constantFrom(null, "unreachable", "opted_out", "in_doubt", "bad_address"),
    segments: fc.constantFrom(1, 2),
  });

  test("every breakdown adds up to the whole, and nobody is lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
        const { id } = await sent(messages);
        const { whole, byChannel, byLanguage, byWard, failures } = await report(id);
        expect(whole.all).toBe(messages.length);
        const { all, ...outcomes } = whole;
        expect(Object.values(outcomes).reduce((sum, n) => sum + n, 0)).toBe(all);
        for (const parts of [byChannel, byLanguage, byWard])
          for (const key of Object.keys(whole) as (keyof typeof whole)[])
            expect(parts.reduce((sum, part) => sum + part[key], 0)).toBe(whole[key]);
        expect(failures.reduce((sum, { messages: n }) => sum + n, 0)).toBe(whole.failed);
      }),
      { numRuns: 20 },
    );
  });

  test("receipts in any order, and twice, give the same report", async () => {
    const shapes = Array.from(
      { length: 6 },
      (): Sent => ({
        channel: "sms",
        language: "en",
        ward: 1,
        status: "sent",
        failure: null,
        segments: 1,
      }),
    );
    const wanted = { delivered: 3, read: 1, failed: 2, all: 6 };
    for (const seed of [1, 2, 3]) {
      const { id, people } = await sent(shapes);
      const statuses = [
        ["delivered"],
        ["sent", "delivered"],
        ["delivered"],
        ["delivered", "read"],
        ["failed"],
        ["sent", "undelivered"],
      ];
      const receipts = people.flatMap(({ message: messageId, provider }, i) =>
        [...(statuses[i] ?? []), ...(statuses[i] ?? [])].map((status) => ({
          messageId,
          providerId: provider,
          status: status as "delivered",
          ...(["failed", "undelivered"].includes(status) ? { failure: "unreachable" } : {}),
        })),
      );
      const [shuffled] = fc.sample(fc.shuffledSubarray(receipts, { minLength: receipts.length }), {
        seed,
        numRuns: 1,
      });
      for (const receipt of shuffled ?? [])
        await database.db.transaction((tx) => settleReceipt(tx as never, "sms", receipt));
      const found = await report(id);
      expect(found.whole).toMatchObject(wanted);
      expect(found.failures).toEqual([{ failure: "unreachable", messages: 2 }]);
      expect(found.delivery.curve.at(-1)?.delivered).toBe(4);
      expect(found.delivery.fromStart?.last).toBeGreaterThan(3_500);
      expect(found.delivery.fromHandOver?.half).toBeGreaterThan(3_400);
    }
  });

  test("times, cost, opt-outs and replies, each person once", async () => {
    const delivered: Sent = {
      channel: "sms",
      language: "zu",
      ward: 3,
      status: "delivered",
      failure: null,
      segments: 2,
    };
    const { id, people } = await sent([
      delivered,
      delivered,
      delivered,
      { ...delivered, channel: "whatsapp" },
      { ...delivered, status: "queued" },
    ]);
    const [first, second, third] = people;
    const minutes = (n: number) =>
      sql`(select started_at + make_interval(mins => ${n}::int) from broadcasts where id = ${id})`;
    for (const [n, { provider, address }] of people.slice(0, 4).entries())
      await database.db.execute(sql`insert into receipts (channel, provider_id, status, received_at)
        values (${address.split(":")[0] ?? ""}, ${provider}, 'delivered', ${minutes((n + 1) * 2)})`);
    await joinGroup(database.db, first?.contact ?? "", "Water users", v7);
    await joinGroup(database.db, first?.contact ?? "", "Drill", v7);
    const write = async (who: typeof first, at: number, optsOut = false): Promise<void> => {
      const heard = v7({ msecs: Date.now() - HOUR + at * 60_000 });
      await database.db.execute(sql`insert into messages (id, direction, status, channel, address, contact_id, text, kind, created_at)
        values (${heard}, 'in', 'processed', 'sms', ${who?.address ?? ""}, ${who?.contact ?? ""}, 'words', 'citizen', ${minutes(at)})`);
      if (optsOut)
        await database.db.execute(sql`insert into consent_ledger (id, contact_id, address, kind, source, message_id, at)
          values (${v7()}, ${who?.contact ?? ""}, ${who?.address ?? ""}, 'opt_out', 'keyword STOP', ${heard}, ${minutes(at)})`);
    };
    await write(first, 5, true);
    await write(second, 6);
    await write(second, 7);
    await write(third, 0);
    const found = await report(id);
    expect(found).toMatchObject({ optOuts: 1, replies: 2, repliers: 1 });
    expect(found.delivery).toMatchObject({
      fromStart: { half: 240, most: 480, last: 480 },
      fromHandOver: { half: 180, most: 420, last: 420 },
    });
    expect(found.delivery.curve.map((point) => point.delivered)).toEqual([1, 2, 3, 4]);
    // Three SMS of two segments, one on WhatsApp; what waits costs nothing yet.
    expect(found.cost).toEqual({ currency: "ZAR", expected: null, actual: 6 * 0.3 + 0.2 });
    expect(found.byGroup.map(({ label, all }) => [label, all]).toSorted()).toEqual([
      ["Drill", 1],
      ["Water users", 1],
    ]);

    expect(wholeWords(found)).toBe("4 of 5 people delivered (80 %), 1 waiting.");
    const lines = reportLines(found).join("\n");
    expect(lines).toContain(
      "Delivered since the start: half within 4 min, 95 % within 8 min, the last within 8 min.",
    );
    expect(lines).toContain("Within 48 hours 1 person said STOP (20 %); 1 person wrote 2 messages.");
    expect(breakdowns(found, DEPLOYMENT).map(({ title, rows: parts }) => [title, parts[0]?.words])).toEqual([
      ["By channel", "SMS"],
      ["By language", "isiZulu"],
      ["By ward", "Ward 3"],
      ["By group", expect.any(String)],
    ]);
    expect(hasReportChart(found)).toBe(true);
    expect(reportSvg(found, DEPLOYMENT)).toContain("=Water &lt;off&gt;");
    expect(
      Buffer.from(await reportPng(found, DEPLOYMENT))
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    let csv = "";
    for await (const part of recipientsCsv(database.db, id)) csv += part;
    expect(csv.trimEnd().split("\r\n")).toHaveLength(6);
    expect(csv).toContain(",'=P0,zu,3,sms,delivered,");
  });

  test("whoever was sent it on a second channel counts once, and costs twice", async () => {
    const lost: Sent = {
      channel: "whatsapp",
      language: "en",
      ward: 1,
      status: "undelivered",
      failure: "unreachable",
    };
    const bySms: Sent = {
      channel: "sms",
      language: "en",
      ward: 1,
      status: "delivered",
      failure: null,
      segments: 1,
    };
    const { id, people } = await sent([lost, bySms, { ...lost, status: "delivered", failure: null }, bySms]);
    const [first, second, third, fourth] = people;
    for (const [from, to] of [
      [first, second],
      [third, fourth],
    ]) {
      await database.db.execute(
        sql`update messages set contact_id = ${from?.contact ?? ""} where id = ${to?.message ?? ""}`,
      );
      await database.db.execute(sql`insert into broadcast_failovers (broadcast_id, contact_id, message_id, by_id)
        values (${id}, ${from?.contact ?? ""}, ${from?.message ?? ""}, ${to?.message ?? ""})`);
    }
    const found = await report(id);
    expect(found.whole).toMatchObject({ all: 2, delivered: 2, failed: 0 });
    expect(found.byChannel.map(({ label, all }) => [label, all]).toSorted()).toEqual([
      ["sms", 1],
      ["whatsapp", 1],
    ]);
    expect(found.delivery.curve.at(-1)?.delivered).toBe(2);
    expect(found.cost.actual).toBeCloseTo(2 * 0.2 + 2 * 0.3);
    expect(found.possibleDuplicates).toBe(1);
  });

  test("it is counted once for all when no receipt can come any more, and not with every look before", async () => {
    const { id, people } = await sent([
      { channel: "sms", language: "en", ward: 1, status: "sent", failure: null },
    ]);
    expect((await report(id)).whole.delivered).toBe(0);
    await database.db.execute(
      sql`update messages set status = 'delivered' where id = ${people[0]?.message ?? ""}`,
    );
    expect((await report(id)).whole.delivered).toBe(0);
    await database.db.execute(sql`update broadcast_reports set counted_at = now() - interval '1 minute'`);
    const later = new Date(Date.now() + 100 * HOUR);
    expect((await report(id, later)).whole.delivered).toBe(1);
    await database.db.execute(sql`delete from messages where ref = ${id}`);
    await database.db.execute(sql`update broadcast_reports set counted_at = now() - interval '1 day'`);
    expect((await report(id, later)).whole.delivered).toBe(1);
    // Nor does a count of nothing take its place, should it not have been the last.
    await database.db.execute(
      sql`update broadcast_reports set settled = false, counted_at = now() - interval '1 day'`,
    );
    expect((await report(id, later)).whole.delivered).toBe(1);
    expect(
      await rows(database.db, sql`select 1 from broadcast_reports where broadcast_id = ${id}`),
    ).toHaveLength(1);
  });
});

test.each([
  [0.4, "0 s"],
  [89, "89 s"],
  [125, "2 min"],
  [5_399, "1 h 30 min"],
  [7_500, "2 h 5 min"],
])("%d seconds last %s", (seconds, words) => {
  expect(lasting(seconds)).toBe(words);
});
