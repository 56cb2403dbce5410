import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { BroadcastDraft } from "#flows";
import { broadcastProgress, countAudience, findBroadcast, listBroadcastsBefore } from "#storage";
import type { App } from "../../app.ts";
import { reachingOf, submitBroadcast } from "../../broadcast/index.ts";
import type { Unit } from "../../unit.ts";
import { callerOf, once } from "./caller.ts";
import { Problem, problemShape } from "./problem.ts";

const audience = z
  .strictObject({
    everyone: z.literal(true).optional(),
    groups: z.array(z.string()).max(100).optional(),
    wards: z.array(z.number().int()).max(500).optional(),
    languages: z.array(z.string()).max(20).optional(),
  })
  .refine((given) => Object.keys(given).length > 0, "say who: everyone, groups, wards or languages")
  .describe("contacts that match every condition that is given");
const channels = z
  .array(z.enum(["sms", "whatsapp"]))
  .min(1)
  .describe("in order of preference");
const count = z.number().int();

const drafted = z.strictObject({
  title: z.string().trim().min(1).max(100),
  template: z.string().optional().describe("id of a file in templates/broadcasts"),
  texts: z.record(z.string(), z.string()).optional().describe("by language; in place of a template"),
  values: z
    .array(z.string().max(200))
    .optional()
    .describe("for the template's parts in [square brackets], in their order"),
  audience,
  channels,
  sendAt: z.iso.datetime({ offset: true }).optional(),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
  messageClass: z
    .enum(["service", "consultation", "awareness"])
    .default("service")
    .describe("awareness keeps to the hours of the law; an emergency is declared by people, not by a system"),
  sensitive: z.boolean().default(false).describe("delicate: more people look at it"),
});

const shown = z.object({
  id: z.uuid(),
  title: z.string(),
  status: z.string(),
  expectedRecipients: count,
  contentHash: z.string(),
  sendAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});
const withCounts = shown.extend({
  counts: z.object({
    queued: count,
    sending: count,
    sent: count,
    delivered: count,
    failed: count,
    optedOut: count,
    inDoubt: count,
    cancelled: count,
    expired: count,
  }),
});

/** Broadcasts: a system submits, people approve. Nothing that a system writes goes out by itself. */
export function mountBroadcasts(scope: FastifyInstance, app: App): void {
  const typed = scope.withTypeProvider<ZodTypeProvider>();
  const { db } = app.database;
  typed.post(
    "/audiences/count",
    {
      schema: {
        tags: ["systems"],
        body: z.strictObject({ audience, channels }),
        response: {
          200: z.object({
            recipients: count,
            byChannel: z.record(z.string(), count),
            byLanguage: z.record(z.string(), count),
            optedOut: count,
            unreachable: count,
            outsideWindow: count,
          }),
          422: problemShape,
        },
      },
    },
    async (request) => {
      callerOf(request, "audiences:read");
      const draft = { ...asked(request.body), texts: {} };
      const { parts: _parts, ...counted } = await countAudience(db, reachingOf(draft, app.content));
      return counted;
    },
  );
  typed.post(
    "/broadcasts",
    {
      schema: {
        tags: ["systems"],
        headers: z.object({ "idempotency-key": z.string().optional() }),
        body: drafted,
        response: { 201: shown, 400: problemShape, 422: problemShape },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request, "broadcasts:write");
      const draft = draftOf(app, request.body);
      return once(
        app,
        request,
        reply,
        caller,
        (unit) => submit(unit, caller.owner, caller.actor, draft),
        "needed",
      );
    },
  );
  typed.get(
    "/broadcasts",
    {
      schema: {
        tags: ["systems"],
        querystring: z.object({
          cursor: z.uuid().optional().describe("`next` of the page before"),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: { 200: z.object({ items: z.array(shown).readonly(), next: z.uuid().nullable() }) },
      },
    },
    async (request) => {
      callerOf(request, "broadcasts:read");
      const { cursor, limit } = request.query;
      const items = await listBroadcastsBefore(db, limit + 1, cursor);
      return {
        items: items.slice(0, limit),
        next: items.length > limit ? (items[limit - 1]?.id ?? null) : null,
      };
    },
  );
  typed.get(
    "/broadcasts/:id",
    {
      schema: {
        tags: ["systems"],
        params: z.object({ id: z.uuid() }),
        response: { 200: withCounts, 404: problemShape },
      },
    },
    async (request) => {
      callerOf(request, "broadcasts:read");
      const broadcast = await findBroadcast(db, request.params.id);
      if (!broadcast) throw new Problem("not_found", "There is no such broadcast.");
      return { ...broadcast, counts: await broadcastProgress(db, broadcast.id) };
    },
  );
}

/** Without what was not said. */
function asked<T extends { audience: z.infer<typeof audience>; channels: string[] }>({
  audience,
  channels,
}: T) {
  const said = Object.fromEntries(Object.entries(audience).filter(([, value]) => value !== undefined));
  return { audience: said as BroadcastDraft["audience"], channels };
}

function draftOf({ content }: App, given: z.infer<typeof drafted>): BroadcastDraft {
  const { title, sendAt, expiresAt, messageClass, sensitive } = given;
  return {
    messageClass,
    ...(sensitive ? { sensitive } : {}),
    ...asked(given),
    title,
    texts: textsOf(content, given),
    ...(sendAt ? { sendAt: new Date(sendAt).toISOString() } : {}),
    ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}),
  };
}

function textsOf(
  content: App["content"],
  { template, texts, values = [] }: z.infer<typeof drafted>,
): Readonly<Record<string, string>> {
  if ((template === undefined) === (texts === undefined))
    throw new Problem("invalid", "Give a template or texts, one of the two.", [
      { pointer: "/template", detail: `one of: ${[...content.broadcasts.keys()].join(", ")}` },
    ]);
  if (template === undefined) return texts ?? {};
  const found = content.broadcasts.get(template);
  if (!found)
    throw new Problem("invalid", `There is no template "${template}".`, [
      { pointer: "/template", detail: `one of: ${[...content.broadcasts.keys()].join(", ")}` },
    ]);
  return Object.fromEntries(
    Object.entries(found.texts).map(([language, text]) => {
      const blanks = text.match(/\[[^\][]+\]/g) ?? [];
      if (blanks.length !== values.length)
        throw new Problem(
          "invalid",
          `The template has ${blanks.length} parts to fill in, and ${values.length} values were given.`,
          [{ pointer: "/values", detail: blanks.join(", ") }],
        );
      let i = 0;
      return [language, text.replaceAll(/\[[^\][]+\]/g, () => values[i++] ?? "")];
    }),
  );
}

async function submit(
  unit: Unit,
  owner: Parameters<typeof submitBroadcast>[1],
  actor: string,
  draft: BroadcastDraft,
) {
  const outcome = await submitBroadcast(unit, owner, draft);
  if (!outcome.ok)
    throw new Problem(
      "invalid",
      outcome.words,
      (outcome.findings ?? []).map(({ part, language, words }) => ({
        pointer: `/${part === "text" ? "texts" : part}${language ? `/${language}` : ""}`,
        detail: words,
      })),
    );
  await unit.audit({
    actor,
    action: "broadcast.submitted_by_system",
    subject: `broadcast:${outcome.broadcast.id}`,
    data: { owner: owner.id },
  });
  return { status: 201, body: shown.parse(outcome.broadcast) };
}
