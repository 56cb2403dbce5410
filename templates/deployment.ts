import { z } from "zod";
import { type ApprovalRules, approvalSchema, checkApproval } from "./approval.ts";
import { type SendingSettings, sendingSchema } from "./sending.ts";
import type { YamlFile } from "./yaml.ts";

/** Who we are: one municipality, one deployment. */
export interface Deployment {
  readonly municipality: string;
  readonly country: "ZA";
  readonly timezone: string;
  readonly defaultLanguage: string;
  readonly languages: readonly DeploymentLanguage[];
  readonly wards: number;
  /** Slack channels by what they are for. */
  readonly slack: {
    readonly inbox: string;
    readonly approvals: string;
    readonly media: string;
    readonly operations: string;
  };
  /** In all languages, upper case. They count when they are the whole message, and win over everything. */
  readonly keywords: {
    readonly stop: readonly string[];
    readonly start: readonly string[];
    readonly help: readonly string[];
  };
  /** The language of a keyword that belongs to exactly one: `YIMA` is in two, so it is absent. */
  readonly keywordLanguage: Readonly<Record<string, string>>;
  readonly costs: {
    readonly currency: "ZAR";
    /** Per segment. */
    readonly sms: number;
    /** Per message. */
    readonly whatsapp: number;
  };
  /** Local times between which nobody is reminded of anything: `20:00` to `08:00`. */
  readonly quietHours: { readonly from: string; readonly to: string };
  readonly approval: ApprovalRules;
  readonly sending: SendingSettings;
  readonly whatsapp: {
    /** By language: templates that WhatsApp approved, whose one variable `{{1}}` takes any text. */
    readonly templates: Readonly<Record<string, WhatsAppTemplate>>;
  };
  /** How to reach a human being, in a few words: a phone number, an office. */
  readonly contactLine: string;
  readonly staffHours?: string;
}

export interface WhatsAppTemplate {
  /** Meta's name, or Twilio's ContentSid. */
  readonly name: string;
  /** The code under which Meta approved it. */
  readonly language: string;
  /** As it was approved. */
  readonly body: string;
}

export interface DeploymentLanguage {
  /** BCP 47. */
  readonly code: string;
  /** What its speakers call it. */
  readonly name: string;
  /** Words that choose it, upper case. */
  readonly keywords: readonly string[];
  /** Languages that stand in for a missing text, before the default language. */
  readonly fallbacks: readonly string[];
}

/** Characters of a template's own words: of Meta's 1,024 the most are for the text. */
const TEMPLATE_WORDS = 300;
/** Meta approves no body that begins or ends with its variable. */
const CARRIES_ALL = /^[^{}]*[^{}\s][^{}]*\{\{1\}\}[^{}]*[^{}\s][^{}]*$/;
const CARRIES_ALL_WORDS = "needs exactly one {{1}}, with words before and after it";

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "not a time: write 08:00");
const word = z.string().trim().min(1).max(40).toUpperCase();
const perLanguage = z.record(z.string(), z.array(word));
const slackChannel = z.string().regex(/^#[a-z0-9_-]{1,79}$/, "not the name of a Slack channel");

const schema = z.strictObject({
  municipality: z.string().min(1).max(100),
  country: z.literal("ZA"),
  timezone: z.string().refine(isTimezone, "no time zone that is known").default("Africa/Johannesburg"),
  defaultLanguage: z.string(),
  languages: z
    .array(
      z.strictObject({
        code: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, "not a language code"),
        name: z.string().min(1),
        keywords: z.array(word).default([]),
        fallbacks: z.array(z.string()).default([]),
      }),
    )
    .min(1),
  wards: z.int().min(1).max(500),
  slack: z.strictObject({
    inbox: slackChannel,
    approvals: slackChannel,
    media: slackChannel,
    operations: slackChannel,
  }),
  keywords: z.strictObject({ stop: perLanguage, start: perLanguage, help: perLanguage }),
  costs: z.strictObject({
    currency: z.literal("ZAR"),
    sms: z.number().nonnegative(),
    whatsapp: z.number().nonnegative(),
  }),
  quietHours: z.strictObject({ from: clock, to: clock }).default({ from: "20:00", to: "08:00" }),
  approval: approvalSchema,
  sending: sendingSchema,
  whatsapp: z
    .strictObject({
      templates: z
        .record(
          z.string(),
          z.strictObject({
            name: z
              .string()
              .regex(/^([a-z0-9_]{1,512}|HX[0-9a-f]{32})$/, "no name of a template and no ContentSid"),
            language: z
              .string()
              .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "not one of Meta's language codes")
              .optional(),
            body: z.string().trim().max(TEMPLATE_WORDS).regex(CARRIES_ALL, CARRIES_ALL_WORDS),
          }),
        )
        .default({}),
    })
    .default({ templates: {} }),
  contactLine: z.string().min(1).max(120),
  staffHours: z.string().max(120).optional(),
});

/** Reads deployment.yaml. */
export function readDeployment(file: YamlFile): Deployment | undefined {
  const raw = file.shape(schema);
  if (!raw) return undefined;
  checkApproval(file, raw.approval);
  const codes = raw.languages.map((language) => language.code);
  if (!codes.includes(raw.defaultLanguage))
    file.fault(
      ["defaultLanguage"],
      `"${raw.defaultLanguage}" is not among the languages`,
      `use one of: ${codes.join(", ")}`,
    );
  for (const code of Object.keys(raw.whatsapp.templates))
    if (!codes.includes(code))
      file.fault(
        ["whatsapp", "templates", code],
        `"${code}" is not among the languages`,
        `use one of: ${codes.join(", ")}`,
      );
  raw.languages.forEach((language, index) => {
    if (codes.indexOf(language.code) !== index)
      file.fault(["languages", index], `language "${language.code}" is there twice`, "remove one");
    for (const fallback of language.fallbacks)
      if (!codes.includes(fallback))
        file.fault(
          ["languages", index, "fallbacks"],
          `"${fallback}" is not among the languages`,
          `use one of: ${codes.join(", ")}`,
        );
  });
  if (!Object.values(raw.keywords.stop).flat().includes("STOP"))
    file.fault(["keywords", "stop"], "STOP is missing", "add STOP: the law requires it");

  const meaning = new Map<string, string>();
  const languagesOf = new Map<string, Set<string>>();
  for (const kind of ["stop", "start", "help"] as const)
    for (const [language, words] of Object.entries(raw.keywords[kind])) {
      if (!codes.includes(language))
        file.fault(
          ["keywords", kind, language],
          `"${language}" is not among the languages`,
          `use one of: ${codes.join(", ")}`,
        );
      for (const each of words) {
        const other = meaning.get(each);
        if (other && other !== kind)
          file.fault(
            ["keywords", kind, language],
            `${each} means both ${other} and ${kind}`,
            "a keyword has one meaning",
          );
        meaning.set(each, kind);
        languagesOf.set(each, (languagesOf.get(each) ?? new Set()).add(language));
      }
    }
  const { staffHours, ...rest } = raw;
  return {
    ...rest,
    ...(staffHours === undefined ? {} : { staffHours }),
    whatsapp: {
      templates: Object.fromEntries(
        Object.entries(raw.whatsapp.templates).map(([code, template]) => [
          code,
          { ...template, language: template.language ?? code },
        ]),
      ),
    },
    keywords: {
      stop: distinct(raw.keywords.stop),
      start: distinct(raw.keywords.start),
      help: distinct(raw.keywords.help),
    },
    keywordLanguage: Object.fromEntries(
      [...languagesOf].flatMap(([each, languages]) =>
        languages.size === 1 ? [[each, [...languages].join()]] : [],
      ),
    ),
  };
}

const distinct = (words: Readonly<Record<string, readonly string[]>>): readonly string[] => [
  ...new Set(Object.values(words).flat()),
];

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
