import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rows } from "#storage";
import { testApp } from "../test/support/app.ts";
import { type TestDatabase, testDatabases } from "../test/support/database.ts";
import type { App } from "./app.ts";
import { startTimers, type TimerHandler } from "./timers.ts";
import { commit } from "./unit.ts";

const REF = "018f0000-0000-7000-8000-000000000001";

describe.each(testDatabases())("timers on %s", (_engine, open) => {
  let database: TestDatabase;
  let app: App;
  let running: { stop(): Promise<void> } | undefined;
  beforeEach(async () => {
    database = await open();
    app = testApp(database, []);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await database.close();
  });
  const wake = (kind: string, epoch: number, inMs: number) =>
    commit(app, (unit) =>
      unit.wake({ kind, ref: REF, epoch, dueAt: new Date(Date.now() + inMs), data: { epoch } }),
    );
  const start = (handlers: Record<string, TimerHandler>) => {
    running = startTimers(app, handlers);
  };

  it("fire once, in order, and not early by the database's clock", async () => {
    const fired: { epoch: number; early: boolean }[] = [];
    start({
      test: async (unit, timer) => {
        const [row] = await rows<{ early: boolean }>(
          unit.tx,
          sql`select due_at > clock_timestamp() as early from timers where id = ${timer.id}`,
        );
        fired.push({ epoch: timer.epoch, early: row?.early ?? true });
      },
    });
    await wake("test", 2, 500);
    await wake("test", 1, 200);
    await wake("test", 1, 0);
    await vi.waitFor(() => expect(fired).toHaveLength(2), { timeout: 15_000 });
    expect(fired).toEqual([
      { epoch: 1, early: false },
      { epoch: 2, early: false },
    ]);
  });

  it("fire after a stop of the program, also without a ring", async () => {
    await wake("test", 1, 0);
    const fired: number[] = [];
    start({ test: async (_unit, timer) => void fired.push(timer.epoch) });
    await vi.waitFor(() => expect(fired).toEqual([1]), { timeout: 15_000 });
  });

  it("take back what a failing handler wrote, try it again, and delay no other", async () => {
    let tries = 0;
    const fired: string[] = [];
    start({
      broken: async (unit) => {
        await unit.send([{ to: "sms:+27600000001", text: "half done", priority: 1, kind: "test" }]);
        if (++tries === 1) throw new Error("broken");
      },
      whole: async () => void fired.push("whole"),
    });
    await wake("broken", 1, 0);
    await wake("whole", 1, 0);
    await vi.waitFor(() => expect(fired).toEqual(["whole"]), { timeout: 15_000 });
    await vi.waitFor(() => expect(tries).toBe(2), { timeout: 15_000 });
    await vi.waitFor(async () =>
      expect(await rows(database.db, sql`select 1 from timers where done_at is null`)).toEqual([]),
    );
    expect(await rows(database.db, sql`select text from messages`)).toEqual([{ text: "half done" }]);
    expect(await rows(database.db, sql`select error, attempts from timers where kind = 'broken'`)).toEqual([
      { error: "broken", attempts: 1 },
    ]);
  });

  it("fire once with several workers at it", async () => {
    const fired: number[] = [];
    const handlers = {
      test: async (_unit: unknown, timer: { epoch: number }) => void fired.push(timer.epoch),
    };
    for (let epoch = 0; epoch < 40; epoch++) await wake("test", epoch, 0);
    const workers = [startTimers(app, handlers), startTimers(app, handlers)];
    await vi.waitFor(() => expect(fired.length).toBeGreaterThanOrEqual(40), { timeout: 20_000 });
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(fired.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });
});
