import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saypro } from "../support/program.ts";
import { browserHand } from "./browser.ts";
import type { Hand } from "./hand.ts";
import { wholeLoop } from "./loop.ts";
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

  it("says where to begin to whoever opens it first", async () => {
    await page.getByText("To begin with, type one of these below").waitFor();
    await page
      .getByText(/Text JOIN or HELP to \+27/)
      .first()
      .waitFor();
  });

  wholeLoop(() => ({ stage, hand }));

  it("leaves a page without errors and an audit chain that holds", async () => {
    expect(problems).toEqual([]);
    expect(await stage.program.stop()).toBe(0);
    expect(await saypro(["audit", "verify", "--json"], { DATA_DIR: stage.data })).toMatchObject({ code: 0 });
  });
});
