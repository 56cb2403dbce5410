import { PGlite } from "@electric-sql/pglite";
import { Redis } from "ioredis";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Bell, type BellOptions, openBell } from "./queue.ts";

/** One contract, three backends. */
interface Backend {
  readonly name: string;
  readonly skip: string | false;
  open(): Promise<{ options: BellOptions; forgetEverything(): Promise<void>; close(): Promise<void> }>;
}

const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;

const backends: readonly Backend[] = [
  {
    name: "PGlite",
    skip: false,
    open: async () => {
      const pglite = await PGlite.create();
      return {
        options: { pglite },
        forgetEverything: async () => void (await pglite.exec("delete from bullmq.job")),
        close: () => pglite.close(),
      };
    },
  },
  {
    name: "Postgres",
    skip: TEST_DATABASE_URL ? false : "TEST_DATABASE_URL is not set",
    open: async () => {
      const admin = new pg.Client(TEST_DATABASE_URL);
      await admin.connect();
      const database = `bell_${process.pid}`;
      await admin.query(`create database ${database}`);
      const url = new URL(TEST_DATABASE_URL ?? "");
      url.pathname = `/${database}`;
      return {
        options: { databaseUrl: url.href },
        forgetEverything: async () => {
          const client = new pg.Client(url.href);
          await client.connect();
          await client.query("delete from bullmq.job");
          await client.end();
        },
        close: async () => {
          await admin.query(`drop database ${database} with (force)`);
          await admin.end();
        },
      };
    },
  },
  {
    name: "Redis",
    skip: TEST_REDIS_URL ? false : "TEST_REDIS_URL is not set",
    open: async () => {
      const redis = new Redis(TEST_REDIS_URL ?? "");
      return {
        options: { redisUrl: TEST_REDIS_URL ?? "", name: `bell-${process.pid}` },
        forgetEverything: async () => {
          for (const key of await redis.keys(`bull:bell-${process.pid}:*`)) await redis.del(key);
        },
        close: async () => redis.disconnect(),
      };
    },
  },
];

for (const backend of backends) {
  describe.skipIf(backend.skip)(`the bell on ${backend.name}`, () => {
    let opened: Awaited<ReturnType<Backend["open"]>>;
    let bell: Bell;
    const heard: string[] = [];
    beforeAll(async () => {
      opened = await backend.open();
      bell = await openBell(opened.options);
      bell.answer("outbox", async (id) => void heard.push(`outbox ${id}`));
      bell.answer("timer", async (id) => void heard.push(`timer ${id}`));
    });
    afterAll(async () => {
      await bell.close();
      await opened.close();
    });
    const hears = (words: string) =>
      vi.waitFor(() => expect(heard).toContain(words), { timeout: 20_000, interval: 20 });

    it("is answered by kind and id", async () => {
      await bell.ring("outbox", "sms");
      await bell.ring("timer", "t1");
      await hears("outbox sms");
      await hears("timer t1");
    });

    it("is not answered before its time", async () => {
      const from = Date.now();
      await bell.ring("timer", "later", 700);
      await hears("timer later");
      expect(Date.now() - from).toBeGreaterThanOrEqual(690);
    });

    it("makes few rings of many, and never none after the last", async () => {
      const before = heard.length;
      await Promise.all(Array.from({ length: 500 }, () => bell.ring("outbox", "storm")));
      await bell.ring("outbox", "after the storm");
      await hears("outbox after the storm");
      const rings = heard.slice(before).filter((words) => words === "outbox storm").length;
      expect(rings).toBeGreaterThanOrEqual(1);
      expect(rings).toBeLessThanOrEqual(3);
    });

    it("goes on after a handler that throws", async () => {
      bell.answer("outbox", async (id) => {
        heard.push(`outbox ${id}`);
        if (id === "broken") throw new Error("broken");
      });
      await bell.ring("outbox", "broken");
      await bell.ring("outbox", "whole");
      await hears("outbox whole");
    });

    it("loses only rings when the queue forgets everything", async () => {
      await bell.ring("timer", "lost", 60_000);
      await opened.forgetEverything();
      await bell.ring("timer", "still there");
      await hears("timer still there");
      expect(heard).not.toContain("timer lost");
    });

    it("answers a ping", async () => {
      await expect(bell.ping()).resolves.toBeUndefined();
    });

    it("reaches whoever listens next, when nobody listened", async () => {
      const name = `${opened.options.name ?? "bell"}-quiet`;
      const ringer = await openBell({ ...opened.options, name });
      await ringer.ring("outbox", "early");
      const listener = await openBell({ ...opened.options, name });
      const got: string[] = [];
      listener.answer("outbox", async (id) => void got.push(id));
      await vi.waitFor(() => expect(got).toEqual(["early"]), { timeout: 20_000 });
      await listener.close();
      await ringer.close();
    });
  });
}

it("says which address cannot be reached", async () => {
  await expect(openBell({ redisUrl: "redis://127.0.0.1:1" })).rejects.toThrow(/ECONNREFUSED 127.0.0.1:1/);
});
