import { z } from "zod";
import { type Guideline, type Guidelines, NO_GUIDELINES } from "#flows";
import type { Deployment } from "./deployment.ts";
import { readMessageKinds } from "./message-kind.ts";
import type { YamlFile } from "./yaml.ts";

const words = z.string().trim().min(1).max(200);
const perLanguage = z.record(z.string(), z.union([words.transform((one) => [one]), z.array(words).min(1)]));
const base = {
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "small letters, digits and hyphens")
    .describe("Names every finding of the rule."),
  level: z
    .enum(["block", "advise"])
    .default("advise")
    .describe("`block` keeps a message from being submitted; `advise`, as without it, is shown."),
  kinds: readMessageKinds.describe("Kinds of message that it is about; without it all."),
};

const links = z.strictObject({
  domains: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "not a domain: write umhlanzi.gov.za"),
    )
    .default([])
    .describe("Where links may lead, with whatever is below these; none: anywhere."),
  level: base.level,
});

/** One rule of each section. */
export const GUIDELINES = {
  links,
  required: z.strictObject({
    ...base,
    what: z.string().trim().min(1).max(100).describe("What is missing, in words."),
    anyOf: perLanguage.describe("By language: one of these has to stand in it, as whole words."),
  }),
  signature: z.strictObject({
    ...base,
    anyOf: perLanguage.describe("By language: it has to end with one of these."),
  }),
  avoid: z.strictObject({
    ...base,
    words: z
      .record(z.string(), z.record(z.string(), words))
      .describe("By language: words to avoid, each with a better one."),
  }),
  tone: z.strictObject({
    ...base,
    exclamationMarks: z.int().min(0).max(20).optional().describe("At most so many."),
    capitals: z
      .strictObject({ atMost: z.int().min(0).max(50), except: z.array(z.string()).default([]) })
      .optional()
      .describe("Words of five and more capital letters, `atMost` so many, `except` these."),
    sentenceWords: z.int().min(5).max(100).optional().describe("Words of the longest sentence."),
    readingEase: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe("Flesch's reading ease of English texts, at least."),
  }),
};

const schema = z.strictObject({
  links: links.optional(),
  required: z.array(GUIDELINES.required).default([]),
  signature: z.array(GUIDELINES.signature).default([]),
  avoid: z.array(GUIDELINES.avoid).default([]),
  tone: z.array(GUIDELINES.tone).default([]),
});

/** Reads guidelines.yaml: how the municipality wants its messages to be. */
export function readGuidelines(file: YamlFile, { languages }: Deployment): Guidelines {
  const raw = file.shape(schema);
  if (!raw) return NO_GUIDELINES;
  const codes = languages.map(({ code }) => code);
  const seen = new Set<string>();
  const checked = (section: string, index: number, id: string, byLanguage: object, at: string): void => {
    if (seen.has(id))
      file.fault([section, index, "id"], `"${id}" is there twice`, "give each rule its own id");
    seen.add(id);
    for (const code of Object.keys(byLanguage))
      if (!codes.includes(code))
        file.fault(
          [section, index, at, code],
          `"${code}" is not among the languages`,
          `use one of: ${codes.join(", ")}`,
        );
  };
  const rules: Guideline[] = [];
  raw.required.forEach(({ id, level, kinds, what, anyOf }, index) => {
    checked("required", index, id, anyOf, "anyOf");
    rules.push({ id, level, kinds, rule: { kind: "required", what, anyOf } });
  });
  raw.signature.forEach(({ id, level, kinds, anyOf }, index) => {
    checked("signature", index, id, anyOf, "anyOf");
    rules.push({ id, level, kinds, rule: { kind: "signature", anyOf } });
  });
  raw.avoid.forEach(({ id, level, kinds, words }, index) => {
    checked("avoid", index, id, words, "words");
    rules.push({ id, level, kinds, rule: { kind: "avoid", words } });
  });
  raw.tone.forEach(({ id, level, kinds, exclamationMarks, capitals, sentenceWords, readingEase }, index) => {
    checked("tone", index, id, {}, "");
    const tone = {
      ...(exclamationMarks === undefined ? {} : { exclamationMarks }),
      ...(capitals === undefined ? {} : { capitals }),
      ...(sentenceWords === undefined ? {} : { sentenceWords }),
      ...(readingEase === undefined ? {} : { readingEase }),
    };
    if (Object.keys(tone).length === 0)
      file.fault(
        ["tone", index],
        `"${id}" asks for nothing`,
        "give it exclamationMarks, capitals, sentenceWords or readingEase",
      );
    rules.push({ id, level, kinds, rule: { kind: "tone", tone } });
  });
  return {
    rules,
    domains: raw.links?.domains ?? [],
    domainLevel: raw.links?.level ?? "advise",
  };
}
