import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openClient, type SandboxClient } from "../client.ts";
import { isMetaStatusValue } from "../contract.ts";
import { credentials } from "../credentials.ts";
import { type Sandbox, startSandbox } from "../sandbox.ts";
import { openProduct, type Product } from "../test-product.ts";
import { loadTown } from "../town.ts";

const { token, phoneNumberId, appSecret, verifyToken } = credentials.meta;
const town = {
  ...loadTown(new URL("../fixture-town.json", import.meta.url).pathname),
  whatsappTemplates: [
    { name: "water_notice", language: "en", body: "Dear {{1}}, boil your water until {{2}}." },
  ],
};
const PIETER = "+27821110002";
const SARAH = "+27821110004";

let product: Product;
let sandbox: Sandbox;
let hand: SandboxClient;

beforeAll(async () => {
  product = await openProduct();
  sandbox = await startSandbox({ town, port: 0, server: product.url });
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

interface GraphAnswer {
  readonly messages?: readonly { readonly id: string }[];
  readonly error?: { readonly code: number; readonly error_data?: { readonly details: string } };
}
const graph = (message: object, bearer: string = token) =>
  fetch(`${sandbox.url}/v23.0/${phoneNumberId}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify({ messaging_product: "whatsapp", recipient_type: "individual", ...message }),
  });
const send = async (to: string, message: object): Promise<GraphAnswer> =>
  (await (await graph({ to: to.slice(1), ...message })).json()) as GraphAnswer;
const text = (body: string) => ({ type: "text", text: { body } });

interface StatusValue {
  readonly statuses?: readonly {
    readonly id: string;
    readonly status: string;
    readonly biz_opaque_callback_data?: string;
    readonly errors?: readonly { readonly code: number }[];
  }[];
  readonly messages?: readonly Record<string, unknown>[];
}
const values = (): readonly StatusValue[] =>
  product.seen
    .filter((s) => s.path === "/webhooks/whatsapp")
    .flatMap((s) => (JSON.parse(s.body) as { entry: { changes: { value: StatusValue }[] }[] }).entry)
    .flatMap((e) => e.changes.map((c) => c.value));
const statusesOf = (id: string) =>
  values()
    .flatMap((v) => v.statuses ?? [])
    .filter((s) => s.id === id);

describe("messages", () => {
  it("are taken within the window, and their statuses are signed and carry our own id", async () => {
    await hand.phone(PIETER).say("hallo");
    const answer = await send(PIETER, { ...text("Goeie dag"), biz_opaque_callback_data: "our-id" });
    const id = answer.messages?.[0]?.id ?? "";
    await expect.poll(() => statusesOf(id).map((s) => s.status)).toEqual(["sent", "delivered"]);
    expect(statusesOf(id).every((s) => s.biz_opaque_callback_data === "our-id")).toBe(true);
    for (const call of product.seen) {
      const wanted = `sha256=${createHmac("sha256", appSecret).update(call.body).digest("hex")}`;
      expect(call.headers["x-hub-signature-256"]).toBe(wanted);
    }
    expect(
      values()
        .filter((v) => v.statuses)
        .every(isMetaStatusValue),
    ).toBe(true);
    await hand.phone(PIETER).receives("Goeie dag");
    await hand.phone(PIETER).read();
    await expect.poll(() => statusesOf(id).at(-1)?.status).toBe("read");
  });

  it("fail outside the window with 131047, unless a template is approved", async () => {
    const answer = await send(SARAH, text("free text"));
    await expect
      .poll(() => statusesOf(answer.messages?.[0]?.id ?? ""))
      .toMatchObject([{ status: "failed", errors: [{ code: 131047 }] }]);
    const template = (name: string, parameters: string[]) => ({
      type: "template",
      template: {
        name,
        language: { code: "en" },
        components: [{ type: "body", parameters: parameters.map((p) => ({ type: "text", text: p })) }],
      },
    });
    await send(SARAH, template("water_notice", ["Sarah", "Friday"]));
    await hand.phone(SARAH).receives("Dear Sarah, boil your water until Friday.");
    expect((await send(SARAH, template("water_notice", ["Sarah"]))).error?.code).toBe(132000);
    expect((await send(SARAH, template("unknown", []))).error?.code).toBe(132001);
  });

  it.each([
    ["an unknown key", { ...text("x"), extra: true }, "extra"],
    ["a misspelt key within", { type: "text", text: { boddy: "x" } }, "boddy"],
    ["4,097 characters", text("x".repeat(4097)), "4096"],
    ["four buttons", buttons(4), "3"],
    ["a button title of 21 characters", buttons(1, "x".repeat(21)), "20"],
    ["eleven rows in two sections", rows(6, 5), "10 rows"],
    ["two rows with one id", rows(1, 1, "same"), "unique"],
    ["another product", { ...text("x"), messaging_product: "sms" }, "messaging_product"],
    ["an unknown type", { type: "poll" }, "poll"],
  ])("are refused with %s", async (_, message, word) => {
    const { error } = await send(PIETER, message);
    expect(error?.code).toBe(100);
    expect(error?.error_data?.details).toContain(word);
  });

  it("need the token and the right number", async () => {
    expect((await graph(text("x"), "wrong")).status).toBe(401);
    const other = await fetch(`${sandbox.url}/v23.0/1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(other.status).toBe(400);
  });

  it("obey the magic numbers and the rate limit", async () => {
    const unreachable = await send("+27821119001", text("x"));
    await expect
      .poll(() => statusesOf(unreachable.messages?.[0]?.id ?? "")[0]?.errors?.[0]?.code)
      .toBe(131026);
    expect((await send("+27821119002", text("x"))).error?.code).toBe(100);
    expect((await send("+27821119005", text("x"))).error?.code).toBe(131000);
    expect((await send("+27821119005", text("x"))).messages).toHaveLength(1);
    await expect(send("+27821119006", text("x"))).rejects.toThrow();
    await hand.turn({ sendsPerSecond: 1 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => graph({ to: PIETER.slice(1), ...text("x") })));
    expect(answers.filter((a) => a.status === 429).length).toBeGreaterThanOrEqual(2);
  });
});

describe("a phone", () => {
  it("taps buttons and list rows that it was offered", async () => {
    const pieter = hand.phone(PIETER);
    await pieter.say("hi");
    await send(PIETER, buttons(2));
    await pieter.receives("choose");
    const tapped = await pieter.say({ choose: "Title 1" });
    await send(PIETER, rows(2, 0));
    await pieter.receives("pick");
    const picked = await pieter.say({ choose: "r1" });
    const of = (id: string) =>
      values()
        .flatMap((v) => v.messages ?? [])
        .find((m) => m.id === id);
    expect(of(tapped.id)).toMatchObject({
      type: "interactive",
      interactive: { type: "button_reply", button_reply: { id: "1", title: "Title 1" } },
      context: { id: expect.stringContaining("wamid.") },
    });
    expect(of(picked.id)).toMatchObject({
      interactive: { type: "list_reply", list_reply: { id: "r1", title: "Row 1" } },
    });
    await expect(pieter.say({ choose: "nothing" })).rejects.toThrow("was not offered");
  });

  it("sends a place and a photo, which the product can fetch with its token only", async () => {
    const pieter = hand.phone(PIETER);
    await pieter.say({ location: { latitude: -33.9, longitude: 18.4 } });
    const bytes = Buffer.from("pixels");
    const photo = await pieter.say({
      photo: { contentType: "image/jpeg", base64: bytes.toString("base64") },
    });
    const messages = values().flatMap((v) => v.messages ?? []);
    expect(messages).toContainEqual(
      expect.objectContaining({ type: "location", location: { latitude: -33.9, longitude: 18.4 } }),
    );
    const image = messages.find((m) => m.id === photo.id)?.image as { id: string };
    const headers = { authorization: `Bearer ${token}` };
    const about = (await (await fetch(`${sandbox.url}/v23.0/${image.id}`, { headers })).json()) as {
      url: string;
    };
    expect((await fetch(about.url)).status).toBe(401);
    expect(Buffer.from(await (await fetch(about.url, { headers })).arrayBuffer())).toEqual(bytes);
  });

  it("is heard in the end: Meta repeats what the product did not take", async () => {
    let refusals = 1;
    product.answer(() => (refusals-- > 0 ? { status: 503 } : undefined));
    const said = await hand.phone(PIETER).say("are you there?");
    expect(said.handed).toBe("pending");
    await product.waitFor((s) => s.body.includes(said.id), 2);
    await expect.poll(async () => (await hand.phone(PIETER).messages()).at(-1)?.handed).toBe("taken");
  });
});

it("asks for the challenge with the verify token", async () => {
  product.answer((seen) => {
    const query = new URL(seen.url, product.url).searchParams;
    return query.get("hub.verify_token") === verifyToken
      ? { body: query.get("hub.challenge") ?? "" }
      : { status: 403 };
  });
  expect(await hand.verifyWhatsApp()).toEqual({ ok: true, status: 200 });
  product.answer(() => ({ status: 403 }));
  expect((await hand.verifyWhatsApp()).ok).toBe(false);
});

function buttons(count: number, title = "Title 1"): object {
  return {
    type: "interactive",
    interactive: {
      type: "button",
      body: { text: "choose" },
      action: {
        buttons: Array.from({ length: count }, (_, i) => ({
          type: "reply",
          reply: { id: String(i + 1), title: i === 0 ? title : `Title ${i + 1}` },
        })),
      },
    },
  };
}

function rows(first: number, second: number, id?: string): object {
  const make = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => ({ id: id ?? `r${from + i + 1}`, title: `Row ${from + i + 1}` }));
  const sections = [
    { title: "A", rows: make(first, 0) },
    ...(second > 0 ? [{ title: "B", rows: make(second, first) }] : []),
  ];
  return {
    type: "interactive",
    interactive: { type: "list", body: { text: "pick" }, action: { button: "Open", sections } },
  };
}
