import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserHand } from "./browser.ts";
import type { Hand } from "./hand.ts";
import { openStage, type Stage } from "./stage.ts";

const { CHROMIUM_PATH = "/usr/bin/chromium", JOURNEY_PICTURES } = process.env;
const PATIENCE_MS = 60_000;
const BONGANI = "Bongani Zulu";

describe.skipIf(!existsSync(CHROMIUM_PATH))(
  "a survey that is put aside for two days",
  {
    timeout: 240_000,
  },
  () => {
    let stage: Stage;
    let browser: Browser;
    let page: Page;
    let hand: Hand;
    let pictures: string;
    beforeAll(async () => {
      stage = await openStage();
      browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
      page = await browser.newPage({
        viewport: { width: 1400, height: 900 },
        timezoneId: "Africa/Johannesburg",
      });
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${stage.program.url}/sandbox/`);
      pictures = JOURNEY_PICTURES ?? (await mkdtemp(join(tmpdir(), "saypro-pictures-")));
      hand = browserHand(page, pictures);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
    });

    it("is answered in isiZulu with slips of the thumb, reminded of, and finished where it stood", async () => {
      await hand.command("naledi", "/saypro consultation open");
      await hand.submit("naledi", "Open a consultation", {
        "Which one": "Draft Integrated Development Plan: your comment (IDP, UHLELO, GOP)",
      });
      await hand.sees("naledi", "#operations", "Draft Integrated Development Plan");
      await hand.say(BONGANI, "sms", "uhlelo!");
      await hand.reads(BONGANI, "sms", "1/5 Uhlala kuyiphi iwadi?");
      await hand.say(BONGANI, "sms", "iwadi 11");
      await hand.reads(BONGANI, "sms", "2/5");
      await hand.say(BONGANI, "sms", "imigwaqoo");
      // What was understood is said where a mistake would matter.
      await hand.reads(BONGANI, "sms", "Imigwaqo");
      await hand.reads(BONGANI, "sms", "3/5");

      await stage.restartLater("2 days");
      await page.reload();
      expect(await hand.reads(BONGANI, "sms", "Awukaqedi")).toContain("3/5");
      await page
        .getByRole("region", { name: `Phone of ${BONGANI} (SMS)` })
        .screenshot({ path: join(pictures, "reminder.png") });
      await hand.say(BONGANI, "sms", "Sicela imigwaqo ilungiswe ngaphambi kwemvula");
      await hand.reads(BONGANI, "sms", "4/5");
      await hand.say(BONGANI, "sms", "Yebbo");
      await hand.reads(BONGANI, "sms", "5/5");
      await hand.say(BONGANI, "sms", "cha");
      expect(await hand.reads(BONGANI, "sms", "Siyabonga, sikutholile")).toMatch(/inombolo [0-9A-Z]{6}/);
    });
  },
);
