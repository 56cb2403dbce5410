import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saypro } from "../support/program.ts";
import type { Hand } from "./hand.ts";
import { headlessHand } from "./headless.ts";
import { wholeLoop } from "./loop.ts";
import { openStage, type Stage } from "./stage.ts";

function inDatabase(name: string): string {
  return TEST_DATABASE_URL ? Object.assign(new URL(TEST_DATABASE_URL), { pathname: `/${name}` }).href : "";
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

async function administer(statement: string): Promise<void> {
  const admin = postgres(TEST_DATABASE_URL ?? "", { max: 1, onnotice: () => {} });
  await admin.unsafe(statement);
  await admin.end();
}

const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;

const engines = [
  { name: "embedded", skip: false, env: {} },
  {
    name: "on Postgres and Redis",
    skip: !TEST_DATABASE_URL || !TEST_REDIS_URL,
    env: { DATABASE_URL: inDatabase(`saypro_journey_${process.pid}`), REDIS_URL: TEST_REDIS_URL ?? "" },
  },
];

describe.each(engines)("the whole loop over HTTP, $name", { timeout: 240_000 }, ({ skip, env }) => {
  if (skip) return void it.skip("needs TEST_DATABASE_URL and TEST_REDIS_URL");
  let stage: Stage;
  let hand: Hand;
  beforeAll(async () => {
    if (env.DATABASE_URL) await administer(`create database ${databaseOf(env.DATABASE_URL)}`);
    stage = await openStage(env);
    const phones = await stage.client.phones();
    hand = headlessHand(stage.client, new Map(phones.map((phone) => [phone.name, phone.number])));
  });
  afterAll(async () => {
    await stage?.close();
    if (env.DATABASE_URL) await administer(`drop database ${databaseOf(env.DATABASE_URL)} with (force)`);
  });

  wholeLoop(() => ({ stage, hand }));

  it("leaves an audit chain that holds", async () => {
    expect(await stage.program.stop()).toBe(0);
    expect(await saypro(["audit", "verify", "--json"], { ...env, DATA_DIR: stage.data })).toMatchObject({
      code: 0,
    });
  });
});
