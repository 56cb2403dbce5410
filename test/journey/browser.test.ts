import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saypro } from "../support/program.ts";
import { browserHand } from "./browser.ts";
import type { Hand } from "./hand.ts";
import { broadcast, consultation, crisis, desk, interruptedBroadcast, STOPPED } from "./scenario.ts";
import { openStage, type Stage } from "./stage.ts";

const { CHROMIUM_PATH = "/usr/bin/chromium", JOURNEY_PICTURES } = process.env;
const PATIENCE_MS = 60_000;

describe.skipIf(!existsSync(CHROMIUM_PATH))("the whole loop in a browser", { timeout: 240_000 }, () => {
  let stage: Stage;
  let browser: Browser;
  let page: Page;
  let hand: Hand;
  const problems: string[] = [];
  beforeAll(async () => {
    stage = await openStage();
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
    page = await browser.newPage({
      viewport: { width: 1400, height: 900 },
      timezoneId: "Africa/Johannesburg",
    });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (said) => said.type() === "error" && problems.push(said.text()));
    await page.goto(`${stage.program.url}/sandbox/`);
    // Kept with JOURNEY_PICTURES=docs/images: the pictures of the README.
    const pictures = JOURNEY_PICTURES ?? (await mkdtemp(join(tmpdir(), "saypro-pictures-")));
    hand = browserHand(page, pictures);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it("opens a consultation and hears four citizens", async () => {
    await consultation(hand);
  });

  it("sends a broadcast that a second person approved, but not to whoever said STOP", async () => {
    await broadcast(hand, "A");
    const phone = page.getByRole("region", { name: `Phone of ${STOPPED}` });
    expect(await phone.getByText("START").count()).toBeGreaterThan(0);
    expect(await phone.getByText(/water tariffs|amanani amasha/).count()).toBe(0);
  });

  it("runs a crisis from the declaration to the all-clear", async () => {
    await crisis(hand);
  });

  it("answers a resident and a journalist in threads, and shows at home what runs", async () => {
    await desk(hand);
  });

  it("pauses, resumes and cancels a broadcast that goes out", async () => {
    await stage.client.turn({ latencyMs: 1_000 });
    await interruptedBroadcast(hand, "A");
    const { total } = await stage.client.summary({ contains: "refuse is collected" });
    expect(total).toBeLessThan(2_000);
  });

  it("leaves a page without errors and an audit chain that holds", async () => {
    expect(problems).toEqual([]);
    expect(await stage.program.stop()).toBe(0);
    expect(await saypro(["audit", "verify", "--json"], { DATA_DIR: stage.data })).toMatchObject({ code: 0 });
  });
});
