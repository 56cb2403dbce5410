import { readFileSync } from "node:fs";
import twilio from "twilio";
import type RestException from "twilio/lib/base/RestException.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../client.ts";
import { twilioContract } from "../contract.ts";
import { credentials } from "../credentials.ts";
import { magic } from "../magic.ts";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { openProduct, type Product } from "../test-product.ts";
import { loadTown } from "../town.ts";

const { accountSid, authToken, smsNumber, whatsappNumber, messagingServiceSid } = credentials.twilio;
const town = loadTown(new URL("../fixture-town.json", import.meta.url).pathname);
const THANDI = "+27821110001";
const PIETER = "+27821110002";

let product: Product;
let sandbox: Sandbox;
let client: twilio.Twilio;
let hand: SandboxClient;

beforeAll(async () => {
  product = await openProduct();
  sandbox = await startSandbox({ town, port: 0, server: product.url, whatsapp: "twilio" });
  client = twilio(accountSid, authToken);
  client.api.baseUrl = sandbox.url;
  hand = openClient(sandbox.url);
});
afterAll(async () => {
  await sandbox.close();
  await product.close();
});
afterEach(async () => {
  await hand.calm();
  await hand.turn({ stepMs: 1 });
  product.answer(() => undefined);
});

const send = (to: string, body: string, query = "") =>
  client.messages.create({
    to,
    from: smsNumber,
    body,
    statusCallback: `${product.url}/webhooks/twilio/status?id=${query || body}`,
  });
const callbacks = (id: string, count: number) =>
  product.waitFor((s) => s.url === `/webhooks/twilio/status?id=${id}`, count);
const statuses = (seen: readonly { body: string }[]) =>
  seen.map((s) => new URLSearchParams(s.body).get("MessageStatus"));
const raw = (
  form: string,
  authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
) =>
  fetch(`${sandbox.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
    method: "POST",
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });
const refusal = async (work: Promise<unknown>): Promise<RestException.default> => {
  try {
    await work;
  } catch (error) {
    return error as RestException.default;
  }
  throw new Error("was not refused");
};

describe("messages, through the official client", () => {
  it("are taken, delivered to the phone and called back with a signature, the first status excepted", async () => {
    const created = await send(THANDI, "Sawubona");
    expect(created.status).toBe("queued");
    const seen = await callbacks("Sawubona", 2);
    expect(statuses(seen)).toEqual(["sent", "delivered"]);
    for (const call of seen)
      expect(
        twilio.validateRequest(
          authToken,
          String(call.headers["x-twilio-signature"]),
          product.url + call.url,
          Object.fromEntries(new URLSearchParams(call.body)),
        ),
      ).toBe(true);
    const text = await hand.phone(THANDI).receives("Sawubona");
    expect(text).toMatchObject({ status: "delivered", segments: 1, encoding: "GSM-7" });
    expect((await client.messages(created.sid).fetch()).status).toBe("delivered");
  });

  it("answer as Twilio's own document describes", async () => {
    const answer = await (
      await raw(`To=${encodeURIComponent(THANDI)}&From=${encodeURIComponent(smsNumber)}&Body=x`)
    ).json();
    expect(twilioContract.message(answer), JSON.stringify(twilioContract.message.errors)).toBe(true);
  });

  it("start as accepted, with no segments, when a Messaging Service sends", async () => {
    const created = await client.messages.create({ to: THANDI, messagingServiceSid, body: "by service" });
    expect(created).toMatchObject({ status: "accepted", numSegments: "0", messagingServiceSid });
  });

  it("are listed by recipient, sender and time, page by page", async () => {
    const to = "+27821119999";
    const since = new Date();
    for (const body of ["one", "two", "three"]) await client.messages.create({ to, from: smsNumber, body });
    const listed = await client.messages.list({ to, dateSentAfter: since, pageSize: 2 });
    expect(listed.map((m) => m.body)).toEqual(["three", "two", "one"]);
    expect(await client.messages.list({ to, from: whatsappNumber })).toEqual([]);
    expect(await client.messages.list({ to, dateSentAfter: new Date(Date.now() + 60_000) })).toEqual([]);
  });

  it("are redacted, deleted, and cancelled only while they wait", async () => {
    const created = await send(THANDI, "secret");
    expect((await client.messages(created.sid).update({ body: "" })).body).toBe("");
    await callbacks("secret", 2);
    expect((await refusal(client.messages(created.sid).update({ status: "canceled" }))).code).toBe(30409);
    await client.messages(created.sid).remove();
    expect((await refusal(client.messages(created.sid).fetch())).status).toBe(404);
    await hand.turn({ stepMs: 60_000 });
    const waiting = await send(THANDI, "wait");
    expect((await client.messages(waiting.sid).update({ status: "canceled" })).status).toBe("canceled");
  });

  it("count segments by characters of the alphabet", async () => {
    await send(THANDI, "ê".repeat(71), "ucs");
    await send(THANDI, "€".repeat(80), "gsm");
    await send(THANDI, "€".repeat(81), "gsm2");
    await callbacks("gsm2", 2);
    const all = await hand.phone(THANDI).messages({ direction: "out" });
    const of = (c: string, n: number) => all.find((t) => t.body === c.repeat(n));
    expect(of("ê", 71)).toMatchObject({ segments: 2, encoding: "UCS-2" });
    expect(of("€", 80)).toMatchObject({ segments: 1, encoding: "GSM-7" });
    expect(of("€", 81)).toMatchObject({ segments: 2, encoding: "GSM-7" });
  });
});

describe("the contract", () => {
  const to = `To=${encodeURIComponent(THANDI)}`;
  const from = `From=${encodeURIComponent(smsNumber)}`;
  it.each([
    ["a misspelt key", `${to}&${from}&Body=x&StatusCalback=https://a.b/c`, 20001],
    ["a repeated key", `${to}&${from}&Body=x&Body=y`, 20001],
    ["no recipient", `${from}&Body=x`, 21604],
    ["a local number", `To=0821110001&${from}&Body=x`, 21211],
    ["no sender", `${to}&Body=x`, 21603],
    ["no body", `${to}&${from}`, 21602],
    ["1,601 characters", `${to}&${from}&Body=${"x".repeat(1601)}`, 21617],
    ["a sender that is not ours", `${to}&From=%2B27110000000&Body=x`, 21606],
    ["another Messaging Service", `${to}&MessagingServiceSid=MG${"0".repeat(32)}&Body=x`, 21701],
    ["a validity of a day", `${to}&${from}&Body=x&ValidityPeriod=99999`, 20001],
  ])("refuses %s", async (_, form, code) => {
    const answer = await raw(form);
    expect(await answer.json()).toMatchObject({
      code,
      status: answer.status,
      more_info: expect.stringContaining(String(code)),
    });
  });

  it("refuses a wrong password and another account", async () => {
    expect(await (await raw(`${to}&${from}&Body=x`, "Basic eDp5")).json()).toMatchObject({
      code: 20003,
      status: 401,
    });
    const other = twilio(`AC${"0".repeat(32)}`, authToken);
    other.api.baseUrl = sandbox.url;
    expect((await refusal(other.messages.list())).status).toBe(401);
  });
});

describe("magic numbers", () => {
  it("are all in the README", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    for (const [suffix, name] of Object.entries(magic))
      expect(readme).toMatch(new RegExp(`\\| …${suffix} +\\| ${name} `));
  });

  it.each([
    ["+27821119001", 30003],
    ["+27821119004", 30006],
  ])("%s is taken and not delivered: %i", async (to, code) => {
    await send(to, `to ${code}`, String(code));
    const seen = await callbacks(String(code), 2);
    expect(statuses(seen)).toEqual(["sent", "undelivered"]);
    expect(new URLSearchParams(seen[1]?.body).get("ErrorCode")).toBe(String(code));
    expect(await hand.phone(to).messages()).toEqual([]);
  });

  it.each([
    ["+27821119002", 21211],
    ["+27821119003", 21610],
  ])("%s is refused: %i", async (to, code) => {
    expect(await refusal(send(to, "x"))).toMatchObject({ code, status: 400 });
  });

  it("…9005 fails once, then is taken", async () => {
    expect(await refusal(send("+27821119005", "again"))).toMatchObject({ status: 500, code: 20500 });
    expect((await send("+27821119005", "again")).status).toBe("queued");
  });

  it("…9006 takes it, loses the answer, and still calls back", async () => {
    await expect(send("+27821119006", "lost")).rejects.toThrow();
    expect(statuses(await callbacks("lost", 2))).toEqual(["sent", "delivered"]);
  });

  it("…9007 takes it and tells nobody: only the list knows", async () => {
    await expect(send("+27821119007", "silent")).rejects.toThrow();
    await hand.phone("+27821119007").receives("silent");
    expect(product.seen.some((s) => s.url.endsWith("id=silent"))).toBe(false);
    expect((await client.messages.list({ to: "+27821119007" })).map((m) => [m.body, m.status])).toEqual([
      ["silent", "delivered"],
    ]);
  });
});

describe("knobs", () => {
  it("limit sends per second", async () => {
    await hand.turn({ sendsPerSecond: 1, retryAfterSeconds: 7 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        raw(`To=${encodeURIComponent(THANDI)}&From=${encodeURIComponent(smsNumber)}&Body=x`),
      ),
    );
    const throttled = answers.filter((a) => a.status === 429);
    expect(throttled.length).toBeGreaterThanOrEqual(2);
    expect(throttled[0]?.headers.get("retry-after")).toBe("7");
    expect(await throttled[0]?.json()).toMatchObject({ code: 20429 });
  });

  it("repeat, reverse and lose callbacks", async () => {
    await hand.turn({ duplicatedCallbacks: 1 });
    await send(THANDI, "twice");
    expect(statuses(await callbacks("twice", 4))).toEqual(["sent", "sent", "delivered", "delivered"]);
    await hand.turn({ duplicatedCallbacks: 0, reorderedCallbacks: 1 });
    await send(THANDI, "backwards");
    expect(statuses(await callbacks("backwards", 2))).toEqual(["delivered", "sent"]);
    await hand.turn({ reorderedCallbacks: 0, lostCallbacks: 1 });
    await send(THANDI, "gone");
    await hand.phone(THANDI).receives("gone");
    expect(product.seen.some((s) => s.url.endsWith("id=gone"))).toBe(false);
  });

  it("fail requests and texts", async () => {
    await hand.turn({ errorRate: 1 });
    expect((await refusal(send(THANDI, "x"))).code).toBe(20500);
    await hand.turn({ errorRate: 0, failureRate: 1 });
    await send(THANDI, "fails");
    expect(statuses(await callbacks("fails", 2))).toEqual(["sent", "undelivered"]);
  });

  it("refuse what is no knob", async () => {
    await expect(hand.turn({ latency: 5 } as object)).rejects.toThrow("latency");
    await expect(hand.turn({ errorRate: 2 })).rejects.toThrow("errorRate");
  });

  it("let Twilio itself honour STOP", async () => {
    await hand.turn({ carrierStop: true });
    await hand.phone("+27821110003").say({ channel: "sms", text: "STOP" });
    expect((await refusal(send("+27821110003", "x"))).code).toBe(21610);
    await hand.phone("+27821110003").say({ channel: "sms", text: "Start" });
    expect((await send("+27821110003", "x")).status).toBe("queued");
  });
});

describe("a phone", () => {
  it("reaches the product by a signed webhook, and the carrier's list", async () => {
    const text = await hand.phone(THANDI).say("JOIN");
    const [call] = await product.waitFor((s) => s.body.includes(text.id));
    const form = Object.fromEntries(new URLSearchParams(call?.body));
    expect(form).toMatchObject({
      From: THANDI,
      To: smsNumber,
      Body: "JOIN",
      NumMedia: "0",
      AccountSid: accountSid,
    });
    expect(
      twilio.validateRequest(
        authToken,
        String(call?.headers["x-twilio-signature"]),
        `${product.url}/webhooks/twilio/messages`,
        form,
      ),
    ).toBe(true);
    expect(text.handed).toBe("taken");
    const [listed] = await client.messages.list({ to: smsNumber, from: THANDI, limit: 1 });
    expect(listed).toMatchObject({ sid: text.id, direction: "inbound", status: "received" });
  });

  it("shows that the product did not take it, and keeps it in the list", async () => {
    product.answer(() => ({ status: 503 }));
    const text = await hand.phone(THANDI).say("anybody?");
    expect(text.handed).toBe("refused");
    expect((await client.messages(text.id).fetch()).body).toBe("anybody?");
  });

  it("gets what a TwiML answer says", async () => {
    product.answer(() => ({
      type: "text/xml",
      body: "<Response><Message><Body>Bread &amp; milk</Body></Message><Message>Two</Message></Response>",
    }));
    await hand.phone(THANDI).say("hi");
    await hand.phone(THANDI).receives("Bread & milk");
    await hand.phone(THANDI).receives("Two");
  });

  it("sends a place and a photo by WhatsApp only", async () => {
    const pieter = hand.phone(PIETER);
    const place = await pieter.say({ location: { latitude: -33.9, longitude: 18.4, label: "Clinic" } });
    const [first] = await product.waitFor((s) => s.body.includes(place.id));
    expect(Object.fromEntries(new URLSearchParams(first?.body))).toMatchObject({
      From: `whatsapp:${PIETER}`,
      Latitude: "-33.9",
      Longitude: "18.4",
      Label: "Clinic",
      MessageType: "location",
    });
    const bytes = Buffer.from("not really a photo");
    const photo = await pieter.say({
      text: "look",
      photo: { contentType: "image/png", base64: bytes.toString("base64") },
    });
    const [second] = await product.waitFor((s) => s.body.includes(photo.id));
    const url = new URLSearchParams(second?.body).get("MediaUrl0") ?? "";
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(bytes);
    await expect(hand.phone(THANDI).say({ location: { latitude: 0, longitude: 0 } })).rejects.toThrow("SMS");
  });

  it("is written to by WhatsApp only within 24 hours, or by an approved template", async () => {
    const whatsapp = (to: string, more: object) =>
      client.messages.create({
        to: `whatsapp:${to}`,
        from: `whatsapp:${whatsappNumber}`,
        statusCallback: `${product.url}/webhooks/twilio/status?id=${to}`,
        ...more,
      } as Parameters<typeof client.messages.create>[0]);
    await whatsapp("+27821110004", { body: "free text" });
    const [failed] = await callbacks("+27821110004", 1);
    expect(Object.fromEntries(new URLSearchParams(failed?.body))).toMatchObject({
      MessageStatus: "failed",
      ErrorCode: "63016",
    });
    await whatsapp("+27821110004", { contentSid: `HX${"1".repeat(32)}`, contentVariables: '{"1":"Sarah"}' });
    await hand.phone("+27821110004").receives("Sarah");
    await hand.phone("+27821110004").say("hello");
    await whatsapp("+27821110004", { body: "now it passes" });
    await hand.phone("+27821110004").receives("now it passes");
    await hand.phone("+27821110004").read();
    await product.waitFor((s) => s.body.includes("MessageStatus=read"));
  });
});

it("calls nobody outside this machine", async () => {
  await client.messages.create({
    to: THANDI,
    from: smsNumber,
    body: "far",
    statusCallback: "https://example.com/status",
  });
  const problems: string[] = [];
  sandbox.state.watch((notice) => {
    if (notice.kind === "problem") problems.push(notice.detail);
  });
  await hand.phone(THANDI).receives("far");
  await expect.poll(() => problems.join()).toContain("not on this machine");
});
