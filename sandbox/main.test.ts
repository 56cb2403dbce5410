import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import twilio from "twilio";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openClient } from "./client.ts";
import { credentials } from "./credentials.ts";
import { openProduct, type Product } from "./test-product.ts";

const main = new URL("./main.ts", import.meta.url).pathname;
const town = new URL("./fixture-town.json", import.meta.url).pathname;
const { accountSid, authToken, smsNumber } = credentials.twilio;
const THANDI = "+27821110001";

let folder: string;
let product: Product;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-"));
  product = await openProduct();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await product.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...more: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const args = [main, "--town", town, "--server", product.url, "--data", folder, ...more];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit", "ipc"] });
  children.push(child);
  const ready = await new Promise<{ url: string }>((resolve, reject) => {
    child.once("message", (message) => resolve(message as { url: string }));
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, url: ready.url };
}
const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) =>
    child.exitCode !== null ? resolve(child.exitCode) : child.once("exit", resolve),
  );

it("killed with -9, it remembers phones, Slack, photos and the carrier's list, and goes on calling back", async () => {
  const first = await start();
  const hand = openClient(first.url);
  await hand.turn({ stepMs: 60_000 });
  const client = twilio(accountSid, authToken);
  client.api.baseUrl = first.url;
  const sent = await client.messages.create({
    to: THANDI,
    from: smsNumber,
    body: "under way",
    statusCallback: `${product.url}/webhooks/twilio/status`,
  });
  await hand.phone(THANDI).say("JOIN");
  await hand.slack("U0AYANDA").write("C0INBOX", "kept");
  await hand.turn({ stepMs: 1 });
  first.child.kill("SIGKILL");
  await ended(first.child);
  appendFileSync(join(folder, "journal.jsonl"), '{"kind":"text","text":{"id":"cut of');

  const second = await start();
  const again = openClient(second.url);
  client.api.baseUrl = second.url;
  await again.phone(THANDI).receives("under way");
  await product.waitFor((s) => s.body.includes(sent.sid) && s.body.includes("MessageStatus=delivered"));
  expect((await client.messages.list({ from: THANDI, to: smsNumber })).map((m) => m.body)).toEqual(["JOIN"]);
  expect(await again.slack("U0FATIMA").messages({ contains: "kept" })).toHaveLength(1);
  expect((await again.knobs()).stepMs).toBe(1);
});

it("ends with its parent", async () => {
  const { child } = await start();
  child.disconnect();
  expect(await ended(child)).toBe(0);
});

it("stays when it is detached", async () => {
  const { child, url } = await start("--detached");
  child.disconnect();
  child.stdin?.end();
  expect((await fetch(`${url}/sandbox/api/knobs`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended(child)).toBe(0);
});

it("says in one line what is wrong with the town", async () => {
  const bad = join(folder, "town.json");
  appendFileSync(bad, '{"citizens":[{"name":"X","sms":"082"}]}');
  const child = spawn(process.execPath, [main, "--town", bad], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr?.on("data", (chunk) => {
    words += String(chunk);
  });
  expect(await ended(child)).toBe(1);
  expect(words).toContain("citizens.0.sms: must be an E.164 number");
});

it("hands its credentials over as the product's environment, for either carrier of WhatsApp", async () => {
  const { url } = await start("--whatsapp", "twilio");
  const { environment } = await openClient(url).credentials();
  expect(environment).toMatchObject({
    TWILIO_API_URL: url,
    SLACK_API_URL: `${url}/api/`,
    TWILIO_WHATSAPP_FROM: expect.stringMatching(/^\+/),
  });
  expect(environment).not.toHaveProperty("WHATSAPP_CLOUD_TOKEN");
});
