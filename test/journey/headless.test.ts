import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../../sandbox/client.ts";
import { type RunningProgram, saypro, startSaypro } from "../support/program.ts";
import type { Hand } from "./hand.ts";
import { headlessHand } from "./headless.ts";
import { broadcast, consultation, crisis, STOPPED } from "./scenario.ts";

function inDatabase(name: string): string {
  return TEST_DATABASE_URL ? Object.assign(new URL(TEST_DATABASE_URL), { pathname: `/${name}` }).href : "";
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

async function administer(statement: string): Promise<void> {
  const admin = postgres(TEST_DATABASE_URL ?? "", { max: 1, onnotice: () => {} });
  await admin.unsafe(statement);
  await admin.end();
}

/** The templates with a first tier that has four seconds instead of five minutes. */
async function hastyTemplates(folder: string): Promise<string> {
  const copy = join(folder, "templates");
  await cp("templates", copy, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  const file = join(copy, "protocols", "water-quality-emergency.yaml");
  const protocol = await readFile(file, "utf8");
  await writeFile(file, protocol.replace("acknowledge_within: 5m", "acknowledge_within: 4s"));
  return copy;
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
  let data: string;
  let program: RunningProgram;
  let client: SandboxClient;
  let hand: Hand;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "saypro-journey-"));
    if (env.DATABASE_URL) await administer(`create database ${databaseOf(env.DATABASE_URL)}`);
    program = await startSaypro({ ...env, DATA_DIR: data, TEMPLATES_DIR: await hastyTemplates(data) });
    client = openClient(program.url);
    await client.turn({ stepMs: 10 });
    hand = headlessHand(client, new Map((await client.phones()).map((phone) => [phone.name, phone.number])));
  });
  afterAll(async () => {
    await program?.kill();
    await rm(data, { recursive: true, force: true });
    if (env.DATABASE_URL) await administer(`drop database ${databaseOf(env.DATABASE_URL)} with (force)`);
  });

  it("opens a consultation and hears four citizens", async () => {
    await consultation(hand);
  });

  it("sends a broadcast that a second person approved, but not to whoever said STOP", async () => {
    await broadcast(hand, "A");
    const stopped = (await client.phones()).find((phone) => phone.name === STOPPED);
    const texts = await client
      .phone(stopped?.number ?? "")
      .messages({ direction: "out", contains: "water tariffs" });
    expect(texts).toEqual([]);
  });

  it("runs a crisis from the declaration to the all-clear", async () => {
    await crisis(hand);
  });

  it("leaves an audit chain that holds", async () => {
    expect(await program.stop()).toBe(0);
    expect(await saypro(["audit", "verify", "--json"], { ...env, DATA_DIR: data })).toMatchObject({
      code: 0,
    });
  });
});
