import { twilioSid } from "../carrier-ids.ts";
import { credentials } from "../credentials.ts";
import { happens } from "../knobs.ts";
import { createFirstTime, magicOf } from "../magic.ts";
import type { MediaStore } from "../media.ts";
import type { PhoneSays } from "../phone-says.ts";
import { segment } from "../segments.ts";
import { isFinal, type Step, walk } from "../status-walk.ts";
import type { Surroundings } from "../surroundings.ts";
import { accepted, localTarget, post, twilioSignature } from "../webhook.ts";
import { insideWindow } from "../window.ts";
import type { PhoneChannel, Text, TextMedia } from "../world.ts";
import { errors, invalidTo, optedOut, type TwilioError, wrongFrom } from "./errors.ts";
import { inboundForm } from "./inbound-form.ts";
import { repliesIn } from "./twiml.ts";

export interface CreateValues {
  readonly To: string;
  readonly From?: string;
  readonly MessagingServiceSid?: string;
  readonly Body?: string;
  readonly MediaUrl?: readonly string[];
  readonly ContentSid?: string;
  readonly ContentVariables?: string;
  readonly StatusCallback?: string;
}

export type Created = { readonly text: Text; readonly answerLost: boolean } | { readonly error: TwilioError };

export interface Twilio {
  create(values: CreateValues): Created;
  /** A phone says something: stored, and the product's webhook called. */
  say(phone: string, channel: PhoneChannel, says: PhoneSays): Promise<Text>;
  /** The person opened a WhatsApp conversation. */
  read(text: Text): Promise<void>;
  /** After a restart: texts under way go on. */
  resume(): void;
}

const WEBHOOK_TIMEOUT_MS = 15_000;
const { accountSid, authToken, messagingServiceSid } = credentials.twilio;
const STOP_WORDS = /^(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)$/i;
const START_WORDS = /^(start|yes|unstop)$/i;

export function openTwilio(around: Surroundings, media: MediaStore): Twilio {
  const { state } = around;
  const firstTime = createFirstTime();

  const callback = async (text: Text, step: Step) => {
    if (!text.callback) return;
    const target = localTarget(text.callback, around.publicUrl(), around.server());
    if (!target)
      return around.problem(
        "twilio",
        `The status callback ${text.callback} is not on this machine: not called.`,
      );
    const form = statusForm(text, step);
    const answer = await post(
      target,
      {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": twilioSignature(authToken, text.callback, form),
        "i-twilio-idempotency-token": text.id,
      },
      form.toString(),
      WEBHOOK_TIMEOUT_MS,
    );
    if (!accepted(answer))
      around.problem(
        "twilio",
        `Status callback of ${text.id} (${step.status}) was answered ${answer.status} ${answer.problem ?? ""}`,
      );
  };

  const start = (text: Text, silent: boolean) =>
    walk(around, text.id, stepsOf(text, around), callback, silent);

  const create = (values: CreateValues): Created => {
    const channel: PhoneChannel = values.To.startsWith("whatsapp:") ? "whatsapp" : "sms";
    const phone = values.To.replace("whatsapp:", "");
    const kind = magicOf(phone);
    const line = state.town.lines[channel];
    if (values.MessagingServiceSid && values.MessagingServiceSid !== messagingServiceSid)
      return { error: errors.noService };
    if (values.From && values.From.replace("whatsapp:", "") !== line)
      return { error: wrongFrom(values.From) };
    if (values.From && values.From.startsWith("whatsapp:") !== (channel === "whatsapp"))
      return { error: wrongFrom(values.From) };
    if (!/^\+[1-9]\d{6,14}$/.test(phone) || kind === "invalid") return { error: invalidTo(values.To) };
    if (kind === "opted-out") return { error: optedOut() };
    if (state.knobs.carrierStop && channel === "sms" && stopped(state.textsOf(phone)))
      return { error: optedOut() };
    const content = contentBody(values, around);
    if ("code" in content) return { error: content };
    if (kind === "first-fails" && firstTime(`${values.To} ${content.body}`))
      return { error: errors.internal };
    const now = new Date().toISOString();
    const service = values.MessagingServiceSid;
    const text: Text = {
      id: twilioSid(values.MediaUrl ? "MM" : "SM"),
      carrier: "twilio",
      channel,
      direction: "out",
      phone,
      line,
      body: content.body,
      status: service ? "accepted" : "queued",
      createdAt: now,
      updatedAt: now,
      ...segment(content.body),
      ...(values.MediaUrl ? { media: values.MediaUrl.map(linked) } : {}),
      ...(content.template ? { template: content.template } : {}),
      ...(values.StatusCallback ? { callback: values.StatusCallback } : {}),
      ...(service ? { service } : {}),
    };
    state.change({ kind: "text", text });
    start(text, kind === "answer-and-callbacks-lost");
    const lostByNumber = kind === "answer-lost" || kind === "answer-and-callbacks-lost";
    return { text, answerLost: lostByNumber || happens(state.knobs.lostAnswers) };
  };

  const reply = (inbound: Text, body: string) => {
    const now = new Date().toISOString();
    const { phone, channel, line } = inbound;
    const text: Text = {
      id: twilioSid("SM"),
      carrier: "twilio",
      channel,
      direction: "out",
      phone,
      line,
      body,
      status: "queued",
      createdAt: now,
      updatedAt: now,
      ...segment(body),
    };
    state.change({ kind: "text", text });
    start(text, true);
  };

  const say = async (phone: string, channel: PhoneChannel, says: PhoneSays): Promise<Text> => {
    const now = new Date().toISOString();
    const id = twilioSid(says.photo ? "MM" : "SM");
    const stored: TextMedia[] = [];
    if (says.photo) {
      const mediaId = twilioSid("ME");
      media.put(mediaId, says.photo.contentType, says.photo.bytes);
      stored.push({ id: mediaId, contentType: says.photo.contentType, url: `/sandbox/api/media/${mediaId}` });
    }
    const body = says.choice ? says.choice.title : (says.text ?? "");
    const text: Text = {
      id,
      carrier: "twilio",
      channel,
      direction: "in",
      phone,
      line: state.town.lines[channel],
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
    const form = inboundForm(text, state.phones.get(phone)?.name ?? phone, around.url());
    const url = `${around.publicUrl()}/webhooks/twilio/messages`;
    const call = () =>
      post(
        `${around.server()}/webhooks/twilio/messages`,
        {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": twilioSignature(authToken, url, form),
          "i-twilio-idempotency-token": id,
        },
        form.toString(),
        WEBHOOK_TIMEOUT_MS,
      );
    const answer = await call();
    if (happens(state.knobs.duplicatedInbound)) await call();
    const done: Text = { ...text, handed: accepted(answer) ? "taken" : "refused" };
    state.change({ kind: "text", text: done });
    if (!accepted(answer))
      around.problem(
        "twilio",
        `The product answered ${answer.status || answer.problem} to an incoming ${channel} message.`,
      );
    else for (const body of repliesIn(answer)) reply(text, body);
    return done;
  };

  return {
    create,
    say,
    read: async (text) => {
      if (text.channel !== "whatsapp" || text.status !== "delivered") return;
      const seen: Text = { ...text, status: "read", updatedAt: new Date().toISOString() };
      state.change({ kind: "text", text: seen });
      await callback(seen, { status: "read" });
    },
    resume: () => {
      for (const text of state.texts.values())
        if (text.carrier === "twilio" && text.direction === "out" && !isFinal(text)) start(text, false);
    },
  };
}

/** The statuses that are still to come. The initial one is never called back, as Twilio documents. */
function stepsOf(text: Text, around: Surroundings): readonly Step[] {
  const kind = magicOf(text.phone);
  const fails = (code: number, message: string): Step => ({
    status: "undelivered",
    error: { code, message },
  });
  const end: Step =
    kind === "unreachable"
      ? fails(30003, "Unreachable destination handset")
      : kind === "landline"
        ? fails(30006, "Landline or unreachable carrier")
        : text.channel === "whatsapp" &&
            !text.template &&
            !insideWindow(around.state.textsOf(text.phone), text.createdAt)
          ? {
              status: "failed",
              error: {
                code: 63016,
                message:
                  "Failed to send freeform message because you are outside the allowed window. If you are using WhatsApp, please use a Message Template.",
              },
            }
          : happens(around.state.knobs.failureRate)
            ? fails(30008, "Unknown error")
            : { status: "delivered" };
  const steps: readonly Step[] = [
    ...(text.service ? [{ status: "queued" } as const] : []),
    ...(end.status === "failed" ? [] : [{ status: "sent" } as const]),
    end,
  ];
  const reached = steps.findIndex((s) => s.status === text.status);
  return steps.slice(reached + 1);
}

function statusForm(text: Text, step: Step): URLSearchParams {
  const prefix = text.channel === "whatsapp" ? "whatsapp:" : "";
  return new URLSearchParams({
    AccountSid: accountSid,
    ApiVersion: "2010-04-01",
    From: prefix + text.line,
    To: prefix + text.phone,
    MessageSid: text.id,
    SmsSid: text.id,
    MessageStatus: step.status,
    SmsStatus: step.status,
    ...(text.service ? { MessagingServiceSid: text.service } : {}),
    ...(step.error ? { ErrorCode: String(step.error.code), ErrorMessage: step.error.message } : {}),
    ...(text.channel === "whatsapp"
      ? { ChannelPrefix: "whatsapp", ChannelToAddress: prefix + text.phone }
      : {}),
  });
}

/** The text that the phone sees: the body, or the approved template with its variables. */
function contentBody(
  values: CreateValues,
  around: Surroundings,
): { readonly body: string; readonly template?: string } | TwilioError {
  const { ContentSid: sid, ContentVariables: json } = values;
  if (!sid) return { body: values.Body ?? "" };
  let variables: Record<string, string>;
  try {
    variables = JSON.parse(json ?? "{}") as Record<string, string>;
  } catch {
    return errors.contentVariables;
  }
  const templates = around.state.town.whatsappTemplates;
  const template = templates?.find((t) => t.sid === sid);
  if (templates?.some((t) => t.sid) && !template) return errors.contentSid;
  if (!template) return { body: [`[${sid}]`, ...Object.values(variables)].join(" · "), template: sid };
  return {
    body: template.body.replace(/\{\{(\w+)\}\}/g, (_, key: string) => variables[key] ?? ""),
    template: sid,
  };
}

function stopped(texts: readonly Text[]): boolean {
  const last = texts.findLast(
    (t) =>
      t.direction === "in" &&
      t.channel === "sms" &&
      (STOP_WORDS.test(t.body.trim()) || START_WORDS.test(t.body.trim())),
  );
  return last !== undefined && STOP_WORDS.test(last.body.trim());
}

function linked(url: string): TextMedia {
  return {
    id: twilioSid("ME"),
    contentType: /\.(mp4|3gp)$/.test(url) ? "video/mp4" : "application/octet-stream",
    url,
  };
}
