import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStage, type Stage } from "../journey/stage.ts";

const { CHROMIUM_PATH = "/usr/bin/chromium", JOURNEY_PICTURES } = process.env;

/** Each page, and what the made-up town shows on it. */
const PAGES = [
  { path: "", title: "Now", shows: "open consultation" },
  { path: "consultations", title: "Consultations", shows: "Three questions" },
  { path: "broadcasts", title: "Broadcasts", shows: "" },
  { path: "crises", title: "Crises", shows: "C-1" },
  { path: "channels", title: "Channels", shows: "sms" },
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

  it.each(PAGES)("$title shows the town and has no barrier, by day, by night and on a phone", async (at) => {
    await open(at.path, at.title);
    await page.getByText(at.shows).first().waitFor();
    expect(await faults()).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faults()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBe(0);
    expect(problems).toEqual([]);
  });

  it("leads with the keyboard alone from the list to the results, and to a crisis with its timeline", async () => {
    await open("consultations", "Consultations");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    await page.getByRole("link", { name: "Three questions" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("240").first().waitFor();
    expect(await faults()).toEqual([]);
    if (JOURNEY_PICTURES) await page.screenshot({ path: `${JOURNEY_PICTURES}/console.png` });
    await open("crises", "Crises");
    await page.getByRole("main").getByRole("link").first().focus();
    await page.keyboard.press("Enter");
    await page.getByText("all-clear").first().waitFor();
    expect(await faults()).toEqual([]);
  });
});
