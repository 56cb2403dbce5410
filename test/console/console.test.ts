import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ALL } from "../journey/hand.ts";
import { headlessHand } from "../journey/headless.ts";
import { openStage, type Stage } from "../journey/stage.ts";

const { CHROMIUM_PATH = "/usr/bin/chromium", JOURNEY_PICTURES } = process.env;

/** Each page, and what the made-up town shows on it. */
const PAGES = [
  { path: "", title: "Now", shows: "open consultation" },
  { path: "consultations", title: "Consultations", shows: "Three questions" },
  { path: "broadcasts", title: "Broadcasts", shows: "Library hours" },
  { path: "crises", title: "Crises", shows: "C-1" },
  { path: "channels", title: "Channels", shows: "SMS" },
  { path: "audit", title: "Audit", shows: "crisis." },
] as const;

describe.skipIf(!existsSync(CHROMIUM_PATH))("the console in a browser", { timeout: 120_000 }, () => {
  let stage: Stage;
  let browser: Browser;
  let state: Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    stage = await openStage();
    const hand = headlessHand(stage.client, new Map());
    await hand.command("naledi", "/saypro broadcast");
    await hand.submit("naledi", "New broadcast", {
      Title: "Library hours",
      "To whom": "Everyone",
      "Message in English": "Umhlanzi: the library opens at 8:00 from Monday.",
    });
    await hand.press("thabo", "#approvals", "Library hours", "Approve …");
    await hand.submit("thabo", "Approve a broadcast", { "Before it goes out": ALL });
    await hand.sees("naledi", "#approvals", "Sending: Library hours");
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox"] });
    await stage.client.slack("naledi").command("/saypro console", "#operations");
    const whisper = await stage.client.slack("naledi").sees("Open the console");
    const link = /https?:[^|"\\]+token=[\w-]+/.exec(JSON.stringify(whisper))?.[0] ?? "";
    const context = await browser.newContext();
    const first = await context.newPage();
    const press = async (): Promise<void> => {
      await first.goto(link);
      await first.getByRole("button", { name: "Open the console" }).click();
    };
    await press();
    await first.getByText("Naledi Khumalo").waitFor();
    state = await context.storageState();
    await press();
    await first.getByText("This link was used already").waitFor();
    await context.close();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });
  beforeEach(async () => {
    const context = await browser.newContext({ storageState: state, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    return () => context.close();
  });

  const open = async (path: string, title: string): Promise<void> => {
    await page.goto(`${stage.program.url}/#/${path}`);
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await page.waitForFunction(() => !document.querySelector("main [role=status]"));
  };
  const faults = async (): Promise<string[]> => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
  };

  /** What is shown has no barrier by day, by night and on a phone, and the page ran without an error. */
  const isForEverybody = async (): Promise<void> => {
    expect(await faults()).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faults()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBe(0);
    expect(await faults()).toEqual([]);
    expect(problems).toEqual([]);
  };
  /** With the Tab key alone, as far as a link whose words begin so; the page must show where the focus is. */
  const tabTo = async (link: string): Promise<void> => {
    const passed: string[] = [];
    while (passed.length < 60) {
      await page.keyboard.press("Tab");
      const { words, outline } = await page.evaluate(() => ({
        words: document.activeElement?.textContent ?? "",
        outline: getComputedStyle(document.activeElement ?? document.body).outlineStyle,
      }));
      passed.push(words);
      if (!words.startsWith(link)) continue;
      expect(outline, `the focus on "${words}" is seen`).not.toBe("none");
      return;
    }
    throw new Error(`60 times Tab did not lead to "${link}" but past ${passed.join(" | ")}`);
  };

  it.each(PAGES)("$title shows the town and has no barrier, by day, by night and on a phone", async (at) => {
    await open(at.path, at.title);
    await page.getByText(at.shows).first().waitFor();
    await isForEverybody();
  });

  it("leads with the keyboard alone to the results of a consultation", async () => {
    await open("consultations", "Consultations");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    await tabTo("Three questions");
    await page.keyboard.press("Enter");
    await page.getByText("240").first().waitFor();
    expect(await page.getByRole("main").textContent()).not.toMatch(/[{}]/);
    if (JOURNEY_PICTURES) await page.screenshot({ path: `${JOURNEY_PICTURES}/console.png` });
    await isForEverybody();
  });

  it("leads with the keyboard alone to the report of a broadcast", async () => {
    await open("broadcasts", "Broadcasts");
    await tabTo("Library hours");
    await page.keyboard.press("Enter");
    await page.getByText("Deliveries over time").waitFor();
    await page.getByRole("heading", { name: "By language" }).waitFor();
    if (JOURNEY_PICTURES) await page.screenshot({ path: `${JOURNEY_PICTURES}/report.png`, fullPage: true });
    await isForEverybody();
  });

  it("leads with the keyboard alone to a crisis with its timeline", async () => {
    await open("crises", "Crises");
    await tabTo("C-1");
    await page.keyboard.press("Enter");
    await page.getByText("all-clear").first().waitFor();
    await isForEverybody();
  });
});
