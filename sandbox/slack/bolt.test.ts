import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { App, HTTPReceiver, LogLevel } from "@slack/bolt";
import { afterEach, expect, it } from "vitest";
import { openClient } from "../client.ts";
import { credentials } from "../credentials.ts";
import { startSandbox } from "../sandbox.ts";
import { loadTown } from "../town.ts";

const town = loadTown(new URL("../fixture-town.json", import.meta.url).pathname);
const { botToken, appToken, signingSecret } = credentials.slack;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The same small app over both transports. */
function teach(app: App): void {
  app.command("/saypro", async ({ ack, client, body }) => {
    await ack();
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: "modal",
        callback_id: "note",
        title: { type: "plain_text", text: "Note" },
        submit: { type: "plain_text", text: "Post" },
        blocks: [
          {
            type: "input",
            block_id: "text",
            label: { type: "plain_text", text: "Text" },
            element: { type: "plain_text_input", action_id: "value" },
          },
        ],
      },
    });
  });
  app.view("note", async ({ ack, view, client }) => {
    const value = view.state.values.text?.value?.value ?? "";
    if (value === "bad") return ack({ response_action: "errors", errors: { text: "Not this word" } });
    await ack();
    await client.chat.postMessage({
      channel: "#inbox",
      text: value,
      blocks: [
        {
          type: "actions",
          elements: [
            { type: "button", action_id: "done", value: "1", text: { type: "plain_text", text: "Done" } },
          ],
        },
      ],
    });
  });
  app.action("done", async ({ ack, respond }) => {
    await ack();
    await respond({ replace_original: true, text: "All done" });
  });
  app.message("hello", async ({ say, message }) => {
    await say({ text: "Hello yourself", thread_ts: message.ts });
  });
}

async function play(url: string): Promise<void> {
  const hand = openClient(url);
  const ayanda = hand.slack("U0AYANDA");
  expect(await ayanda.command("/saypro note", "C0INBOX")).toEqual({ ok: true });
  await ayanda.seesModal("Note");
  expect(await ayanda.submit({ text: "bad" })).toMatchObject({ errors: { text: "Not this word" } });
  expect(await ayanda.submit({ text: "Water is back" })).toMatchObject({ ok: true, view: null });
  const post = await ayanda.sees("Water is back");
  const place = { kind: "message" as const, channel: post.channel, ts: post.ts };
  expect(await ayanda.press({ place, actionId: "done" })).toEqual({ ok: true });
  expect((await ayanda.sees("All done")).ts).toBe(post.ts);
  const { ts } = await ayanda.write("C0INBOX", "hello there");
  expect((await ayanda.sees("Hello yourself")).threadTs).toBe(ts);
}

it("a real Bolt app works over HTTP", async () => {
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: ["/slack/events"],
    logLevel: LogLevel.ERROR,
  });
  const server: Server = createServer(
    (request, response) => void receiver.requestListener(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const sandbox = await startSandbox({ town, port: 0, server: `http://127.0.0.1:${port}` });
  closing.push(() => sandbox.close());
  const app = new App({
    token: botToken,
    receiver,
    clientOptions: { slackApiUrl: `${sandbox.url}/api/` },
    logLevel: LogLevel.ERROR,
  });
  teach(app);
  await play(sandbox.url);
});

it("a real Bolt app works over Socket Mode", async () => {
  const sandbox = await startSandbox({ town, port: 0, server: "http://127.0.0.1:9" });
  closing.push(() => sandbox.close());
  const app = new App({
    token: botToken,
    appToken,
    socketMode: true,
    clientOptions: { slackApiUrl: `${sandbox.url}/api/` },
    logLevel: LogLevel.ERROR,
  });
  teach(app);
  await app.start();
  closing.push(() => app.stop());
  await play(sandbox.url);
});
