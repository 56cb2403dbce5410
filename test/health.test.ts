import { once } from "node:events";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { v7 } from "uuid";
import { describe, expect, it } from "vitest";
import { beat, migrate, openPostgres } from "#storage";
import { onPostgres, TEST_DATABASE_URL, TEST_REDIS_URL } from "./crash/stage.ts";
import { type Ended, freePort, saypro } from "./support/program.ts";

const refuses = ({ code, stderr }: Ended, words: RegExp): void => {
  expect(stderr).toMatch(words);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(code).toBe(1);
};

describe("saypro health beside a database", { timeout: 60_000 }, () => {
  it.skipIf(!TEST_DATABASE_URL)("wants a worker of this host that lives, and its queue", async () => {
    await onPostgres(async (url) => {
      const database = openPostgres(url);
      await migrate(database);
      refuses(await saypro(["health"], { DATABASE_URL: url }), /^No worker of .* was heard of lately/);
      await beat(database.db, { id: v7(), host: hostname() });
      await database.close();
      expect(await saypro(["health"], { DATABASE_URL: url })).toMatchObject({ code: 0, stderr: "" });
      const gone = `redis://127.0.0.1:${await freePort()}`;
      refuses(await saypro(["health"], { DATABASE_URL: url, REDIS_URL: gone }), /^REDIS_URL: .*ECONNREFUSED/);
      if (TEST_REDIS_URL)
        expect(await saypro(["health"], { DATABASE_URL: url, REDIS_URL: TEST_REDIS_URL })).toMatchObject({
          code: 0,
        });
    });
  });

  it("does not wait for a database that accepts and says nothing", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    refuses(
      await saypro(["health"], { DATABASE_URL: `postgres://x@127.0.0.1:${port}/x` }),
      /^DATABASE_URL: the database was silent for 5 seconds/,
    );
    silent.close();
  });

  it("names a database that cannot be reached", async () => {
    const url = `postgres://x:secret@127.0.0.1:${await freePort()}/x`;
    const ended = await saypro(["health"], { DATABASE_URL: url });
    refuses(ended, /^DATABASE_URL: the database cannot be used: .*ECONNREFUSED/);
    expect(ended.stderr).not.toContain("secret");
  });
});
