import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Channel, OutboundMessage, Receipt } from "#channels";
import {
  cancelBatches,
  type NewMessage,
  PRIORITY,
  pauseBatches,
  resumeBatches,
  rows,
  settleReceipt,
} from "#storage";
import { testApp } from "../../test/support/app.ts";
import { type TestDatabase, testDatabases } from "../../test/support/database.ts";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { type Dispatcher, startDispatcher } from "./dispatcher.ts";
import { settleDoubts } from "./doubts.ts";
import { UP_TO } from "./lanes.ts";

/** A carrier in memory: what it accepted, and how it answers. */
interface FakeCarrier extends Channel {
  readonly accepted: OutboundMessage[];
  answer: (message: OutboundMessage) => Promise<Receipt> | Receipt;
}

function fakeCarrier(name: Channel["name"] = "sms", perSecond = 10_000): FakeCarrier {
  const accepted: OutboundMessage[] = [];
  const carrier: FakeCarrier = {
    name,
    carrier: "fake",
    limits: { textLength: 1600, choices: 0, perSecond },
    webhooks: [],
    accepted,
    answer: (message) => ({ status: "sent", providerId: `SM${message.id}` }),
    send: async (message) => {
      const receipt = await carrier.answer(message);
      if (receipt.status === "sent") accepted.push(message);
      return receipt;
    },
    lookUp: async (message) =>
      accepted.some(({ id }) => id === message.id)
        ? { status: "sent", providerId: `SM${message.id}` }
        : "absent",
  };
  return carrier;
}

const sms = (n: number, extra: Partial<NewMessage> = {}): NewMessage => ({
  to: `sms:+2760000${String(n).padStart(4, "0")}`,
  text: `message ${n}`,
  priority: PRIORITY.bulk,
  kind: "test",
  ...extra,
});

describe.each(testDatabases())("the dispatcher on %s", (_engine, open) => {
  let database: TestDatabase;
  let app: App;
  let carrier: FakeCarrier;
  let dispatcher: Dispatcher | undefined;
  beforeEach(async () => {
    database = await open();
    carrier = fakeCarrier();
    app = testApp(database, [carrier]);
  });
  afterEach(async () => {
    await dispatcher?.stop();
    dispatcher = undefined;
    await database.close();
  });
  const run = () => {
    dispatcher = startDispatcher(app, app.channels);
  };
  const send = (messages: readonly NewMessage[]) => commit(app, (unit) => unit.send(messages));
  const statuses = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (
        await rows<{ status: string; n: number }>(
          database.db,
          sql`select status::text, count(*)::int as n from messages group by 1`,
        )
      ).map(({ status, n }) => [status, n]),
    );
  const settles = (expected: Record<string, number>) =>
    vi.waitFor(async () => expect(await statuses()).toEqual(expected), { timeout: 20_000, interval: 50 });

  it("hands everything over once and leaves no batch behind", async () => {
    run();
    await send(Array.from({ length: 1_200 }, (_, n) => sms(n)));
    await settles({ sent: 1_200 });
    expect(new Set(carrier.accepted.map(({ id }) => id)).size).toBe(1_200);
    expect(carrier.accepted).toHaveLength(1_200);
    await vi.waitFor(async () =>
      expect(await rows(database.db, sql`select 1 from outbox_batches`)).toEqual([]),
    );
  });

  it("counts the segments of a text whose length was not known before it was filled in", async () => {
    await send([sms(1, { text: `Nkosinathi, ${"ṱ".repeat(70)}` }), sms(2, { text: "short" })]);
    await database.db.execute(sql`update messages set segments = null`);
    run();
    await settles({ sent: 2 });
    const counted = await rows<{ segments: number }>(
      database.db,
      sql`select segments from messages order by segments`,
    );
    expect(counted).toEqual([{ segments: 1 }, { segments: 2 }]);
  });

  it.each(["pause", "cancel"] as const)(
    "%s takes effect with several workers and a carrier of 50 ms: what was claimed finishes, nothing else begins",
    async (what) => {
      const workers = 3;
      carrier.answer = async ({ id }) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { status: "sent", providerId: `SM${id}` };
      };
      const others = Array.from({ length: workers - 1 }, () => startDispatcher(app, app.channels));
      run();
      try {
        const ref = app.newId();
        await send(Array.from({ length: 3_000 }, (_, n) => sms(n, { ref })));
        await vi.waitFor(() => expect(carrier.accepted.length).toBeGreaterThan(300), { timeout: 20_000 });
        await commit(app, async ({ tx }) => {
          if (what === "pause") await pauseBatches(tx, ref);
          else await cancelBatches(tx, ref);
        });
        const before = carrier.accepted.length;
        const waits = what === "pause" ? "queued" : "cancelled";
        await vi.waitFor(
          async () => {
            const { sent = 0, [waits]: waiting = 0 } = await statuses();
            expect(sent + waiting).toBe(3_000);
            expect(sent).toBe(carrier.accepted.length);
          },
          { timeout: 20_000 },
        );
        expect(carrier.accepted.length - before).toBeLessThanOrEqual(workers * UP_TO.bulk);
        expect(carrier.accepted.length).toBeLessThan(3_000);
      } finally {
        await Promise.all(others.map((other) => other.stop()));
      }
    },
  );

  it("takes crisis before replies before bulk", async () => {
    await send(Array.from({ length: 300 }, (_, n) => sms(n)));
    await send([sms(1_000, { priority: PRIORITY.reply })]);
    await send([sms(2_000, { priority: PRIORITY.crisis })]);
    run();
    await settles({ sent: 302 });
    const order = carrier.accepted.map(({ text }) => text);
    expect(order.indexOf("message 2000")).toBeLessThan(130);
    expect(order.indexOf("message 1000")).toBeLessThan(260);
  });

  it("keeps the order of one address", async () => {
    let n = 0;
    carrier.answer = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, n++ % 2 ? 1 : 15));
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    for (let i = 0; i < 6; i++)
      await send([0, 1].map((k) => sms(1, { text: `part ${i * 2 + k}`, priority: PRIORITY.reply })));
    await settles({ sent: 12 });
    expect(carrier.accepted.map(({ text }) => text)).toEqual(
      Array.from({ length: 12 }, (_, i) => `part ${i}`),
    );
  });

  it("checks consent when it claims, but for what is exempt", async () => {
    await database.db.execute(
      sql`insert into contacts (id, opted_out_at) values ('018f0000-0000-7000-8000-000000000001', now())`,
    );
    const contactId = "018f0000-0000-7000-8000-000000000001";
    await send([sms(1, { contactId }), sms(2, { contactId, consentExempt: true, text: "You are out." })]);
    run();
    await settles({ cancelled: 1, sent: 1 });
    expect(carrier.accepted.map(({ text }) => text)).toEqual(["You are out."]);
  });

  it("does not send what has expired", async () => {
    await send([sms(1, { expiresAt: new Date(Date.now() - 1_000) }), sms(2)]);
    run();
    await settles({ expired: 1, sent: 1 });
  });

  it("tries again what failed for a while, and waits for a carrier that throttles", async () => {
    const tries = new Map<string, number>();
    carrier.answer = (message) => {
      const n = (tries.get(message.id) ?? 0) + 1;
      tries.set(message.id, n);
      if (n === 1 && message.text.endsWith("1"))
        return { status: "failed", failure: "unavailable", detail: "500" };
      if (n <= 2 && message.text.endsWith("2"))
        return { status: "failed", failure: "throttled", detail: "429", retryAfterMs: 200 };
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send([sms(1), sms(2), sms(3)]);
    await settles({ sent: 3 });
    const attempts = await rows<{ text: string; attempts: number }>(
      database.db,
      sql`select text, attempts from messages order by text`,
    );
    expect(attempts).toEqual([
      { text: "message 1", attempts: 2 },
      { text: "message 2", attempts: 1 },
      { text: "message 3", attempts: 1 },
    ]);
  });

  it("keeps the carrier's STOP and a dead number", async () => {
    await database.db.execute(sql`insert into contacts (id) values ('018f0000-0000-7000-8000-000000000002')`);
    await database.db.execute(
      sql`insert into addresses (address, contact_id, channel) values ('sms:+27600000001', '018f0000-0000-7000-8000-000000000002', 'sms')`,
    );
    const contactId = "018f0000-0000-7000-8000-000000000002";
    carrier.answer = (message) =>
      message.text === "stopped"
        ? {
            status: "failed",
            failure: "opted_out",
            code: "21610",
            detail: "The person told the carrier to stop.",
          }
        : { status: "failed", failure: "bad_address", code: "21614", detail: "Not a mobile number." };
    run();
    await send([sms(1, { contactId, text: "stopped" })]);
    await send([sms(1, { text: "dead" })]);
    await settles({ cancelled: 1, failed: 1 });
    const [contact] = await rows<{ out: boolean; source: string; bad: boolean }>(
      database.db,
      sql`select c.opted_out_at is not null as out, l.source, a.bad_since is not null as bad from contacts c
          join consent_ledger l on l.contact_id = c.id join addresses a on a.contact_id = c.id`,
    );
    expect(contact).toEqual({ out: true, source: "carrier 21610", bad: true });
  });

  it("pauses, goes on and cancels", async () => {
    const ref = app.newId();
    carrier.answer = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: "sent", providerId: `SM${message.id}` };
    };
    await send(Array.from({ length: 4_000 }, (_, n) => sms(n, { ref })));
    run();
    await vi.waitFor(() => expect(carrier.accepted.length).toBeGreaterThan(50));
    await commit(app, (unit) => pauseBatches(unit.tx, ref));
    await vi.waitFor(async () => expect((await statuses()).sending ?? 0).toBe(0));
    const paused = carrier.accepted.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(carrier.accepted.length).toBe(paused);
    expect(paused).toBeLessThan(4_000);
    await commit(app, async (unit) => {
      await resumeBatches(unit.tx, ref);
      unit.ring("outbox", "sms");
    });
    await vi.waitFor(() => expect(carrier.accepted.length).toBeGreaterThan(paused));
    const cancelled = await commit(app, (unit) => cancelBatches(unit.tx, ref));
    await vi.waitFor(async () => {
      const now = await statuses();
      expect([now.queued ?? 0, now.sending ?? 0]).toEqual([0, 0]);
    });
    expect(cancelled + carrier.accepted.length).toBe(4_000);
  });

  it.each(["before the answer", "at the same moment"])(
    "sends nothing of a paused broadcast again, though all of it was under way: paused %s",
    async (moment) => {
      const ref = app.newId();
      const author = app.newId();
      await database.db.execute(
        sql`insert into staff (id, name, handle) values (${author}, 'Naledi', 'naledi')`,
      );
      await database.db.execute(sql`
        insert into broadcasts (id, title, status, audience, texts, channels, priority, content_hash, created_by)
        values (${ref}, 'Water', 'sending', '{"everyone": true}', '{"en": "Water"}', '{sms}', ${PRIORITY.bulk}, 'x',
          ${author})`);
      let answer = (): void => {};
      const asked = new Promise<void>((resolve) => {
        answer = resolve;
      });
      let handOvers = 0;
      carrier.answer = async () => {
        handOvers += 1;
        await asked;
        return { status: "failed", failure: "throttled", detail: "429", retryAfterMs: 100 };
      };
      await send(Array.from({ length: 10 }, (_, n) => sms(n, { ref })));
      run();
      await vi.waitFor(() => expect(handOvers).toBe(10));
      if (moment === "at the same moment") answer();
      await commit(app, async ({ tx }) => {
        await tx.execute(sql`update broadcasts set status = 'paused' where id = ${ref}`);
        await pauseBatches(tx, ref);
      });
      answer();
      await vi.waitFor(async () => expect(await statuses()).toEqual({ queued: 10 }));
      const before = handOvers;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(handOvers).toBe(before);
      carrier.answer = (message) => ({ status: "sent", providerId: `SM${message.id}` });
      await commit(app, async (unit) => {
        await unit.tx.execute(sql`update broadcasts set status = 'sending' where id = ${ref}`);
        await resumeBatches(unit.tx, ref);
        unit.ring("outbox", "sms");
      });
      await settles({ sent: 10 });
    },
  );

  it("settles a lost answer by asking, and sends again only what was never taken", async () => {
    carrier.answer = (message) => {
      if (message.text === "message 1") carrier.accepted.push(message);
      const first = !carrier.accepted.some(({ id, text }) => id === message.id && text !== "message 1");
      return first && ["message 1", "message 2"].includes(message.text) && !asked.has(message.id)
        ? { status: "failed", failure: "unknown_outcome", detail: "timed out" }
        : { status: "sent", providerId: `SM${message.id}` };
    };
    const asked = new Set<string>();
    const { lookUp } = carrier;
    carrier.lookUp = async (message, since) => {
      asked.add(message.id);
      return (await lookUp?.(message, since)) ?? "absent";
    };
    run();
    await send([sms(1), sms(2), sms(3)]);
    await settles({ sent: 1, sending: 2 });
    await vi.waitFor(
      async () => {
        await settleDoubts(app, carrier, 50);
        expect(await statuses()).toEqual({ sent: 3 });
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(carrier.accepted.map(({ text }) => text).sort()).toEqual(["message 1", "message 2", "message 3"]);
  });

  it.each([
    ["holds", "hold", { failed: 1 }, 0],
    ["sends again", "resend", { sent: 1 }, 1],
  ] as const)(
    "%s what is in doubt when nobody can be asked",
    async (_words, onDoubt, expected, duplicates) => {
      delete carrier.lookUp;
      let first = true;
      carrier.answer = (message) => {
        if (!first) return { status: "sent", providerId: `SM${message.id}` };
        first = false;
        return { status: "failed", failure: "unknown_outcome", detail: "reset" };
      };
      run();
      await send([sms(1, { onDoubt })]);
      await settles({ sending: 1 });
      await vi.waitFor(
        async () => {
          await settleDoubts(app, carrier, 50);
          expect(await statuses()).toEqual(expected);
        },
        { timeout: 10_000, interval: 100 },
      );
      const [row] = await rows<{ n: number }>(
        database.db,
        sql`select possible_duplicates as n from messages`,
      );
      expect(row?.n).toBe(duplicates);
    },
  );

  it("lets a late callback settle a doubt, and never goes back", async () => {
    carrier.answer = () => ({ status: "failed", failure: "unknown_outcome", detail: "timed out" });
    run();
    await send([sms(1)]);
    await settles({ sending: 1 });
    const [message] = await rows<{ id: string }>(database.db, sql`select id from messages`);
    const receipt = (status: "sent" | "delivered") =>
      settleReceipt(database.db, "sms", { messageId: message?.id ?? "", providerId: "SM1", status });
    await receipt("delivered");
    await receipt("sent");
    await receipt("delivered");
    expect(await statuses()).toEqual({ delivered: 1 });
    await settleDoubts(app, carrier, 0);
    expect(await statuses()).toEqual({ delivered: 1 });
  });

  it("settles a receipt that came before the answer that names its message", async () => {
    carrier.answer = async (message) => {
      await settleReceipt(database.db, "sms", { providerId: `SM${message.id}`, status: "delivered" });
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send([sms(1)]);
    await settles({ delivered: 1 });
  });

  it("believes a late word of the carrier about what was given up in doubt", async () => {
    delete carrier.lookUp;
    carrier.answer = () => ({ status: "failed", failure: "unknown_outcome", detail: "reset" });
    run();
    await send([sms(1)]);
    await settles({ sending: 1 });
    await vi.waitFor(
      async () => {
        await settleDoubts(app, carrier, 50);
        expect(await statuses()).toEqual({ failed: 1 });
      },
      { timeout: 10_000, interval: 100 },
    );
    const [message] = await rows<{ id: string }>(database.db, sql`select id from messages`);
    await settleReceipt(database.db, "sms", {
      messageId: message?.id ?? "",
      providerId: "SM1",
      status: "sent",
    });
    expect(await statuses()).toEqual({ sent: 1 });
  });

  it("settles receipts without our id as soon as the carrier's id is known", async () => {
    carrier.answer = () => ({ status: "failed", failure: "unknown_outcome", detail: "timed out" });
    run();
    await send([sms(1)]);
    await settles({ sending: 1 });
    const [message] = await rows<{ id: string }>(database.db, sql`select id from messages`);
    await settleReceipt(database.db, "sms", { providerId: "SM1", status: "read" });
    await settleReceipt(database.db, "sms", { providerId: "SM1", status: "delivered" });
    expect(await statuses()).toEqual({ sending: 1 });
    await settleReceipt(database.db, "sms", {
      messageId: message?.id ?? "",
      providerId: "SM1",
      status: "sent",
    });
    expect(await statuses()).toEqual({ read: 1 });
  });

  it("settles an early receipt that whoever learnt its message left behind", async () => {
    await send([sms(1)]);
    await settleReceipt(database.db, "sms", { providerId: "SM1", status: "delivered" });
    await database.db.execute(sql`update messages set status = 'sent', provider_id = 'SM1'`);
    await settleDoubts(app, carrier);
    expect(await statuses()).toEqual({ delivered: 1 });
  });

  it("is not held up by a few hand-overs that the carrier does not answer", async () => {
    let release = (): void => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    carrier.answer = async (message) => {
      if (message.text.endsWith("7")) await stuck;
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send(Array.from({ length: 300 }, (_, n) => sms(n)));
    await settles({ sent: 270, sending: 30 });
    await send([sms(5_000, { priority: PRIORITY.crisis })]);
    await settles({ sent: 271, sending: 30 });
    release();
    await settles({ sent: 301 });
  });

  it("keeps room for a crisis and for replies when bulk waits for a slow carrier", async () => {
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    let atOnce = 0;
    carrier.answer = async (message) => {
      if (message.text.startsWith("message")) {
        atOnce += 1;
        await slow;
      }
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send(Array.from({ length: 500 }, (_, n) => sms(n)));
    await settles({ sending: 64, queued: 436 });
    expect(atOnce).toBe(64);
    await send([
      sms(1_000, { priority: PRIORITY.reply, text: "reply" }),
      sms(2_000, { priority: PRIORITY.crisis, text: "crisis" }),
    ]);
    await settles({ sent: 2, sending: 64, queued: 436 });
    release();
    await settles({ sent: 502 });
  });

  it("cancels what was under way and would have to be tried again", async () => {
    const ref = app.newId();
    let answer = (_receipt: Receipt): void => {};
    carrier.answer = () => new Promise<Receipt>((resolve) => (answer = resolve));
    run();
    await send([sms(1, { ref })]);
    await settles({ sending: 1 });
    expect(await commit(app, (unit) => cancelBatches(unit.tx, ref))).toBe(0);
    answer({ status: "failed", failure: "unavailable", detail: "503" });
    await settles({ cancelled: 1 });
    expect(carrier.accepted).toEqual([]);
  });

  it("lets no reply overtake an earlier one that is tried again", async () => {
    let failed = false;
    carrier.answer = (message) => {
      if (message.text === "first" && !failed) {
        failed = true;
        return { status: "failed", failure: "unavailable", detail: "503" };
      }
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send([sms(1, { text: "first", priority: PRIORITY.reply })]);
    await vi.waitFor(() => expect(failed).toBe(true));
    await send([
      sms(1, { text: "second", priority: PRIORITY.reply }),
      sms(2, { text: "other", priority: PRIORITY.reply }),
    ]);
    await settles({ sent: 3 });
    expect(carrier.accepted.map(({ text }) => text)).toEqual(["other", "first", "second"]);
  });

  it("rests a broadcast that the carrier refuses because of our account, and tells staff once", async () => {
    const ref = app.newId();
    carrier.answer = () => ({
      status: "failed",
      failure: "misconfigured",
      code: "20003",
      detail: "Bad token.",
    });
    await send(Array.from({ length: 1_200 }, (_, n) => sms(n, { ref })));
    run();
    await vi.waitFor(
      async () => {
        const [batches] = await rows<{ due: number }>(
          database.db,
          sql`select count(*) filter (where due_at < now() + interval '9 minutes')::int as due from outbox_batches where channel = 'sms'`,
        );
        expect(batches?.due).toBe(0);
        expect((await statuses()).failed).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 50 },
    );
    expect((await statuses()).failed).toBeLessThanOrEqual(400);
    const notices = await rows<{ text: string }>(
      database.db,
      sql`select text from messages where kind = 'notice' and address = 'slack:#operations'`,
    );
    expect(notices.map(({ text }) => text)).toEqual([
      ":warning: sms through fake refuses our messages (20003): Bad token. What waits of the broadcast is tried again in ten minutes.",
    ]);
  });

  it("answers a thousand people at once without falling behind", async () => {
    run();
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => send([sms(n, { priority: PRIORITY.reply })])));
    await settles({ sent: 1_000 });
    expect(await rows(database.db, sql`select 1 from outbox_batches`)).toEqual([]);
  });

  it("shares the work with another process, and sends nothing twice", async () => {
    carrier.answer = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { status: "sent", providerId: `SM${message.id}` };
    };
    await send(Array.from({ length: 600 }, (_, n) => sms(n)));
    run();
    const other = startDispatcher(app, app.channels);
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        send([0, 1].map((k) => sms(n % 5, { text: `${n} ${k}`, priority: PRIORITY.reply }))),
      ),
    );
    await settles({ sent: 720 });
    await other.stop();
    expect(carrier.accepted).toHaveLength(720);
    expect(new Set(carrier.accepted.map(({ id }) => id)).size).toBe(720);
  });

  it("goes on when Postgres ends its connections", async ({ skip }) => {
    if (!database.url) return skip("the embedded engine has none");
    carrier.answer = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: "sent", providerId: `SM${message.id}` };
    };
    run();
    await send(Array.from({ length: 600 }, (_, n) => sms(n)));
    for (const accepted of [50, 250]) {
      await vi.waitFor(() => expect(carrier.accepted.length).toBeGreaterThan(accepted));
      await database.db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`);
    }
    await vi.waitFor(
      async () => {
        await settleDoubts(app, carrier, 100, 2_000);
        expect(await statuses()).toEqual({ sent: 600 });
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(new Set(carrier.accepted.map(({ id }) => id)).size).toBe(600);
    expect(carrier.accepted).toHaveLength(600);
  });

  it("finishes what is in flight when it stops", async () => {
    carrier.answer = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { status: "sent", providerId: `SM${message.id}` };
    };
    await send(Array.from({ length: 400 }, (_, n) => sms(n)));
    run();
    await vi.waitFor(async () => expect((await statuses()).sending).toBeGreaterThan(0));
    await dispatcher?.stop();
    expect((await statuses()).sending ?? 0).toBe(0);
    run();
    await settles({ sent: 400 });
    expect(carrier.accepted).toHaveLength(400);
  });

  it("edits a Slack message once it is posted, and skips what a newer edit replaces", async () => {
    const slack = fakeCarrier("slack");
    const slackApp = testApp(database, [slack]);
    const original = slackApp.newId();
    const post = (text: string, extra: Partial<NewMessage> = {}): NewMessage => ({
      to: "slack:#operations",
      text,
      priority: PRIORITY.reply,
      kind: "test",
      ...extra,
    });
    await commit(slackApp, async (unit) => {
      await unit.send([post("posted", { id: original })]);
      await unit.send([post("edit 1", { replaces: original })]);
      await unit.send([post("edit 2", { replaces: original }), post("in its thread", { thread: original })]);
    });
    const running = startDispatcher(slackApp, slackApp.channels);
    await settles({ sent: 3, cancelled: 1 });
    await running.stop();
    expect(slack.accepted.map(({ text, replaces, thread }) => ({ text, replaces, thread }))).toEqual([
      { text: "posted", replaces: undefined, thread: undefined },
      { text: "edit 2", replaces: `SM${original}`, thread: undefined },
      { text: "in its thread", replaces: undefined, thread: `SM${original}` },
    ]);
  });
});
