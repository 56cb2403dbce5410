import type { Locator, Page } from "playwright-core";
import { ALL, type Hand } from "./hand.ts";

/** The staff of the example town who act in the journey. */
const NAMES = new Map([
  ["naledi", "Naledi Khumalo"],
  ["thabo", "Thabo Nkosi"],
  ["sizwe", "Sizwe Cele"],
  ["karen", "Karen Fourie"],
]);

/** Everything with mouse and keyboard on the sandbox's page. Pictures go to the folder `pictures`. */
export function browserHand(page: Page, pictures: string): Hand {
  const phone = (name: string, channel: string): Locator =>
    page.getByRole("region", { name: `Phone of ${name} (${channel === "sms" ? "SMS" : "WhatsApp"})` });
  const fullName = (user: string): string => {
    const found = NAMES.get(user);
    if (!found) throw new Error(`${user} is not in Slack`);
    return found;
  };
  const as = async (user: string): Promise<Locator> => {
    const pane = page.getByRole("region", { name: `Slack as ${fullName(user)}` });
    if (!(await pane.isVisible()))
      await page.getByRole("combobox", { name: "Slack user" }).selectOption({ label: fullName(user) });
    await pane.waitFor();
    return pane;
  };
  /** A modal that only told something stands in the way of whatever comes next. */
  const dismiss = async (): Promise<void> => {
    const told = page.getByRole("dialog").filter({ hasNot: page.locator("button[type=submit]") });
    const close = told.getByRole("button", { name: "Close", exact: true }).last();
    if (!(await close.isVisible())) return;
    await close.click();
    await close.waitFor({ state: "hidden" });
  };
  const inChannel = async (user: string, channel: string): Promise<Locator> => {
    const pane = await as(user);
    await dismiss();
    const bare = channel.replace("#", "");
    const log = pane.getByRole("log", { name: `Messages in #${bare}` });
    if (!(await log.isVisible()))
      await pane.getByRole("button", { name: new RegExp(`^#? ?${bare}( \\d+ unread)?$`) }).click();
    await log.waitFor();
    return log;
  };
  let type: () => Promise<void> = async () => {};
  /** The modal with this title. A busy machine may miss Slack's 3 seconds: then people type the command again. */
  const modal = async (title: string): Promise<Locator> => {
    const dialog = page.getByRole("dialog", { name: title });
    const given = dialog.waitFor().then(() => true);
    const missed = page
      .getByText("no answer in 3000 ms")
      .waitFor()
      .then(() => false);
    given.catch(() => {});
    missed.catch(() => {});
    if (!(await Promise.race([given, missed]))) await type();
    await dialog.waitFor();
    return dialog;
  };
  return {
    say: async (name, channel, text) => {
      await dismiss();
      await phone(name, channel).getByRole("textbox", { name: "Message" }).fill(text);
      await phone(name, channel).getByRole("button", { name: "Send", exact: true }).click();
    },
    reads: async (name, channel, words) => {
      const found = phone(name, channel).getByText(words).last();
      await found.waitFor();
      return (await found.textContent()) ?? "";
    },
    neverRead: async (name, channel, words) => {
      const shown = await phone(name, channel).locator("li:not(.empty)").allTextContents();
      if (shown.length === 0) throw new Error(`${name}'s phone shows no text at all`);
      const found = shown.find((text) => words.some((word) => text.includes(word)));
      if (found) throw new Error(`${name}'s phone shows "${found}"`);
    },
    command: async (user, line) => {
      type = async () => {
        await inChannel(user, "#operations");
        const box = (await as(user)).getByRole("textbox", { name: "Message #operations" });
        await box.fill(line);
        await box.press("Enter");
      };
      await type();
    },
    choose: async (user, title, label, value) => {
      await as(user);
      await fill(await modal(title), label, value);
    },
    submit: async (user, title, fields) => {
      await as(user);
      const dialog = await modal(title);
      for (const [label, value] of Object.entries(fields)) await fill(dialog, label, value);
      const submit = dialog.locator("button[type=submit]");
      await submit.click();
      await submit.waitFor({ state: "hidden" });
    },
    press: async (user, channel, words, button) => {
      const log = await inChannel(user, channel);
      await log
        .getByRole("listitem")
        .filter({ hasText: words, has: page.getByRole("button", { name: button, exact: true }) })
        .last()
        .getByRole("button", { name: button, exact: true })
        .click();
      const question = page.locator("dialog:not(.modal)");
      if (await question.isVisible()) await question.getByRole("button").last().click();
    },
    sees: async (user, channel, words, timeoutMs) => {
      const log = await inChannel(user, channel);
      await log
        .getByText(words)
        .last()
        .waitFor(timeoutMs ? { timeout: timeoutMs } : {});
    },
    reply: async (user, channel, words, text) => {
      const log = await inChannel(user, channel);
      const post = log.getByRole("listitem").filter({ hasText: words }).last();
      await post.getByRole("button", { name: /^Reply in thread$|^\d+ repl/ }).click();
      const pane = await as(user);
      const box = pane.getByRole("textbox", { name: "Reply in thread" });
      await box.fill(text);
      await box.press("Enter");
      await pane
        .getByRole("log", { name: /^Thread in/ })
        .getByText(text)
        .waitFor();
      await pane.getByRole("button", { name: /^← Back to/ }).click();
    },
    homeShows: async (user, words) => {
      const pane = await as(user);
      await dismiss();
      await pane.getByRole("button", { name: /SayPro home/ }).click();
      await pane.getByText(words).first().waitFor();
    },
    isTold: async (user, words) => {
      const pane = await as(user);
      await pane.getByText(words).or(page.getByRole("dialog").getByText(words)).last().waitFor();
    },
    picture: async (name) => {
      // What just arrived fades in.
      await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
      await page.screenshot({ path: `${pictures}/${name}.png` });
    },
  };
}

async function fill(dialog: Locator, label: string, value: string | readonly string[]): Promise<void> {
  await dialog.getByText(label).first().waitFor();
  if (typeof value !== "string") {
    const group = dialog.getByRole("group", { name: label });
    for (const box of await group.getByRole("checkbox").all()) await box.uncheck();
    for (const choice of value) await group.getByLabel(choice, { exact: true }).check();
    return;
  }
  if (value === ALL) {
    for (const box of await dialog.getByRole("group", { name: label }).getByRole("checkbox").all())
      await box.check();
    return;
  }
  const radio = dialog.getByRole("group", { name: label }).getByRole("radio", { name: value, exact: true });
  if (await radio.count()) return radio.check();
  const field = dialog.getByLabel(label).first();
  if ((await field.evaluate((element) => element.tagName)) === "SELECT")
    await field.selectOption({ label: value });
  else await field.fill(value);
}
