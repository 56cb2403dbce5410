import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { twilioContract } from "../contract.ts";
import { credentials } from "../credentials.ts";
import { createGate } from "../gate.ts";
import type { MediaStore } from "../media.ts";
import type { State } from "../state.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Text, TextMedia } from "../world.ts";
import { contractError, errorBody, errors, notFound, type TwilioError } from "./errors.ts";
import type { CreateValues, Twilio } from "./twilio.ts";

const { accountSid, authToken } = credentials.twilio;
const BASE = "/2010-04-01/Accounts/:account";
const DEFAULT_PAGE = 50;

/** api.twilio.com: the Messages resource, with Twilio's own words for what it refuses. */
export function mountTwilio(
  app: FastifyInstance,
  around: Surroundings,
  twilio: Twilio,
  media: MediaStore,
): void {
  const { state } = around;
  const gate = createGate(state);
  const refuse = (reply: FastifyReply, error: TwilioError) => reply.code(error.status).send(errorBody(error));
  const find = (request: FastifyRequest): Text | undefined => {
    const { sid } = request.params as { sid: string };
    const text = state.texts.get(sid);
    return text?.carrier === "twilio" ? text : undefined;
  };

  app.register(async (api) => {
    api.addHook("onRequest", async (request, reply) => {
      if (request.url.includes("/Media/")) return;
      const { account } = request.params as { account?: string };
      const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
      if (!same(request.headers.authorization ?? "", expected)) return refuse(reply, errors.authenticate);
      if (account !== accountSid) return refuse(reply, notFound(path(request)));
    });

    api.post(`${BASE}/Messages.json`, async (request, reply) => {
      const open = await gate();
      if (open.kind === "throttled")
        return refuse(reply.header("retry-after", String(open.retryAfter)), errors.tooManyRequests);
      if (open.kind === "error") return refuse(reply, errors.internal);
      const result = twilioContract.create(form(request));
      const error = contractError(result) ?? unsupported(result.values);
      if (error) return refuse(reply, error);
      const created = twilio.create(result.values as unknown as CreateValues);
      if ("error" in created) return refuse(reply, created.error);
      if (created.answerLost) return hangUp(reply);
      return reply.code(201).send(resource(created.text));
    });

    api.get(`${BASE}/Messages.json`, async (request, reply) => {
      const query = new URL(request.url, "http://twilio").searchParams;
      const result = twilioContract.list(query);
      const error = contractError({
        ...result,
        values: { ...result.values, To: "+27", From: "x", Body: "x" },
      });
      if (error) return refuse(reply, error);
      return listing(state, query, path(request));
    });

    api.get(`${BASE}/Messages/:sid(^[A-Za-z0-9]+).json`, async (request, reply) => {
      const text = find(request);
      return text ? resource(text) : refuse(reply, notFound(path(request)));
    });

    api.post(`${BASE}/Messages/:sid(^[A-Za-z0-9]+).json`, async (request, reply) => {
      const text = find(request);
      if (!text) return refuse(reply, notFound(path(request)));
      const result = twilioContract.update(form(request));
      if (result.faults.length > 0)
        return refuse(
          reply,
          contractError(result) ?? { code: 20001, message: "Invalid parameter", status: 400 },
        );
      const { Body: body, Status: status } = result.values;
      if (status === "canceled" && !["accepted", "queued"].includes(text.status))
        return refuse(reply, errors.notCancelable);
      const changed: Text = {
        ...text,
        ...(status === "canceled" ? { status: "canceled" as const } : {}),
        ...(typeof body === "string" ? { body } : {}),
        updatedAt: new Date().toISOString(),
      };
      state.change({ kind: "text", text: changed });
      return resource(changed);
    });

    api.delete(`${BASE}/Messages/:sid(^[A-Za-z0-9]+).json`, async (request, reply) => {
      const text = find(request);
      if (!text) return refuse(reply, notFound(path(request)));
      state.change({ kind: "text-gone", id: text.id });
      return reply.code(204).send();
    });

    api.get(`${BASE}/Messages/:sid/Media.json`, async (request, reply) => {
      const text = find(request);
      if (!text) return refuse(reply, notFound(path(request)));
      const uri = path(request);
      const listed = (text.media ?? []).map((one) => mediaResource(text, one));
      return {
        media_list: listed,
        uri,
        first_page_uri: `${uri}?PageSize=50&Page=0`,
        next_page_uri: null,
        previous_page_uri: null,
        page: 0,
        page_size: 50,
        start: 0,
        end: Math.max(0, listed.length - 1),
      };
    });

    api.get(`${BASE}/Messages/:sid/Media/:media`, async (request, reply) => {
      const stored = media.get((request.params as { media: string }).media);
      if (!stored) return refuse(reply, notFound(path(request)));
      return reply.type(stored.contentType).send(stored.bytes);
    });
  });
}

/** Where the real carrier would have a row for us: the connection ends without an answer. */
export function hangUp(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

function form(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(typeof request.body === "string" ? request.body : "");
}

function path(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? request.url;
}

function unsupported(values: Readonly<Record<string, unknown>>): TwilioError | undefined {
  if (values.ScheduleType === undefined && values.SendAt === undefined) return undefined;
  return { code: 20001, message: "The sandbox does not schedule: send when it is time.", status: 400 };
}

export function resource(text: Text): object {
  const prefix = text.channel === "whatsapp" ? "whatsapp:" : "";
  const outbound = text.direction === "out";
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${text.id}`;
  return {
    body: text.body,
    num_segments: text.status === "accepted" ? "0" : String(text.segments),
    direction: outbound ? "outbound-api" : "inbound",
    from: prefix + (outbound ? text.line : text.phone),
    to: prefix + (outbound ? text.phone : text.line),
    date_updated: rfc2822(text.updatedAt),
    price: null,
    error_message: text.error?.message ?? null,
    uri: `${uri}.json`,
    account_sid: accountSid,
    num_media: String(text.media?.length ?? 0),
    status: text.status,
    messaging_service_sid: text.service ?? null,
    sid: text.id,
    date_sent: text.sentAt ? rfc2822(text.sentAt) : null,
    date_created: rfc2822(text.createdAt),
    error_code: text.error?.code ?? null,
    price_unit: "ZAR",
    api_version: "2010-04-01",
    subresource_uris: { media: `${uri}/Media.json` },
  };
}

function mediaResource(text: Text, media: TextMedia): object {
  return {
    sid: media.id,
    account_sid: accountSid,
    parent_sid: text.id,
    content_type: media.contentType,
    date_created: rfc2822(text.createdAt),
    date_updated: rfc2822(text.createdAt),
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${text.id}/Media/${media.id}.json`,
  };
}

/** Newest first, a page at a time; a text not yet sent counts by the time of its creation. */
function listing(state: State, query: URLSearchParams, base: string): object {
  const to = query.get("To");
  const from = query.get("From");
  const phone = [to, from].find((a) => a && !isLine(state, a))?.replace("whatsapp:", "");
  const day = query.get("DateSent")?.slice(0, 10);
  const before = query.get("DateSent<");
  const after = query.get("DateSent>");
  const found = [...(phone ? state.textsOf(phone) : state.texts.values())].reverse().filter((text) => {
    if (text.carrier !== "twilio") return false;
    const prefix = text.channel === "whatsapp" ? "whatsapp:" : "";
    const outbound = text.direction === "out";
    const at = Date.parse(text.sentAt ?? text.createdAt);
    return (
      (!to || to === prefix + (outbound ? text.phone : text.line)) &&
      (!from || from === prefix + (outbound ? text.line : text.phone)) &&
      (!day || new Date(at).toISOString().startsWith(day)) &&
      // Twilio counts whole seconds.
      (!after || at >= Math.floor(Date.parse(after) / 1000) * 1000) &&
      (!before || at <= Date.parse(before) + (before.length === 10 ? 86_399_999 : 0))
    );
  });
  const size = Number(query.get("PageSize") ?? DEFAULT_PAGE);
  const token = query.get("PageToken")?.replace(/^PA/, "");
  const number = Number(query.get("Page") ?? 0);
  const known = token ? found.findIndex((t) => t.id === token) : -1;
  const start = known >= 0 ? known + 1 : number * size;
  const page = found.slice(start, start + size);
  const last = page.at(-1);
  const link = (number: number, pageToken?: string) => {
    const next = new URLSearchParams(query);
    next.set("PageSize", String(size));
    next.set("Page", String(number));
    if (pageToken) next.set("PageToken", `PA${pageToken}`);
    else next.delete("PageToken");
    return `${base}?${next}`;
  };
  return {
    first_page_uri: link(0),
    next_page_uri: last && start + size < found.length ? link(number + 1, last.id) : null,
    previous_page_uri: null,
    page: number,
    page_size: size,
    start,
    end: Math.max(start, start + page.length - 1),
    uri: `${base}?${query}`,
    messages: page.map(resource),
  };
}

function isLine({ town }: State, address: string): boolean {
  return Object.values(town.lines).includes(address.replace("whatsapp:", ""));
}

/** `Thu, 24 Aug 2023 05:01:45 +0000` */
function rfc2822(iso: string): string {
  return new Date(iso).toUTCString().replace("GMT", "+0000");
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
