import { z } from "zod";
import {
  HOLDING_PARTS,
  type HoldingTexts,
  isSlackTarget,
  PROTOCOL_LIMITS as LIMITS,
  millisecondsOf,
  PLACEHOLDERS,
  type Protocol,
  type Target,
} from "#flows";
import type { Deployment } from "./deployment.ts";
import { withRemedy } from "./issue.ts";
import type { Kind } from "./kind.ts";
import type { NodePath, YamlFile } from "./yaml.ts";

const duration = z.string().transform((text, context): number => {
  const ms = millisecondsOf(text);
  if (ms === undefined)
    context.addIssue({
      code: "custom",
      message: "not a duration",
      ...withRemedy('write a number and a unit: "45s", "10m", "2h", "3d"'),
    });
  return ms ?? 0;
});
const id = z.string().refine((text) => /^[a-z][a-z0-9_-]{0,39}$/.test(text), {
  error: "not an id",
  ...withRemedy("write small letters, digits, - and _"),
});
const target = z
  .string()
  .refine((text) => /^((person|duty|role):[a-z0-9._-]+|slack:#[a-z0-9_-]{1,79})$/.test(text), {
    error: "not somebody who can be called",
    ...withRemedy("write person:<handle>, duty:<name>, role:<role> or slack:#channel"),
  })
  .transform((text) => text as Target);
const words = z.string().trim().min(1).max(LIMITS.text);
const perLanguage = z.record(z.string(), words);

const schema = z.strictObject({
  id,
  title: perLanguage,
  hazard: z.string().min(1).max(80),
  severities: z
    .array(
      z.strictObject({
        level: z.int().min(1).max(LIMITS.severities),
        title: z.string().min(1).max(60),
        criteria: z.string().min(1).max(300),
        updates: duration,
      }),
    )
    .min(1)
    .max(LIMITS.severities),
  roles: z
    .array(z.strictObject({ id, title: z.string().min(1).max(60), does: z.string().min(1).max(300) }))
    .max(LIMITS.roles)
    .default([]),
  escalation: z.strictObject({
    tiers: z
      .array(
        z.strictObject({
          id,
          notify: z.array(target).min(1).max(LIMITS.targets),
          acknowledge_within: duration,
        }),
      )
      .min(1)
      .max(LIMITS.tiers),
    repeat: z.int().min(1).max(LIMITS.repeat).default(1),
    on_exhausted: z.array(target).min(1).max(LIMITS.targets),
    acknowledged: z.strictObject({ ask_again_after: duration, grace: duration }),
  }),
  cadence: z.strictObject({ first_statement: duration, warn_before: duration }),
  tasks: z
    .array(z.strictObject({ id, title: z.string().min(1).max(150), owner: id, due: duration }))
    .max(LIMITS.tasks)
    .default([]),
  audience: z.union([
    z.strictObject({ wards: z.literal("affected"), groups: z.array(z.string()).optional() }),
    z.strictObject({ groups: z.array(z.string()).min(1) }),
    z.literal("everyone"),
  ]),
  channels: z.array(z.enum(["sms", "whatsapp"])).min(1),
  expires_after: duration,
  drill_group: z.string().min(1).max(80),
  holding: z.record(
    z.string(),
    z.strictObject({ known: words, do: words, not_known: words, doing: words, next: words }),
  ),
  all_clear: perLanguage,
});
type Raw = z.output<typeof schema>;

/** A protocol's file. Whether its people exist is asked when it is about to be used: staff come and go. */
export const protocolKind: Kind<Protocol> = {
  folder: "protocols",
  read(file, deployment) {
    const raw = file.shape(schema);
    if (!raw) return undefined;
    if (raw.id !== file.id)
      file.fault(["id"], `the id is "${raw.id}" in a file named ${file.id}.yaml`, `write id: ${file.id}`);
    checkLadder(file, raw);
    checkLanguages(file, raw, deployment);
    checkTexts(file, raw);
    return protocolOf(raw);
  },
};

function checkLadder(file: YamlFile, { escalation, severities, roles, tasks, cadence }: Raw): void {
  each(file, ["escalation", "tiers"], escalation.tiers, "tier");
  each(file, ["roles"], roles, "role");
  each(file, ["tasks"], tasks, "task");
  severities.forEach(({ level, updates }, index) => {
    if (level !== index + 1)
      file.fault(
        ["severities", index, "level"],
        `severity ${index + 1} in the list has level ${level}`,
        "number them 1, 2, 3 … from the worst",
      );
    if (updates <= cadence.warn_before)
      file.fault(
        ["severities", index, "updates"],
        "updates are due sooner than their own reminder",
        "write a longer time, or shorten cadence.warn_before",
      );
  });
  tasks.forEach(({ owner }, index) => {
    if (!roles.some((role) => role.id === owner))
      file.fault(
        ["tasks", index, "owner"],
        `no role has the id "${owner}"`,
        `use one of: ${roles.map((role) => role.id).join(", ") || "(none is defined)"}`,
      );
  });
  if (escalation.tiers.every((tier) => tier.notify.every(isSlackTarget)))
    file.fault(
      ["escalation", "tiers"],
      "no tier calls a person: nobody could acknowledge",
      "add person:<handle>, duty:<name> or role:<role> to a tier",
    );
}

function each(file: YamlFile, at: NodePath, items: readonly { id: string }[], what: string): void {
  items.forEach(({ id: itemId }, index) => {
    if (items.findIndex((other) => other.id === itemId) !== index)
      file.fault([...at, index, "id"], `${what} "${itemId}" is there twice`, "give each an id of its own");
  });
}

/** Whoever reads only one language must get every word: a protocol speaks all languages of its default text. */
function checkLanguages(file: YamlFile, raw: Raw, deployment: Deployment): void {
  const expected = Object.keys(raw.holding);
  const parts = { title: raw.title, holding: raw.holding, all_clear: raw.all_clear };
  for (const [part, texts] of Object.entries(parts)) {
    if (!(deployment.defaultLanguage in texts))
      file.fault(
        [part],
        `${part} lacks "${deployment.defaultLanguage}"`,
        "add it: it is the default language",
      );
    for (const language of Object.keys(texts)) {
      if (!deployment.languages.some(({ code }) => code === language))
        file.fault(
          [part, language],
          `"${language}" is not among the deployment's languages`,
          `use one of: ${deployment.languages.map(({ code }) => code).join(", ")}`,
        );
    }
    for (const language of expected) {
      if (!(language in texts) && language !== deployment.defaultLanguage)
        file.fault(
          [part],
          `${part} lacks "${language}", which the holding statement has`,
          "translate it, or take the language out everywhere",
        );
    }
  }
}

function checkTexts(file: YamlFile, raw: Raw): void {
  const check = (at: NodePath, text: string): void => {
    for (const [, name = ""] of text.matchAll(/\{([^}]*)\}/g)) {
      if (!(PLACEHOLDERS as readonly string[]).includes(name))
        file.fault(at, `unknown placeholder "{${name}}"`, `use one of: ${PLACEHOLDERS.join(", ")}`);
    }
  };
  for (const [language, parts] of Object.entries(raw.holding)) {
    for (const part of HOLDING_PARTS) check(["holding", language, part], parts[part]);
    needs(file, ["holding", language, "known"], parts.known, "area");
    needs(file, ["holding", language, "next"], parts.next, "next_update");
  }
  for (const [language, text] of Object.entries(raw.all_clear)) {
    check(["all_clear", language], text);
    needs(file, ["all_clear", language], text, "area");
  }
}

function needs(file: YamlFile, at: NodePath, text: string, placeholder: string): void {
  if (!text.includes(`{${placeholder}}`))
    file.fault(at, `the text does not say {${placeholder}}`, "a warning names its place and its next word");
}

function protocolOf(raw: Raw): Protocol {
  const { escalation, cadence } = raw;
  const holding: Readonly<Record<string, HoldingTexts>> = raw.holding;
  return {
    id: raw.id,
    title: raw.title,
    hazard: raw.hazard,
    severities: raw.severities.map(({ updates, ...severity }) => ({ ...severity, updateEveryMs: updates })),
    roles: raw.roles,
    escalation: {
      tiers: escalation.tiers.map(({ acknowledge_within, ...tier }) => ({
        ...tier,
        acknowledgeWithinMs: acknowledge_within,
      })),
      repeat: escalation.repeat,
      onExhausted: escalation.on_exhausted,
      lease: {
        askAgainAfterMs: escalation.acknowledged.ask_again_after,
        graceMs: escalation.acknowledged.grace,
      },
    },
    cadence: { firstStatementMs: cadence.first_statement, warnBeforeMs: cadence.warn_before },
    tasks: raw.tasks.map(({ due, ...task }) => ({ ...task, dueMs: due })),
    audience: audienceOf(raw.audience),
    channels: raw.channels,
    holding,
    allClear: raw.all_clear,
    expiresAfterMs: raw.expires_after,
    drillGroup: raw.drill_group,
  };
}

function audienceOf(raw: Raw["audience"]): Protocol["audience"] {
  if (raw === "everyone") return { everyone: true };
  return {
    ...("wards" in raw ? { affectedWards: true } : {}),
    ...(raw.groups === undefined ? {} : { groups: raw.groups }),
  };
}
