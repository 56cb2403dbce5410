import { metaId } from "../carrier-ids.ts";
import { credentials } from "../credentials.ts";
import { happens } from "../knobs.ts";
import { createFirstTime, magicOf } from "../magic.ts";
import type { MediaStore } from "../media.ts";
import type { PhoneSays } from "../phone-says.ts";
import { segment } from "../segments.ts";
import { isFinal, type Step, walk } from "../status-walk.ts";
import type { Surroundings } from "../surroundings.ts";
import { accepted, metaSignature, post } from "../webhook.ts";
import { insideWindow } from "../window.ts";
import type { Text, TextMedia } from "../world.ts";
import { errors, type MetaError } from "./errors.ts";
import { inboundValue, statusValue } from "./payloads.ts";
import { type MetaMessage, shown } from "./shown.ts";

export type Created = { readonly text: Text; readonly answerLost: boolean } | { readonly error: MetaError };

export interface Meta {
  create(message: MetaMessage): Created;
  say(phone: string, says: PhoneSays): Promise<Text>;
  read(text: Text): Promise<void>;
  /** After a restart: texts under way go on, and webhooks that were not taken are tried again. */
  resume(): void;
}

const WEBHOOK_TIMEOUT_MS = 15_000;
/** Meta tries for 7 days with growing pauses; these are shorter, and the last repeats. */
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;
const MAX_TRIES = 200;

export function openMeta(around: Surroundings, media: MediaStore): Meta {
  const { state } = around;
  const firstTime = createFirstTime();

  /** Tells the product, and again until it says yes. Resolves after the first try. */
  const deliver = async (value: object, done: (taken: boolean) => void, tries = 0): Promise<void> => {
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: credentials.meta.businessId, changes: [{ value, field: "messages" }] }],
    });
    const answer = await post(
      `${around.server()}/webhooks/whatsapp`,
      {
        "content-type": "application/json",
        "x-hub-signature-256": metaSignature(credentials.meta.appSecret, body),
      },
      body,
      WEBHOOK_TIMEOUT_MS,
    );
    done(accepted(answer));
    if (accepted(answer)) return;
    around.problem(
      "meta",
      `The product answered ${answer.status || answer.problem} to a WhatsApp webhook (try ${tries + 1}).`,
    );
    if (tries + 1 < MAX_TRIES)
      around.later(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0, () =>
        deliver(value, done, tries + 1),
      );
  };

  const callback = (text: Text, step: Step) => deliver(statusValue(text, step), () => {});

  const hand = async (text: Text) => {
    const value = inboundValue(text, state.phones.get(text.phone)?.name ?? text.phone);
    await deliver(value, (taken) =>
      state.change({ kind: "text", text: { ...text, handed: taken ? "taken" : "pending" } }),
    );
    if (happens(state.knobs.duplicatedInbound)) await deliver(value, () => {});
  };

  return {
    create: (message) => {
      const phone = `+${message.to.replace(/^\+/, "")}`;
      const kind = magicOf(phone);
      if (kind === "invalid")
        return { error: errors.parameter(`Recipient ${message.to} is not a valid phone number`) };
      const content = shown(message, state.town.whatsappTemplates);
      if ("error" in content) return { error: content.error };
      if (kind === "first-fails" && firstTime(`${phone} ${content.body}`)) return { error: errors.internal };
      const now = new Date().toISOString();
      const text: Text = {
        id: metaId(),
        carrier: "meta",
        channel: "whatsapp",
        direction: "out",
        phone,
        line: state.town.lines.whatsapp,
        status: "accepted",
        createdAt: now,
        updatedAt: now,
        ...segment(content.body),
        ...content,
        ...(message.biz_opaque_callback_data ? { opaque: message.biz_opaque_callback_data } : {}),
      };
      state.change({ kind: "text", text });
      walk(around, text.id, stepsOf(text, around), callback, kind === "answer-and-callbacks-lost");
      const lostByNumber = kind === "answer-lost" || kind === "answer-and-callbacks-lost";
      return { text, answerLost: lostByNumber || happens(state.knobs.lostAnswers) };
    },
    say: async (phone, says) => {
      const now = new Date().toISOString();
      const stored: TextMedia[] = [];
      if (says.photo) {
        const id = String(Date.now()) + String(Math.floor(Math.random() * 1e6)).padStart(6, "0");
        media.put(id, says.photo.contentType, says.photo.bytes);
        stored.push({ id, contentType: says.photo.contentType, url: `/sandbox/api/media/${id}` });
      }
      const body = says.choice ? says.choice.title : (says.text ?? "");
      const text: Text = {
        id: metaId(),
        carrier: "meta",
        channel: "whatsapp",
        direction: "in",
        phone,
        line: state.town.lines.whatsapp,
        body,
        status: "received",
        createdAt: now,
        updatedAt: now,
        sentAt: now,
        ...segment(body),
        ...(stored.length > 0 ? { media: stored } : {}),
        ...(says.location ? { location: says.location } : {}),
        ...(says.choice ? { choice: says.choice } : {}),
        handed: "pending",
      };
      state.change({ kind: "text", text });
      await hand(text);
      return state.texts.get(text.id) ?? text;
    },
    read: async (text) => {
      if (text.status !== "delivered") return;
      const seen: Text = { ...text, status: "read", updatedAt: new Date().toISOString() };
      state.change({ kind: "text", text: seen });
      await callback(seen, { status: "read" });
    },
    resume: () => {
      for (const text of state.texts.values()) {
        if (text.carrier !== "meta") continue;
        if (text.direction === "in" && text.handed === "pending") around.later(0, () => hand(text));
        if (text.direction === "out" && !isFinal(text))
          walk(around, text.id, stepsOf(text, around), callback);
      }
    },
  };
}

function stepsOf(text: Text, around: Surroundings): readonly Step[] {
  const kind = magicOf(text.phone);
  const fails = (code: number, message: string): readonly Step[] => [
    { status: "failed", error: { code, message } },
  ];
  if (kind === "unreachable") return fails(131026, "Message undeliverable");
  if (kind === "landline") return fails(131026, "Message undeliverable");
  if (kind === "opted-out") return fails(131050, "User has stopped receiving messages from this business");
  if (!text.template && !insideWindow(around.state.textsOf(text.phone), text.createdAt))
    return fails(131047, "Re-engagement message");
  if (happens(around.state.knobs.failureRate)) return fails(131000, "Something went wrong");
  const steps: readonly Step[] = [{ status: "sent" }, { status: "delivered" }];
  return steps.slice(steps.findIndex((s) => s.status === text.status) + 1);
}
