import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { App, HTTPReceiver, LogLevel } from "@slack/bolt";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../client.ts";
import { credentials } from "../credentials.ts";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { loadTown } from "../town.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const town = loadTown(new URL("../fixture-town.json", import.meta.url).pathname);
const { botToken, signingSecret } = credentials.slack;
const { token, phoneNumberId } = credentials.meta;
const plain = (text: string) => ({ type: "plain_text" as const, text });
const options = (...texts: string[]) => texts.map((t) => ({ text: plain(t), value: t.toLowerCase() }));
const values: Record<string, unknown>[] = [];
const strangers: string[] = [];

let server: Server;
let sandbox: Sandbox;
let bolt: App;
let hand: SandboxClient;
let browser: Browser;
let page: Page;

describe.skipIf(!existsSync(CHROMIUM))("the page", () => {
  beforeAll(async () => {
    const receiver = new HTTPReceiver({
      signingSecret,
      endpoints: ["/slack/events"],
      logLevel: LogLevel.ERROR,
    });
    server = createServer((request, response) => {
      if (request.url === "/slack/events") void receiver.requestListener(request, response);
      else response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    sandbox = await startSandbox({
      town,
      port: 0,
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    hand = openClient(sandbox.url);
    await hand.turn({ stepMs: 1 });
    bolt = new App({
      token: botToken,
      receiver,
      clientOptions: { slackApiUrl: `${sandbox.url}/api/` },
      logLevel: LogLevel.ERROR,
    });
    teach(bolt);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.close();
    server?.close();
  });
  beforeEach(async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(sandbox.url) && !request.url().startsWith("data:"))
        strangers.push(request.url());
    });
    await page.goto(`${sandbox.url}/sandbox/`);
    await page.getByRole("region", { name: /^Slack as/ }).waitFor();
    return () => context.close();
  });

  function teach(app: App): void {
    app.command("/saypro", async ({ ack, client, body }) => {
      await ack();
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: "modal",
          callback_id: "all",
          title: plain("Every input"),
          submit: plain("Submit"),
          blocks: [
            {
              type: "input",
              block_id: "text",
              label: plain("Text"),
              hint: plain("At least three letters"),
              element: { type: "plain_text_input", action_id: "v", min_length: 3 },
            },
            {
              type: "input",
              block_id: "one",
              label: plain("One"),
              element: { type: "static_select", action_id: "v", options: options("Red", "Blue") },
            },
            {
              type: "input",
              block_id: "many",
              label: plain("Many"),
              element: {
                type: "multi_static_select",
                action_id: "v",
                options: options("Ward 1", "Ward 2", "Ward 3"),
              },
            },
            {
              type: "input",
              block_id: "radio",
              label: plain("Radio"),
              element: { type: "radio_buttons", action_id: "v", options: options("Yes", "No") },
            },
            {
              type: "input",
              block_id: "check",
              label: plain("Check"),
              optional: true,
              element: { type: "checkboxes", action_id: "v", options: options("A", "B") },
            },
            {
              type: "input",
              block_id: "date",
              label: plain("Date"),
              element: { type: "datepicker", action_id: "v" },
            },
            {
              type: "input",
              block_id: "time",
              label: plain("Time"),
              element: { type: "timepicker", action_id: "v" },
            },
            {
              type: "input",
              block_id: "moment",
              label: plain("Moment"),
              element: { type: "datetimepicker", action_id: "v" },
            },
            {
              type: "input",
              block_id: "number",
              label: plain("Number"),
              element: { type: "number_input", action_id: "v", is_decimal_allowed: false },
            },
            {
              type: "actions",
              block_id: "live",
              elements: [{ type: "button", action_id: "count", text: plain("Count") }],
            },
          ],
        },
      });
    });
    app.action("count", async ({ ack, body, client }) => {
      await ack();
      const { view } = body as {
        view?: {
          id: string;
          blocks: object[];
          state: { values: Record<string, Record<string, { value?: string }>> };
        };
      };
      const length = view?.state.values.text?.v?.value?.length ?? 0;
      if (!view) return;
      await client.views.update({
        view_id: view.id,
        view: {
          type: "modal",
          callback_id: "all",
          title: plain("Every input"),
          submit: plain("Submit"),
          blocks: [
            ...(view.blocks as never[]),
            { type: "section", block_id: `n${length}`, text: plain(`${length} characters`) },
          ],
        },
      });
    });
    app.view("all", async ({ ack, view }) => {
      if (view.state.values.text?.v?.value === "wrong")
        return ack({ response_action: "errors", errors: { text: "The server refuses this word." } });
      values.push(view.state.values);
      await ack();
    });
    app.action("approve", async ({ ack, respond, body }) => {
      await ack();
      await respond({ replace_original: true, text: `Approved by <@${body.user.id}>` });
    });
    app.event("app_home_opened", async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: "home", blocks: [{ type: "header", text: plain("What is running") }] },
      });
    });
  }

  const phone = (name: string, channel: "SMS" | "WhatsApp") =>
    page.getByRole("region", { name: `Phone of ${name} (${channel})` });
  const slack = (name: string) => page.getByRole("region", { name: `Slack as ${name}` });
  const whatsapp = (to: string, message: object) =>
    fetch(`${sandbox.url}/v23.0/${phoneNumberId}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        type: "interactive",
        interactive: message,
      }),
    });
  const faults = async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
  };

  describe("phones", () => {
    it("send texts, and show who did not take them", async () => {
      const thandi = phone("Thandi Mokoena", "SMS");
      await thandi.getByRole("textbox", { name: "Message" }).fill("JOIN");
      await thandi.getByRole("button", { name: "Send", exact: true }).click();
      await thandi.getByText("JOIN").waitFor();
      await thandi.getByText("taken by the server").waitFor();
      expect((await hand.phone("+27821110001").messages()).map((t) => t.body)).toEqual(["JOIN"]);
      expect(await faults()).toEqual([]);
    });

    it("show WhatsApp's buttons and lists, and a tap comes back with its id", async () => {
      const sarah = phone("Sarah Jacobs", "WhatsApp");
      await sarah.getByRole("textbox", { name: "Message" }).fill("hi");
      await page.keyboard.press("Enter");
      await sarah.getByText("hi").waitFor();
      await whatsapp("27821110004", {
        type: "button",
        body: { text: "Do you agree?" },
        action: {
          buttons: ["Yes", "No"].map((title) => ({ type: "reply", reply: { id: `id-${title}`, title } })),
        },
      });
      await sarah.getByRole("button", { name: "Yes" }).click();
      await whatsapp("27821110004", {
        type: "list",
        body: { text: "Which topic?" },
        action: {
          button: "Topics",
          sections: [{ rows: [{ id: "w", title: "Water", description: "Taps" }] }],
        },
      });
      await sarah.getByText("Topics").click();
      await sarah.getByRole("button", { name: "Water Taps" }).click();
      await sarah.getByRole("button", { name: "Send a location" }).click();
      await sarah.getByRole("button", { name: "Send a photo" }).click();
      await sarah.getByRole("img", { name: "Attached by the sender" }).waitFor();
      const said = await hand.phone("+27821110004").messages({ direction: "in" });
      expect(
        said.map((t) => t.choice?.id ?? t.location?.label ?? t.media?.[0]?.contentType ?? t.body),
      ).toEqual(["hi", "id-Yes", "w", "Corner of Main and Church Street", "image/png"]);
      expect(await faults()).toEqual([]);
    });
  });

  describe("Slack", () => {
    it("fills in every kind of input, shows errors where they belong, and keeps what was typed over an update", async () => {
      const ayanda = slack("Ayanda Nkosi");
      await ayanda.getByRole("textbox", { name: "Message #inbox" }).fill("/saypro all");
      await page.keyboard.press("Enter");
      const modal = page.getByRole("dialog", { name: "Every input" });
      await modal.waitFor();
      await modal.getByRole("button", { name: "Submit" }).click();
      await modal.getByText("Please complete this required field.").first().waitFor();
      await modal.getByRole("textbox", { name: "Text" }).fill("wrong");
      await modal.getByRole("combobox", { name: "One" }).selectOption("Blue");
      await modal.getByRole("group", { name: "Many" }).getByRole("checkbox", { name: "Ward 1" }).check();
      await modal.getByRole("group", { name: "Many" }).getByRole("checkbox", { name: "Ward 3" }).check();
      await modal.getByRole("radio", { name: "Yes" }).check();
      await modal.getByRole("checkbox", { name: "B", exact: true }).check();
      await modal.getByLabel("Date", { exact: true }).fill("2026-12-01");
      await modal.getByLabel("Time", { exact: true }).fill("08:30");
      await modal.getByLabel("Moment").fill("2026-12-01T10:00");
      await modal.getByRole("spinbutton", { name: "Number" }).fill("7");
      await modal.getByRole("button", { name: "Count" }).click();
      await modal.getByText("5 characters").waitFor();
      await modal.getByRole("button", { name: "Submit" }).click();
      await modal.getByText("The server refuses this word.").waitFor();
      expect(await modal.getByRole("textbox", { name: "Text" }).getAttribute("aria-invalid")).toBe("true");
      expect(await faults()).toEqual([]);
      await modal.getByRole("textbox", { name: "Text" }).fill("right");
      await modal.getByRole("button", { name: "Submit" }).click();
      await modal.waitFor({ state: "detached" });
      expect(values.at(-1)).toMatchObject({
        text: { v: { value: "right" } },
        one: { v: { selected_option: { value: "blue" } } },
        many: { v: { selected_options: [{ value: "ward 1" }, { value: "ward 3" }] } },
        radio: { v: { selected_option: { value: "yes" } } },
        check: { v: { selected_options: [{ value: "b" }] } },
        date: { v: { selected_date: "2026-12-01" } },
        time: { v: { selected_time: "08:30" } },
        moment: { v: { selected_date_time: Math.floor(new Date(2026, 11, 1, 10, 0).getTime() / 1000) } },
        number: { v: { value: "7" } },
      });
    });

    it("closes a modal by keyboard", async () => {
      await slack("Ayanda Nkosi").getByRole("textbox", { name: "Message #inbox" }).fill("/saypro all");
      await page.keyboard.press("Enter");
      const modal = page.getByRole("dialog", { name: "Every input" });
      await modal.waitFor();
      await page.keyboard.press("Escape");
      await modal.waitFor({ state: "detached" });
      expect(await hand.slack("U0AYANDA").modal()).toBeNull();
    });

    it("switches users; a button asks first, and its answer is shown to both", async () => {
      await bolt.client.chat.postMessage({
        token: botToken,
        channel: "#approvals",
        text: "Approve?",
        blocks: [
          { type: "section", text: { type: "mrkdwn", text: "*Water interruption* by <@U0AYANDA>" } },
          {
            type: "actions",
            elements: [
              {
                type: "button",
                action_id: "approve",
                value: "1",
                style: "primary",
                text: plain("Approve"),
                confirm: {
                  title: plain("Send to 12 people?"),
                  text: plain("It cannot be called back."),
                  confirm: plain("Yes, approve"),
                  deny: plain("No"),
                },
              },
            ],
          },
        ],
      });
      await slack("Ayanda Nkosi").getByRole("button", { name: "approvals 1 unread" }).click();
      await page.getByRole("combobox", { name: "Slack user" }).selectOption({ label: "Fatima Adams" });
      const fatima = slack("Fatima Adams");
      await fatima.getByRole("button", { name: "approvals" }).click();
      await fatima.getByText("@Ayanda Nkosi").waitFor();
      await fatima.getByRole("button", { name: "Approve" }).click();
      await page
        .getByRole("dialog", { name: "Send to 12 people?" })
        .getByRole("button", { name: "No" })
        .click();
      expect(await fatima.getByRole("button", { name: "Approve" }).isVisible()).toBe(true);
      await fatima.getByRole("button", { name: "Approve" }).click();
      await page.getByRole("button", { name: "Yes, approve" }).click();
      await fatima.getByText("Approved by").waitFor();
      await page.getByRole("combobox", { name: "Slack user" }).selectOption({ label: "Ayanda Nkosi" });
      await slack("Ayanda Nkosi").getByText("Approved by").waitFor();
    });

    it("answers in a thread and opens App Home", async () => {
      await bolt.client.chat.postMessage({
        token: botToken,
        channel: "#inbox",
        text: "A question from a citizen",
      });
      const ayanda = slack("Ayanda Nkosi");
      const post = ayanda.getByRole("listitem").filter({ hasText: "A question from a citizen" });
      await post.getByRole("button", { name: "Reply in thread" }).click();
      await ayanda.getByRole("textbox", { name: "Reply in thread" }).fill("Here is the answer");
      await page.keyboard.press("Enter");
      await ayanda.getByText("Here is the answer").waitFor();
      await ayanda.getByRole("button", { name: "Back to #inbox" }).click();
      await post.getByRole("button", { name: "1 reply" }).waitFor();
      await ayanda.getByRole("button", { name: "SayPro home" }).click();
      await ayanda.getByRole("heading", { name: "What is running" }).waitFor();
      expect(await faults()).toEqual([]);
    });
  });

  it("turns the knobs", async () => {
    await page.getByRole("button", { name: "Carriers" }).click();
    const drawer = page.getByRole("complementary", { name: "Carriers" });
    await drawer.getByRole("spinbutton", { name: "Statuses told twice" }).fill("25");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await hand.knobs()).duplicatedCallbacks).toBe(0.25);
    expect(await faults()).toEqual([]);
    await drawer.getByRole("button", { name: "Behave well again" }).click();
    await expect.poll(async () => (await hand.knobs()).duplicatedCallbacks).toBe(0);
  });

  it("fits a screen of 320 pixels without scrolling sideways", async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(await faults()).toEqual([]);
  });

  it("asked nobody but the sandbox", () => {
    expect(strangers).toEqual([]);
  });
});
