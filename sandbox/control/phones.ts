import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { credentials } from "../credentials.ts";
import type { PhoneSays } from "../phone-says.ts";
import type { Surroundings } from "../surroundings.ts";
import { post, slackSignature } from "../webhook.ts";
import type { Option, Phone, PhoneChannel, Text } from "../world.ts";
import { type Parts, Refused } from "./parts.ts";

const number = z.string().regex(/^\+[1-9]\d{5,14}$/, "must be an E.164 number");
const MAX_PHOTO = 8 * 1024 * 1024;
const MAX_ANSWER = 1000;

/** What a phone can say; exactly what its channel can carry. */
export const saysSchema = z.strictObject({
  channel: z.enum(["sms", "whatsapp"]).optional(),
  text: z.string().max(4096).optional(),
  /** The id or the title of an option that the phone was offered. */
  choose: z.string().max(256).optional(),
  location: z
    .strictObject({
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      label: z.string().max(200).optional(),
    })
    .optional(),
  photo: z.strictObject({ contentType: z.string(), base64: z.base64() }).optional(),
});
const newPhone = z.strictObject({
  number,
  name: z.string().min(1).max(100),
  channels: z.array(z.enum(["sms", "whatsapp"])).min(1),
});
const listQuery = z.object({
  channel: z.enum(["sms", "whatsapp"]).optional(),
  direction: z.enum(["in", "out"]).optional(),
  /** ISO 8601: only texts created after it. */
  since: z.string().optional(),
  /** Also what never reached the phone. */
  all: z.stringbool().optional(),
  contains: z.string().optional(),
});

export function mountPhones(api: FastifyInstance, around: Surroundings, { twilio, meta }: Parts): void {
  const { state } = around;
  const phoneOf = (params: unknown): Phone => {
    const { number: wanted } = params as { number: string };
    const phone = state.phones.get(wanted);
    // Any number in the world can hold a phone: one that is not of the town is a guest.
    return (
      phone ?? { number: number.parse(wanted), name: wanted, role: "guest", channels: ["sms", "whatsapp"] }
    );
  };

  api.get("/phones", async () => [...state.phones.values()]);
  api.post("/phones", async (request) => {
    const phone: Phone = { ...newPhone.parse(request.body), role: "guest" };
    state.change({ kind: "phone", phone });
    return phone;
  });

  api.get("/phones/:number/messages", async (request) => {
    const query = listQuery.parse(request.query);
    return state.textsOf(phoneOf(request.params).number).filter((text) => matches(text, query));
  });

  api.post("/phones/:number/messages", async (request) => {
    const phone = phoneOf(request.params);
    const says = saysSchema.parse(request.body);
    const channel = says.channel ?? only(phone);
    if (!phone.channels.includes(channel)) throw new Refused(400, `${phone.name}'s phone has no ${channel}.`);
    const said = await understood(says, phone, channel, state.textsOf(phone.number));
    return channel === "whatsapp" && state.knobs.whatsapp === "meta"
      ? meta.say(phone.number, said)
      : twilio.say(phone.number, channel, said);
  });

  /** The person looks at WhatsApp: blue ticks. */
  api.post("/phones/:number/read", async (request) => {
    const { number: wanted } = phoneOf(request.params);
    const unread = state.textsOf(wanted).filter((t) => t.channel === "whatsapp" && t.status === "delivered");
    for (const text of unread) await (text.carrier === "meta" ? meta : twilio).read(text);
    return { read: unread.length };
  });

  /** The carriers' own list, of all numbers: for counting what was sent and how often. */
  api.get("/texts", async (request) => {
    const query = listQuery.parse(request.query);
    const found = [...state.texts.values()].filter((text) => matches(text, { all: true, ...query }));
    return { count: found.length, texts: found.slice(-MAX_ANSWER) };
  });

  /** How often each text went to each number: numbers that got the same words twice are the duplicates. */
  api.get("/texts/summary", async (request) => {
    const query = listQuery.parse(request.query);
    const counts = new Map<string, number>();
    const statuses: Record<string, number> = {};
    let total = 0;
    for (const text of state.texts.values()) {
      if (text.direction !== "out" || !matches(text, { all: true, ...query })) continue;
      total += 1;
      statuses[text.status] = (statuses[text.status] ?? 0) + 1;
      counts.set(`${text.phone} ${text.body}`, (counts.get(`${text.phone} ${text.body}`) ?? 0) + 1);
    }
    const duplicates = [...counts].filter(([, n]) => n > 1);
    return {
      total,
      statuses,
      different: counts.size,
      duplicates: total - counts.size,
      duplicated: duplicates.slice(0, MAX_ANSWER).map(([key, n]) => ({ phone: key.split(" ")[0], times: n })),
    };
  });

  /** Meta's handshake: the product must answer the challenge. */
  api.post("/whatsapp/verify", async () => {
    const query = new URLSearchParams({
      "hub.mode": "subscribe",
      "hub.challenge": "1158201444",
      "hub.verify_token": credentials.meta.verifyToken,
    });
    const response = await fetch(`${around.server()}/webhooks/whatsapp?${query}`, { redirect: "error" });
    const body = await response.text();
    return { ok: response.ok && body === "1158201444", status: response.status };
  });

  /** Slack's handshake. */
  api.post("/slack/verify", async () => {
    const challenge = {
      type: "url_verification",
      token: "sandbox-verification-token",
      challenge: "3eZbrw1aB10",
    };
    const timestamp = String(Math.floor(Date.now() / 1000));
    const body = JSON.stringify(challenge);
    const answer = await post(
      `${around.server()}/slack/events`,
      {
        "content-type": "application/json",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": slackSignature(credentials.slack.signingSecret, timestamp, body),
      },
      body,
      state.knobs.slackTimeoutMs,
    );
    return { ok: answer.status === 200 && answer.body.includes(challenge.challenge), status: answer.status };
  });
}

function only(phone: Phone): PhoneChannel {
  const [first, second] = phone.channels;
  if (!first || second) throw new Refused(400, `Say which channel: ${phone.channels.join(" or ")}.`);
  return first;
}

function matches(text: Text, query: z.output<typeof listQuery>): boolean {
  const arrived = text.direction === "in" || text.status === "delivered" || text.status === "read";
  return (
    (query.all || arrived) &&
    (!query.channel || text.channel === query.channel) &&
    (!query.direction || text.direction === query.direction) &&
    (!query.since || text.createdAt > query.since) &&
    (!query.contains || text.body.includes(query.contains))
  );
}

async function understood(
  says: z.output<typeof saysSchema>,
  phone: Phone,
  channel: PhoneChannel,
  texts: readonly Text[],
): Promise<PhoneSays> {
  const given = [says.text, says.choose, says.location, says.photo].filter((v) => v !== undefined);
  if (given.length === 0 || (says.choose !== undefined && given.length > 1))
    throw new Refused(400, "Give text, choose, location or photo (a photo may have a text).");
  if (channel === "sms" && (says.choose || says.location || says.photo))
    throw new Refused(400, "An SMS carries text only.");
  const photo = says.photo && {
    contentType: says.photo.contentType,
    bytes: Buffer.from(says.photo.base64, "base64"),
  };
  if (photo && photo.bytes.length > MAX_PHOTO) throw new Refused(413, "The photo is larger than 8 MB.");
  const choice = says.choose === undefined ? undefined : offered(texts, says.choose, phone);
  const { location } = says;
  return {
    ...(says.text !== undefined ? { text: says.text } : {}),
    ...(choice ? { choice } : {}),
    ...(location
      ? {
          location: {
            latitude: location.latitude,
            longitude: location.longitude,
            ...(location.label ? { label: location.label } : {}),
          },
        }
      : {}),
    ...(photo ? { photo } : {}),
  };
}

/** Buttons stay tappable: the newest text that offers such an option counts. */
function offered(texts: readonly Text[], wanted: string, phone: Phone): NonNullable<PhoneSays["choice"]> {
  const is = (o: Option) => o.id === wanted || o.title === wanted;
  const text = texts.findLast((t) => t.direction === "out" && t.options?.options.some(is));
  const option = text?.options?.options.find(is);
  if (!text?.options || !option) {
    const last = texts.findLast((t) => t.options)?.options?.options.map((o) => `"${o.title}" (${o.id})`);
    throw new Refused(
      404,
      `${phone.name} was not offered "${wanted}"; last offered: ${last?.join(", ") ?? "nothing"}.`,
    );
  }
  return { ...option, kind: text.options.kind, of: text.id };
}
