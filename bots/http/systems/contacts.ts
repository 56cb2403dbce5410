import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  type Contact,
  cancelQueued,
  changeContact,
  importContacts,
  MAX_FIELDS,
  recordConsent,
  stopSessions,
  toE164,
} from "#storage";
import type { App } from "../../app.ts";
import { findPerson } from "../../contacts/find.ts";
import type { Unit } from "../../unit.ts";
import { type Caller, callerOf, once } from "./caller.ts";
import { Problem, problemShape } from "./problem.ts";

const FIELD = /^[a-z][a-z0-9_]{0,39}$/;
const field = z.union([z.string().max(500), z.number(), z.boolean()]);
const consent = z.object({
  kind: z.enum(["opt_in", "opt_out"]),
  source: z.string().trim().min(3).max(200).describe("how it was given; kept as proof"),
  at: z.iso.datetime().optional().describe("when it was given; now when absent"),
});
const body = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  language: z.string().optional().describe("a code of the deployment's languages"),
  fields: z.record(z.string().regex(FIELD, "small letters, digits and _"), field).optional(),
  channels: z
    .array(z.enum(["sms", "whatsapp"]))
    .min(1)
    .optional()
    .describe("default: sms"),
  consent: consent.optional().describe("needed for somebody who is not known yet"),
});
const shown = z.object({
  id: z.uuid(),
  name: z.string().nullable(),
  language: z.string().nullable(),
  fields: z.record(z.string(), field),
  optedOut: z.boolean(),
  addresses: z.array(z.string()).readonly(),
});
const params = z.object({ number: z.string().max(40).describe("082 123 4567 or +27821234567") });
const problems = { 404: problemShape, 409: problemShape, 422: problemShape };

/** People, by their number: read, added or completed, and what they consented to. */
export function mountContacts(scope: FastifyInstance, app: App): void {
  const typed = scope.withTypeProvider<ZodTypeProvider>();
  typed.get(
    "/contacts/:number",
    { schema: { tags: ["systems"], params, response: { 200: shown, ...problems } } },
    async (request) => {
      callerOf(request, "contacts:read");
      return show(app, request.params.number, app.database.db);
    },
  );
  typed.put(
    "/contacts/:number",
    { schema: { tags: ["systems"], params, body, response: { 200: shown, 201: shown, ...problems } } },
    async (request, reply) => {
      const caller = callerOf(request, "contacts:write");
      return once(app, request, reply, caller, (unit) =>
        upsert(unit, caller, request.params.number, request.body),
      );
    },
  );
  typed.post(
    "/contacts/:number/consent",
    { schema: { tags: ["systems"], params, body: consent, response: { 200: shown, ...problems } } },
    async (request, reply) => {
      const caller = callerOf(request, "contacts:write");
      return once(app, request, reply, caller, async (unit) => {
        const contact = await known(unit, request.params.number);
        await consentTo(unit, caller, contact, numberOf(app, request.params.number), request.body);
        return { status: 200, body: await show(app, request.params.number, unit.tx) };
      });
    },
  );
}

function numberOf(app: App, written: string): string {
  const number = toE164(written, app.content.deployment.country);
  if (number === undefined)
    throw new Problem("invalid", `"${written}" is no phone number: write 082 123 4567 or +27821234567.`, [
      { pointer: "/number", detail: "no phone number" },
    ]);
  return number;
}

async function show(app: App, written: string, db: Unit["tx"]) {
  const found = await findPerson(
    { db, secrets: app.secrets },
    numberOf(app, written),
    app.content.deployment.country,
  );
  if (found.kind !== "found") throw new Problem("not_found", "Nobody here has this number.");
  const { id, name, language, fields, optedOut } = found.contact;
  return { id, name, language, fields, optedOut, addresses: found.addresses.map(({ address }) => address) };
}

async function known({ app, tx }: Unit, written: string): Promise<Contact> {
  const { country } = app.content.deployment;
  const found = await findPerson({ db: tx, secrets: app.secrets }, numberOf(app, written), country);
  if (found.kind === "found") return found.contact;
  if (found.kind === "erased") throw new Problem("erased", ERASED);
  throw new Problem("not_found", "Nobody here has this number.");
}

const ERASED =
  "Whoever has this number asked to be erased. Only they themselves can come back, by texting START.";

async function upsert(unit: Unit, caller: Caller, written: string, given: z.infer<typeof body>) {
  const { app, tx } = unit;
  const number = numberOf(app, written);
  const { deployment } = app.content;
  const { language, fields = {}, name, channels = ["sms"], consent: said } = given;
  if (language !== undefined && !deployment.languages.some(({ code }) => code === language))
    throw new Problem("invalid", "The language is not one of this municipality.", [
      { pointer: "/language", detail: `one of: ${deployment.languages.map(({ code }) => code).join(", ")}` },
    ]);
  const { ward } = fields;
  if (
    ward !== undefined &&
    !(Number.isInteger(ward) && Number(ward) >= 1 && Number(ward) <= deployment.wards)
  )
    throw new Problem("invalid", "There is no such ward.", [
      { pointer: "/fields/ward", detail: `a number from 1 to ${deployment.wards}` },
    ]);
  const found = await findPerson({ db: tx, secrets: app.secrets }, number, deployment.country);
  if (found.kind === "erased") throw new Problem("erased", ERASED);
  const before = found.kind === "found" ? found.contact : undefined;
  if (new Set([...Object.keys(before?.fields ?? {}), ...Object.keys(fields)]).size > MAX_FIELDS)
    throw new Problem("invalid", `A contact has at most ${MAX_FIELDS} fields.`);
  if (!before && said?.kind !== "opt_in")
    throw new Problem(
      "invalid",
      "Who is not known yet is added only with how they agreed to be written to.",
      [{ pointer: "/consent", detail: 'give {"kind": "opt_in", "source": "…"}' }],
    );
  if (!before && said) {
    await importContacts(
      tx,
      [
        {
          id: app.newId(),
          addresses: channels.map((channel) => `${channel}:${number}`),
          fields,
          consentId: app.newId(),
          consentAt: said.at ?? unit.now.toISOString(),
          ...(name === undefined ? {} : { name }),
          ...(language === undefined ? {} : { language }),
        },
      ],
      sourceOf(caller, said),
    );
  } else if (before) {
    await changeContact(tx, before.id, {
      ...(name === undefined ? {} : { name }),
      ...(language === undefined ? {} : { language }),
      fields,
    });
    if (said) await consentTo(unit, caller, before, number, said);
  }
  const contact = await show(app, number, tx);
  await unit.audit({
    actor: caller.actor,
    action: before ? "contact.changed" : "contact.added",
    subject: `contact:${contact.id}`,
    data: { what: Object.keys(given) },
  });
  return { status: before ? 200 : 201, body: contact };
}

const sourceOf = ({ key }: Caller, { source }: z.infer<typeof consent>): string =>
  `api ${key.name}: ${source}`;

/** An opt-out counts at once; what a person has said by STOP, only they take back. */
async function consentTo(
  unit: Unit,
  caller: Caller,
  contact: Contact,
  number: string,
  said: z.infer<typeof consent>,
): Promise<void> {
  if (said.kind === "opt_in" && contact.optedOut)
    throw new Problem(
      "opted_out",
      "The person said STOP: only they themselves can take that back, by texting START.",
    );
  const changed = await recordConsent(unit.tx, {
    id: unit.app.newId(),
    contactId: contact.id,
    address: `sms:${number}`,
    kind: said.kind,
    source: sourceOf(caller, said),
  });
  if (said.kind !== "opt_out" || !changed) return;
  const sessions = await stopSessions(unit.tx, contact.id);
  const cancelled = await cancelQueued(unit.tx, contact.id);
  await unit.audit({
    actor: caller.actor,
    action: "consent.opted_out",
    subject: `contact:${contact.id}`,
    data: { sessions, cancelled },
  });
}
