import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { browserHand } from "./browser.ts";
import { ALL, type Hand } from "./hand.ts";
import { openStage, type Stage } from "./stage.ts";

const { CHROMIUM_PATH = "/usr/bin/chromium", JOURNEY_PICTURES } = process.env;
const PATIENCE_MS = 60_000;
const [BONGANI, PRIYA, SIPHO] = ["Bongani Zulu", "Priya Naidoo", "Sipho Mokoena"] as const;

const TRUST = `
id: trust
title: { en: "Do you trust us?" }
keywords: [TRUST]
languages: [en]
privacy: anonymous
steps:
  trust:
    ask: { en: "Do you trust the municipality? Yes or no." }
    type: yes_no
  why:
    ask: { en: "Why?" }
    optional: true
  end:
    end: { en: "Thank you. Nobody knows that this was you." }
`;
const ROADS = `
id: roads
title: { en: "Roads and water" }
keywords: [ROADS]
languages: [en]
privacy: confidential
again: refuse
steps:
  age:
    ask: { en: "How old are you?" }
    type: number
    min: 10
    max: 120
  room:
    quota:
      young: { when: "answers.age < 35", limit: 1 }
    full: sorry
  view:
    ask: { en: "What should be mended first?" }
  end:
    end: { en: "Filed as {receipt}." }
  sorry:
    end: { en: "Thank you. Enough people of your age have answered already." }
`;

describe.skipIf(!existsSync(CHROMIUM_PATH))(
  "taking part, from the first question to what came of it",
  { timeout: 300_000 },
  () => {
    let stage: Stage;
    let browser: Browser;
    let page: Page;
    let hand: Hand;
    const faults: string[] = [];
    beforeAll(async () => {
      stage = await openStage({}, { trust: TRUST, roads: ROADS });
      browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
      page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      page.setDefaultTimeout(PATIENCE_MS);
      page.on("pageerror", (error) => faults.push(String(error)));
      await page.goto(`${stage.program.url}/sandbox/`);
      const pictures = JOURNEY_PICTURES ?? (await mkdtemp(join(tmpdir(), "saypro-pictures-")));
      hand = browserHand(page, pictures);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await stage?.close();
      expect(faults).toEqual([]);
    });

    afterEach(async ({ task }) => {
      if (task.result?.state === "fail") await hand.picture("failed");
    });

    const open = async (flow: string, title: string) => {
      await hand.command("naledi", "/saypro consultation open");
      await hand.submit("naledi", "Open a consultation", { "Which one": flow });
      await hand.sees("naledi", "#operations", title);
    };

    /** A button of that consultation's row in the list that only this person sees. */
    const pressBelow = async (title: string, button: string) => {
      const row = page.getByText(new RegExp(`${title}.*keyword`)).last();
      await row.locator(`xpath=following::button[normalize-space()="${button}"][1]`).click();
    };
    const shut = async (title: string) => {
      await hand.command("naledi", "/saypro consultation");
      await pressBelow(title, "Close");
      await page.locator("dialog:not(.modal)").getByRole("button").last().click();
    };

    it("confidential, with a quota, one response a person; named, closed, answered, concluded", async () => {
      await open("Roads and water (ROADS)", "Roads and water");
      await hand.say(BONGANI, "sms", "roads");
      await hand.reads(BONGANI, "sms", "Confidential: your answers are kept locked");
      for (const words of ["24", "Fix the water pipes in our street"]) {
        await hand.say(BONGANI, "sms", words);
        await hand.reads(BONGANI, "sms", words === "24" ? "mended first" : "Filed as");
      }
      // The one place for people of that age is taken.
      await hand.say(PRIYA, "whatsapp", "ROADS");
      await hand.reads(PRIYA, "whatsapp", "How old are you?");
      await hand.say(PRIYA, "whatsapp", "30");
      await hand.reads(PRIYA, "whatsapp", "Enough people of your age");
      await hand.say(SIPHO, "sms", "Roads");
      await hand.reads(SIPHO, "sms", "How old are you?");
      await hand.say(SIPHO, "sms", "sixty one");
      await hand.reads(SIPHO, "sms", "mended first");
      await hand.say(SIPHO, "sms", "The water pipe leaks, fix the pipes");
      await hand.reads(SIPHO, "sms", "Filed as");
      await hand.say(SIPHO, "sms", "roads");
      // In his own language, since the program says this and not the flow.
      await hand.reads(SIPHO, "sms", "karabo e le nngwe ho motho");

      await hand.press("naledi", "#operations", "People join by texting", "Results");
      await hand.sees("naledi", "#operations", "Results so far: Roads and water");
      await hand.sees("naledi", "#operations", "young 1 of 1");
      await hand.press("naledi", "#operations", "As of", "Name themes …");
      await hand.submit("naledi", "Name themes", { "Name of theme 1": "Water pipes" });
      await hand.isTold("naledi", "Kept: Water pipes.");
      await hand.picture("themes");

      await shut("Roads and water");
      await hand.isTold("naledi", "It is closed. The results so far are in the operations channel.");
      await hand.command("naledi", "/saypro consultation");
      await pressBelow("Roads and water", "Answer what was asked …");
      await hand.submit("naledi", "Answer what was asked", {
        "What people asked for": "Leaking pipes",
        "What was decided": "Accepted",
        Why: "Repairs begin in ward 3 in February.",
      });
      await hand.command("naledi", "/saypro consultation");
      await pressBelow("Roads and water", "You said, we did …");
      await hand.submit("naledi", "You said, we did", {
        "Message in English":
          "You said: mend the water pipes. We did: repairs begin in ward 3 on 2 February.",
      });
      await hand.press("thabo", "#approvals", "You said: mend the water pipes", "Approve …");
      await hand.submit("thabo", "Approve a broadcast", { "Before it goes out": ALL });
      for (const [who, channel] of [
        [BONGANI, "sms"],
        [SIPHO, "sms"],
      ] as const)
        await hand.reads(who, channel, "We did: repairs begin in ward 3");
      await hand.neverRead(PRIYA, "whatsapp", ["We did"]);
    });

    it("anonymous: staff see that people finished, and what they said only among others", async () => {
      await open("Do you trust us? (TRUST)", "Do you trust us?");
      for (const [who, channel, said] of [
        [BONGANI, "sms", "no"],
        [PRIYA, "whatsapp", "yes"],
      ] as const) {
        await hand.say(who, channel, "TRUST");
        await hand.reads(who, channel, "Anonymous: when you finish, nothing links your answers");
        await hand.say(who, channel, said);
        await hand.reads(who, channel, "Why?");
        await hand.say(who, channel, "skip");
        await hand.reads(who, channel, "Nobody knows that this was you");
      }
      await hand.press("naledi", "#operations", "Do you trust us?", "Results");
      await hand.sees("naledi", "#operations", "2 of those who finished are in no figure yet");
      await hand.picture("anonymous");
    });

    it("a public comment cannot be closed before the law's time is over", async () => {
      await open(
        "Draft Integrated Development Plan: your comment (IDP, UHLELO, GOP)",
        "Draft Integrated Development Plan",
      );
      await shut("Draft Integrated Development Plan");
      await hand.isTold("naledi", "It cannot be closed yet.");
      await hand.isTold("naledi", "21 days");
    });
  },
);
