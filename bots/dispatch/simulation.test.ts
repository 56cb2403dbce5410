import type { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import type { Channel, Receipt } from "#channels";
import {
  type Db,
  type NewMessage,
  PRIORITY,
  type Priority,
  recordConsent,
  rows,
  settleReceipt,
} from "#storage";
import { testApp } from "../../test/support/app.ts";
import { openTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { type Dispatcher, startDispatcher } from "./dispatcher.ts";
import { settleDoubts } from "./doubts.ts";

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 2);
const FIRST_SEED = Number(process.env.SIMULATION_SEED ?? 1);
const CONTACTS = 25;
const MESSAGES = 400;
const CRASHES = 4;
const GRACE_MS = 80;
/** Longer than a hand-over may wait for its beginning (1 s), and its answer, on a busy machine. */
const LEASE_MS = 3_000;

function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const forEver = () => new Promise<never>(() => {});

/** A carrier that loses answers, refuses, throttles, and brings receipts late, twice and in any order. */
function unreliableCarrier(random: () => number, receive: (receipt: Receipt) => Promise<void>) {
  const accepted: { id: string; at: number }[] = [];
  const begun: { id: string; at: number }[] = [];
  const bring = async (id: string): Promise<void> => {
    const all = (["sending", "sent", "delivered", "read"] as const).slice(0, 1 + Math.floor(random() * 4));
    const shuffled = [...all, ...all.filter(() => random() < 0.3)].sort(() => random() - 0.5);
    for (const status of shuffled) {
      await pause(random() * 60);
      if (random() < 0.2) continue;
      await receive({ ...(random() < 0.5 ? { messageId: id } : {}), providerId: `SM${id}`, status });
    }
  };
  /** As one process sees it: once that has ended, nothing more begins, and what it waits for never comes. */
  const seenBy = (mine: { readonly alive: boolean }): Channel => ({
    name: "sms",
    carrier: "unreliable",
    limits: { textLength: 1600, choices: 0, perSecond: 2_000 },
    webhooks: [],
    send: async ({ id }) => {
      if (!mine.alive) return forEver();
      begun.push({ id, at: Date.now() });
      await pause(random() * 30);
      if (!mine.alive && random() < 0.5) return forEver();
      const kind = random();
      if (kind < 0.03) return { status: "failed", failure: "unavailable", detail: "500" };
      if (kind < 0.05) return { status: "failed", failure: "throttled", detail: "429", retryAfterMs: 40 };
      if (kind < 0.08) return { status: "failed", failure: "unknown_outcome", detail: "timed out" };
      accepted.push({ id, at: Date.now() });
      void bring(id);
      if (kind < 0.13) return { status: "failed", failure: "unknown_outcome", detail: "reset" };
      await pause(random() * 30);
      return mine.alive ? { status: "sent", providerId: `SM${id}` } : forEver();
    },
    lookUp: async ({ id }) => {
      await pause(random() * 10);
      if (random() < 0.2) return { status: "failed", failure: "unknown_outcome", detail: "cannot be asked" };
      return accepted.some((one) => one.id === id) ? { status: "sent", providerId: `SM${id}` } : "absent";
    },
  });
  return { seenBy, accepted, begun };
}

/** The database as a process sees it that ends without a word: from then on nothing it asks is answered. */
function seenBy(mine: { readonly alive: boolean }, database: TestDatabase): TestDatabase {
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (of, key) => {
        const value: unknown = Reflect.get(of, key, of);
        if (typeof value !== "function") return value;
        return (...values: unknown[]) => (mine.alive ? value.apply(of, values) : forEver());
      },
    });
  return {
    ...database,
    db: guard(database.db),
    ...(database.pglite ? { pglite: guard<PGlite>(database.pglite) } : {}),
  };
}

async function simulate(seed: number): Promise<void> {
  const random = chance(seed);
  const database = await openTestDatabase();
  const late: Promise<void>[] = [];
  const carrier = unreliableCarrier(random, async (receipt) => {
    const settled = database.db.transaction((tx) => settleReceipt(tx as unknown as Db, "sms", receipt));
    late.push(settled);
    await settled;
  });
  const channel = carrier.seenBy({ alive: true });
  const app = testApp(database, [channel]);
  const contacts = Array.from({ length: CONTACTS }, (_, n) => ({
    id: app.newId(),
    address: `sms:+2760${String(1_000_000 + n)}`,
  }));
  await database.db.execute(sql`insert into contacts (id) select value::uuid
    from jsonb_array_elements_text(${JSON.stringify(contacts.map(({ id }) => id))}::jsonb)`);
  const stoppedAt = new Map<string, number>();
  const of = new Map<string, { contactId: string; address: string; priority: Priority }>();

  let life = { alive: true };
  const begin = (): Dispatcher => {
    life = { alive: true };
    const own: App = { ...app, database: seenBy(life, database) };
    return startDispatcher(own, new Map([["sms", carrier.seenBy(life)]]));
  };
  let dispatcher = begin();

  const some = async (count: number): Promise<void> => {
    const messages = Array.from({ length: count }, (): NewMessage & { id: string } => {
      const contact = contacts[Math.floor(random() * CONTACTS)] ?? { id: "", address: "" };
      const priority = random() < 0.6 ? PRIORITY.reply : random() < 0.8 ? PRIORITY.bulk : PRIORITY.crisis;
      const id = app.newId();
      of.set(id, { contactId: contact.id, address: contact.address, priority });
      return { id, to: contact.address, contactId: contact.id, text: id, priority, kind: "test" };
    });
    await commit(app, (unit) => unit.send(messages));
  };

  for (let sent = 0, crashes = 0; sent < MESSAGES; ) {
    const count = 1 + Math.floor(random() * 20);
    await some(count);
    sent += count;
    await pause(random() * 40);
    if (random() < 0.15) {
      const contact = contacts[Math.floor(random() * CONTACTS)];
      if (contact && !stoppedAt.has(contact.id)) {
        const { id: contactId, address } = contact;
        await commit(app, async ({ tx }) =>
          recordConsent(tx, { id: app.newId(), contactId, address, kind: "opt_out", source: "keyword STOP" }),
        );
        stoppedAt.set(contact.id, Date.now());
      }
    }
    if (crashes < CRASHES && random() < 0.15) {
      crashes += 1;
      life.alive = false;
      dispatcher = begin();
    }
    if (random() < 0.3) await settleDoubts(app, channel, GRACE_MS, LEASE_MS);
  }
  await vi.waitFor(
    async () => {
      await settleDoubts(app, channel, GRACE_MS, LEASE_MS);
      const open = await rows(
        database.db,
        sql`select id, status, failure from messages where status in ('queued', 'sending')`,
      );
      expect(open).toEqual([]);
    },
    { timeout: 45_000, interval: 60 },
  );
  await dispatcher.stop();
  await pause(250);
  await Promise.all(late);

  const stored = await rows<{
    id: string;
    status: string;
    failure: string | null;
    duplicates: number;
    known: number | null;
  }>(
    database.db,
    sql`select m.id, m.status::text, m.failure, m.possible_duplicates as duplicates,
      (select max(case r.status when 'sent' then 2 when 'delivered' then 4 when 'read' then 5 else 0 end)
        from receipts r where r.provider_id = 'SM' || m.id) as known
    from messages m`,
  );
  expect(stored).toHaveLength(of.size);
  const times = new Map<string, number>();
  for (const { id } of carrier.accepted) times.set(id, (times.get(id) ?? 0) + 1);
  const rank: Record<string, number> = { sent: 2, delivered: 4, read: 5 };
  for (const { id, status, failure, duplicates, known } of stored) {
    const words = `${id} ${status} ${failure}`;
    const stopped = stoppedAt.get(of.get(id)?.contactId ?? "");
    // None lost: only who opted out has not got it. None twice: this carrier can be asked.
    if (status === "cancelled")
      expect([words, stopped !== undefined, times.get(id)]).toEqual([words, true, undefined]);
    else expect([words, times.get(id), rank[status] !== undefined]).toEqual([words, 1, true]);
    expect(duplicates).toBe(0);
    // Never back: as far as the furthest receipt says.
    if (known !== null) expect([words, rank[status] ?? 0]).toEqual([words, Math.max(known, 2)]);
  }
  for (const { id, at } of carrier.begun) {
    const stopped = stoppedAt.get(of.get(id)?.contactId ?? "");
    if (stopped !== undefined) expect(at - stopped, `${id} begun after STOP`).toBeLessThan(2_000);
  }
  // The order of one address, within replies.
  for (const { address } of contacts) {
    const ids = carrier.accepted
      .map(({ id }) => id)
      .filter((id) => of.get(id)?.address === address && of.get(id)?.priority === PRIORITY.reply);
    expect(ids).toEqual([...ids].sort());
  }
  expect(await rows(database.db, sql`select 1 from outbox_batches`)).toEqual([]);
  await database.close();
}

describe("a dispatcher that crashes, over a carrier that loses answers", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++)
    it(`loses none, sends none twice, and none after STOP (seed ${seed})`, () => simulate(seed));
});
