import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../../sandbox/client.ts";
import { type RunningProgram, saypro, startSaypro } from "../support/program.ts";
import type { Hand } from "./hand.ts";
import { headlessHand } from "./headless.ts";
import { broadcast, consultation, STOPPED } from "./scenario.ts";

describe("the whole loop over HTTP, embedded", { timeout: 240_000 }, () => {
  let data: string;
  let program: RunningProgram;
  let client: SandboxClient;
  let hand: Hand;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "saypro-journey-"));
    program = await startSaypro({ DATA_DIR: data });
    client = openClient(program.url);
    await client.turn({ stepMs: 10 });
    hand = headlessHand(client, new Map((await client.phones()).map((phone) => [phone.name, phone.number])));
  });
  afterAll(async () => {
    await program?.kill();
    await rm(data, { recursive: true, force: true });
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

  it("leaves an audit chain that holds", async () => {
    expect(await program.stop()).toBe(0);
    expect(await saypro(["audit", "verify", "--json"], { DATA_DIR: data })).toMatchObject({ code: 0 });
  });
});
