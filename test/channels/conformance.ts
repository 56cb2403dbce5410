import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Arrival,
  BadRequest,
  type Channel,
  ForgedRequest,
  type Log,
  type OutboundMessage,
  type Receipt,
  type SendFailure,
  type Surroundings,
  type Webhook,
  type WebhookRequest,
} from "#channels";
import type { Script, Taken } from "./fake-carrier.ts";
import { type Guard, loopbackOnly } from "./loopback-only.ts";

export const NOW = new Date("2026-11-23T10:00:00.000Z");
export const PUBLIC_URL = "https://engage.example.org";
export const MESSAGE_ID = "0193581a-7c00-7000-8000-000000000001";

/** Everything that an adapter wrote to its log, as text. */
export interface Lines extends Log {
  readonly text: () => string;
}

export function lines(): Lines {
  const kept: string[] = [];
  const keep = (data: object, words: string): void => {
    const plain = Object.entries(data).map(([key, value]) => [
      key,
      value instanceof Error ? String(value) : value,
    ]);
    kept.push(`${words} ${JSON.stringify(Object.fromEntries(plain))}`);
  };
  return { debug: keep, info: keep, warn: keep, error: keep, text: () => kept.join("\n") };
}

export function surroundings(log: Log): Surroundings {
  return { publicUrl: PUBLIC_URL, mac: (text) => `mac-of-${text}`, clock: () => NOW, log };
}

export interface Subject {
  readonly channel: Channel;
  /** What the carrier does from now on; the default is to accept. */
  answer(script: Script | "accept"): void;
  readonly taken: readonly Taken[];
  /** The carrier goes down. */
  unplug(): Promise<void>;
  close(): Promise<void>;
}

interface Outbound {
  readonly name: string;
  readonly message: OutboundMessage;
  /** The parts of the request that this case is about. */
  readonly wire: Readonly<Record<string, unknown>>;
}

interface Refusal {
  readonly name: string;
  readonly answer: Script;
  readonly failure: SendFailure;
  readonly code?: string;
  readonly retryAfterMs?: number;
}

interface Inbound {
  readonly name: string;
  readonly request: WebhookRequest;
  readonly arrivals: readonly Arrival[];
}

const CASES = [
  "sends",
  "refuses to send",
  "carrier's refusals",
  "lost answer",
  "carrier down",
  "look-up",
  "receives",
  "forged",
  "malformed",
  "receipts out of order",
  "any text comes through",
  "any bytes are survived",
] as const;
type CaseName = (typeof CASES)[number];

export interface Harness {
  readonly name: string;
  open(log: Log): Promise<Subject>;
  /** None of these may stand in a log line or in a receipt. */
  readonly secrets: readonly string[];
  /** Cases that this carrier cannot have, and why. */
  readonly skips: Partial<Record<CaseName, string>>;
  readonly plain: OutboundMessage;
  readonly outbound?: readonly Outbound[];
  /** What the request says, for comparison with `wire`. */
  wireOf?(request: Taken): Readonly<Record<string, unknown>>;
  /** Where the request breaks the carrier's own contract; empty when it does not. */
  contractFaults?(request: Taken): readonly string[];
  readonly refused?: readonly {
    readonly name: string;
    readonly message: OutboundMessage;
    readonly failure: SendFailure;
  }[];
  readonly refusals?: readonly Refusal[];
  readonly lookUp?: {
    /** The carrier's list, with and without the message. */
    readonly has: Script;
    readonly hasNot: Script;
    readonly found: Partial<Receipt>;
  };
  readonly inbound?: readonly Inbound[];
  readonly forged?: readonly { readonly name: string; readonly request: WebhookRequest }[];
  readonly malformed?: readonly { readonly name: string; readonly request: WebhookRequest }[];
  /** Status requests in the order delivered, sent, read. */
  readonly receipts?: readonly WebhookRequest[];
  /** A signed message with this text. */
  said?(text: string): WebhookRequest;
}

function present<T>(value: T | undefined, name: CaseName, harness: Harness): T {
  if (value === undefined)
    throw new Error(`${harness.name}: "${name}" has neither data nor a reason to be skipped`);
  return value;
}

/** The one suite that every adapter passes; what it cannot have is named with its reason. */
export function testChannel(harness: Harness): void {
  describe(harness.name, () => {
    const log = lines();
    const receipts: unknown[] = [];
    let guard: Guard;
    let subject: Subject;
    beforeAll(async () => {
      guard = loopbackOnly();
      subject = await harness.open(log);
    });
    afterAll(async () => {
      await subject.close();
      guard.lift();
    });

    const data = <T>(name: CaseName, value: T | undefined): T | undefined =>
      harness.skips[name] === undefined ? present(value, name, harness) : undefined;
    for (const [name, reason] of Object.entries(harness.skips)) it.skip(`${name}: ${reason}`, () => {});

    const send = async (message: OutboundMessage): Promise<Receipt> => {
      const receipt = await subject.channel.send(message);
      receipts.push(receipt);
      return receipt;
    };
    const webhook = (request: WebhookRequest): Webhook => {
      const path = request.url.split("?", 1)[0];
      const found = subject.channel.webhooks.find((w) => w.path === path && w.method === request.method);
      if (!found) throw new Error(`no webhook at ${request.method} ${path}`);
      return found;
    };

    it("says who it is and what it can do", () => {
      expect(subject.channel.carrier).toMatch(/^[a-z]+$/);
      expect(subject.channel.limits.textLength).toBeGreaterThan(0);
      expect(subject.channel.limits.perSecond).toBeGreaterThan(0);
    });

    describe.skipIf(harness.skips.sends)("sends", () => {
      it.each((data("sends", harness.outbound) ?? []).map((o) => [o.name, o] as const))(
        "%s",
        async (_name, { message, wire }) => {
          subject.answer("accept");
          const before = subject.taken.length;
          const receipt = await send(message);
          expect(receipt).toMatchObject({ messageId: message.id });
          expect(["sending", "sent", "delivered"]).toContain(receipt.status);
          expect(receipt.providerId).toBeTruthy();
          expect(subject.taken.length).toBe(before + 1);
          const request = subject.taken[before];
          if (!request || !harness.wireOf || !harness.contractFaults) throw new Error("no wire to compare");
          expect(harness.wireOf(request)).toMatchObject(wire);
          expect(harness.contractFaults(request)).toEqual([]);
          expect(request.body).toContain(message.id);
        },
      );
    });

    describe.skipIf(harness.skips["refuses to send"])("refuses to send", () => {
      it.each((data("refuses to send", harness.refused) ?? []).map((r) => [r.name, r] as const))(
        "%s",
        async (_name, { message, failure }) => {
          subject.answer("accept");
          const before = subject.taken.length;
          expect(await send(message)).toMatchObject({ messageId: message.id, status: "failed", failure });
          expect(subject.taken.length).toBe(before);
        },
      );
    });

    describe.skipIf(harness.skips["carrier's refusals"])("tells the carrier's refusals apart", () => {
      it.each((data("carrier's refusals", harness.refusals) ?? []).map((r) => [r.name, r] as const))(
        "%s",
        async (_name, { answer, failure, code, retryAfterMs }) => {
          subject.answer(answer);
          const receipt = await send(harness.plain);
          expect(receipt).toMatchObject({
            messageId: harness.plain.id,
            status: "failed",
            failure,
            ...(code === undefined ? {} : { code }),
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          });
          expect((receipt as { detail: string }).detail).toMatch(/^[A-Z].{10,}/);
        },
      );
    });

    it.skipIf(data("lost answer", harness.plain) === undefined)(
      "does not know the outcome when the line is cut after the request",
      async () => {
        subject.answer("cut");
        const before = subject.taken.length;
        expect(await send(harness.plain)).toMatchObject({ status: "failed", failure: "unknown_outcome" });
        // Once and no more: repeating is the dispatcher's decision.
        expect(subject.taken.length).toBe(before + 1);
      },
    );

    describe.skipIf(harness.skips["look-up"])("looks up what became of a message in doubt", () => {
      const given = data("look-up", harness.lookUp);
      it("finds it", async () => {
        subject.answer(given?.has ?? "cut");
        expect(await subject.channel.lookUp?.(harness.plain, NOW.toISOString())).toMatchObject({
          messageId: harness.plain.id,
          ...given?.found,
        });
      });
      it("knows that it is absent", async () => {
        subject.answer(given?.hasNot ?? "cut");
        expect(await subject.channel.lookUp?.(harness.plain, NOW.toISOString())).toBe("absent");
      });
      it("is still in doubt when the carrier cannot be asked", async () => {
        subject.answer("cut");
        expect(await subject.channel.lookUp?.(harness.plain, NOW.toISOString())).toMatchObject({
          status: "failed",
          failure: "unknown_outcome",
        });
      });
    });

    describe.skipIf(harness.skips.receives)("receives", () => {
      it.each((data("receives", harness.inbound) ?? []).map((i) => [i.name, i] as const))(
        "%s",
        (_name, { request, arrivals }) => {
          const received = webhook(request).receive(request);
          expect(received.arrivals).toEqual(arrivals);
          expect(received.reply.status).toBe(200);
        },
      );
    });

    describe.skipIf(harness.skips.forged)("refuses as forged", () => {
      it.each((data("forged", harness.forged) ?? []).map((f) => [f.name, f.request] as const))(
        "%s",
        (_name, request) => {
          expect(() => webhook(request).receive(request)).toThrow(ForgedRequest);
        },
      );
    });

    describe.skipIf(harness.skips.malformed)("refuses as malformed", () => {
      it.each((data("malformed", harness.malformed) ?? []).map((m) => [m.name, m.request] as const))(
        "%s",
        (_name, request) => {
          expect(() => webhook(request).receive(request)).toThrow(BadRequest);
        },
      );
    });

    it.skipIf(data("receipts out of order", harness.receipts) === undefined)(
      "hands on receipts in any order, each with our id and the carrier's",
      () => {
        const statuses = (harness.receipts ?? []).flatMap((request) =>
          webhook(request)
            .receive(request)
            .arrivals.map((arrival) => {
              if (arrival.kind !== "receipt") throw new Error("not a receipt");
              expect(arrival.channel).toBe(subject.channel.name);
              expect(arrival.receipt.messageId).toBe(MESSAGE_ID);
              expect(arrival.receipt.providerId).toBeTruthy();
              return arrival.receipt.status;
            }),
        );
        expect(statuses).toEqual(["delivered", "sent", "read"]);
      },
    );

    it.skipIf(data("any text comes through", harness.said) === undefined)(
      "lets any text come through",
      () => {
        const said = harness.said as (text: string) => WebhookRequest;
        fc.assert(
          fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), (text) => {
            const request = said(text);
            const [arrival] = webhook(request).receive(request).arrivals;
            expect(arrival?.kind === "message" && arrival.message.text).toBe(
              text.replaceAll("\u0000", "").toWellFormed(),
            );
          }),
          { numRuns: 300 },
        );
      },
    );

    it.skipIf(data("any bytes are survived", harness.said) === undefined)(
      "throws nothing but forged and malformed, whatever comes",
      () => {
        const genuine = (harness.said as (text: string) => WebhookRequest)("Sawubona");
        fc.assert(
          fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(255), (noise, at, byte) => {
            const flipped = Uint8Array.from(genuine.body);
            flipped[at % flipped.length] = byte;
            for (const body of [noise, flipped])
              try {
                webhook(genuine).receive({ ...genuine, body });
              } catch (error) {
                expect(error instanceof ForgedRequest || error instanceof BadRequest).toBe(true);
              }
          }),
          { numRuns: 300 },
        );
      },
    );

    it.skipIf(data("carrier down", harness.plain) === undefined)(
      "is unavailable while the carrier is down",
      async () => {
        await subject.unplug();
        const receipt = await send(harness.plain);
        expect(receipt).toMatchObject({ status: "failed", failure: "unavailable" });
      },
    );

    it("says no secret, and reached nobody but this machine", () => {
      const said = `${log.text()}\n${JSON.stringify(receipts)}`;
      for (const secret of harness.secrets) expect(said).not.toContain(secret);
      expect(guard.refused).toEqual([]);
    });

    it("closes twice", async () => {
      await subject.channel.close?.();
      await subject.channel.close?.();
    });
  });
}

export function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  contentType = "application/x-www-form-urlencoded",
): WebhookRequest {
  return {
    method: "POST",
    url,
    headers: { "content-type": contentType, ...headers },
    body: Buffer.from(body),
  };
}
