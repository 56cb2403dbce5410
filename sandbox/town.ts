import { readFileSync } from "node:fs";
import { z } from "zod";
import { credentials } from "./credentials.ts";
import type { Phone, PhoneChannel, Town } from "./world.ts";

const number = z.string().regex(/^\+[1-9]\d{5,14}$/, "must be an E.164 number");
const name = z.string().min(1).max(100);
const userId = z.string().regex(/^[UW][A-Z0-9]{2,}$/, "must be a Slack user id");
const MAX_PEOPLE = 500;

const slackId = { slackUserId: userId.optional(), slack: userId.optional() };

const templates = z.array(
  z.object({ name, language: z.string(), body: z.string(), sid: z.string().optional() }),
);

const townSchema = z.object({
  municipality: name.optional(),
  name: name.optional(),
  sender: z.object({ sms: number, whatsapp: number }).optional(),
  citizens: z
    .array(
      z
        .object({
          name,
          language: z.string().optional(),
          sms: number.optional(),
          whatsapp: number.optional(),
        })
        .refine((c) => c.sms ?? c.whatsapp, "needs an sms or a whatsapp number"),
    )
    .max(MAX_PEOPLE),
  liaisons: z
    .array(z.object({ name, outlet: name, sms: number.optional(), whatsapp: number.optional(), ...slackId }))
    .max(MAX_PEOPLE),
  officers: z
    .array(z.object({ name, title: z.string().optional(), phone: number.optional(), ...slackId }))
    .max(MAX_PEOPLE),
  slackUsers: z
    .array(
      z.object({
        id: userId,
        name,
        realName: name.optional(),
        title: z.string().default(""),
        email: z.email().optional(),
        external: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(MAX_PEOPLE),
  slackChannels: z
    .array(
      z.object({
        id: z.string().regex(/^C[A-Z0-9]{2,}$/),
        name: z.string().regex(/^[a-z0-9_-]{1,80}$/),
        purpose: z.string().optional(),
      }),
    )
    .max(MAX_PEOPLE),
  whatsappTemplates: templates.optional(),
});

/** Reads the templates that WhatsApp approved from JSON. Throws with every fault. */
export function readTemplates(json: string): NonNullable<Town["whatsappTemplates"]> {
  return templates.parse(JSON.parse(json)) as NonNullable<Town["whatsappTemplates"]>;
}

/** Reads and checks a town. Throws with every fault in words. */
export function loadTown(file: string): Town {
  const parsed = townSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!parsed.success)
    throw new Error(
      `${file} is not a town:\n${parsed.error.issues.map((i) => `  ${i.path.join(".")}: ${i.message}`).join("\n")}`,
    );
  const {
    municipality,
    name: called,
    sender,
    officers,
    liaisons,
    slackUsers,
    slackChannels,
    ...rest
  } = parsed.data;
  const person = <T extends { slack?: string | undefined; slackUserId?: string | undefined }>({
    slack,
    ...one
  }: T) => ({
    ...one,
    slackUserId: one.slackUserId ?? slack,
  });
  return {
    ...rest,
    name: municipality ?? called ?? "Made-up town",
    lines: sender ?? { sms: credentials.twilio.smsNumber, whatsapp: credentials.meta.displayNumber },
    officers: officers.map(person),
    liaisons: liaisons.map(person),
    slackUsers: slackUsers.map(({ realName, name: given, ...user }) => ({
      ...user,
      name: realName ?? given,
      handle: given.toLowerCase().replace(/[^a-z0-9]+/g, "."),
    })),
    slackChannels: slackChannels.map(({ purpose, ...channel }) => ({ ...channel, topic: purpose })),
  } as Town;
}

/** The phones of the town's people: one for each number, with the channels that it has. */
export function phonesOf(town: Town): readonly Phone[] {
  const phones = new Map<string, Phone>();
  const add = (phone: Omit<Phone, "channels">, channel: PhoneChannel) => {
    const known = phones.get(phone.number);
    const channels = [...new Set([...(known?.channels ?? []), channel])];
    phones.set(phone.number, { ...phone, ...known, channels });
  };
  for (const c of town.citizens) {
    const language = c.language ? { language: c.language } : {};
    if (c.sms) add({ number: c.sms, name: c.name, role: "citizen", ...language }, "sms");
    if (c.whatsapp) add({ number: c.whatsapp, name: c.name, role: "citizen", ...language }, "whatsapp");
  }
  for (const l of town.liaisons) {
    if (l.sms) add({ number: l.sms, name: l.name, role: "liaison", detail: l.outlet }, "sms");
    if (l.whatsapp) add({ number: l.whatsapp, name: l.name, role: "liaison", detail: l.outlet }, "whatsapp");
  }
  for (const o of town.officers) {
    const title = o.title ?? town.slackUsers.find((u) => u.id === o.slackUserId)?.title;
    if (!o.phone) continue;
    add({ number: o.phone, name: o.name, role: "officer", ...(title ? { detail: title } : {}) }, "sms");
  }
  return [...phones.values()];
}
