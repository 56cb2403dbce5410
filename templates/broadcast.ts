import { z } from "zod";
import {
  BROADCAST_LIMITS,
  type BroadcastTemplate,
  fieldsOf,
  nearNames,
  PLACEHOLDER_LIMITS,
  placeholdersOf,
  VALUE_LIMITS,
  withoutPlaceholders,
} from "#flows";
import type { Deployment } from "./deployment.ts";
import type { Kind } from "./kind.ts";
import { messageKind } from "./message-kind.ts";
import type { YamlFile } from "./yaml.ts";

const label = z.string().trim().min(1).max(75);

export const valueSchema = z.strictObject({
  type: z
    .enum(["text", "number", "date", "time", "money", "choice"])
    .describe("How it is asked for, and written in each language."),
  label: label.describe("What the form calls it."),
  hint: z.string().trim().min(1).max(150).optional().describe("A word of help under it."),
  options: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, "small letters and digits"),
      z.record(z.string(), z.string().trim().min(1).max(100)),
    )
    .optional()
    .describe("Of a choice: each option's words, by language."),
});

export const broadcastSchema = z.strictObject({
  id: z.string().describe("The file's name without its ending."),
  title: label.describe("What staff choose it by."),
  kind: messageKind.optional().describe("What kind of message it is; the form begins with it."),
  values: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "small letters, digits and _"), valueSchema)
    .default({})
    .describe("What staff give when they write it: `{date}` in the texts. By name."),
  texts: z
    .record(z.string(), z.string().trim().min(1).max(BROADCAST_LIMITS.text))
    .describe("By language. `{name|neighbour}` is what is known of the person, or the words after the bar."),
});

export const broadcastKind: Kind<BroadcastTemplate> = {
  folder: "broadcasts",
  read(file, deployment) {
    const raw = file.shape(broadcastSchema);
    if (!raw) return undefined;
    if (raw.id !== file.id)
      file.fault(["id"], `the id is "${raw.id}" in a file named ${file.id}.yaml`, `write id: ${file.id}`);
    const { kind, values, ...rest } = raw;
    const template: BroadcastTemplate = {
      ...rest,
      ...(kind === undefined ? {} : { kind }),
      values: Object.fromEntries(
        Object.entries(values).map(([name, { hint, options, ...declared }]) => [
          name,
          {
            ...declared,
            ...(hint === undefined ? {} : { hint }),
            ...(options === undefined ? {} : { options }),
          },
        ]),
      ),
    };
    checkValues(file, template, deployment);
    checkTexts(file, template, deployment);
    return template;
  },
};

function checkValues(file: YamlFile, { values }: BroadcastTemplate, deployment: Deployment): void {
  const codes = deployment.languages.map(({ code }) => code);
  if (Object.keys(values).length > VALUE_LIMITS.values)
    file.fault(["values"], "too many values for one form", `use at most ${VALUE_LIMITS.values}`);
  for (const [name, { type, options }] of Object.entries(values)) {
    const at = ["values", name];
    if (name === "name" || name === "ward")
      file.fault(at, `{${name}} is what is known of the person`, "choose another name for the value");
    if ((type === "choice") !== (options !== undefined))
      file.fault(
        at,
        type === "choice" ? "a choice without options" : `a ${type} has no options`,
        type === "choice" ? "add options: {water: {en: water}}" : "make it a choice, or leave them out",
      );
    if (Object.keys(options ?? {}).length > VALUE_LIMITS.options)
      file.fault([...at, "options"], "too many options", `use at most ${VALUE_LIMITS.options}`);
    for (const [option, words] of Object.entries(options ?? {})) {
      if (!words[deployment.defaultLanguage])
        file.fault(
          [...at, "options", option],
          `its words in "${deployment.defaultLanguage}" are missing`,
          "write them: they stand in where a language has none",
        );
      for (const code of Object.keys(words))
        if (!codes.includes(code))
          file.fault(
            [...at, "options", option, code],
            `"${code}" is not among the languages`,
            `use one of: ${codes.join(", ")}`,
          );
    }
  }
}

function checkTexts(file: YamlFile, { texts, values }: BroadcastTemplate, deployment: Deployment): void {
  const codes = deployment.languages.map(({ code }) => code);
  for (const language of Object.keys(texts))
    if (!codes.includes(language))
      file.fault(
        ["texts", language],
        `"${language}" is not among the languages`,
        `use one of: ${codes.join(", ")}`,
      );
  const standard = texts[deployment.defaultLanguage];
  if (standard === undefined)
    file.fault(
      ["texts"],
      `the text in "${deployment.defaultLanguage}" is missing`,
      "write it: everybody without one in their language gets it",
    );
  const wanted = standard === undefined ? undefined : blanks(standard);
  const fields = fieldsOf(texts).filter((field) => !Object.hasOwn(values, field));
  if (fields.length > PLACEHOLDER_LIMITS.fields)
    file.fault(
      ["texts"],
      `${fields.map((field) => `{${field}}`).join(", ")}: more than what is known of a person can fill in`,
      `use at most ${PLACEHOLDER_LIMITS.fields}, and declare under values what staff give`,
    );
  for (const [language, text] of Object.entries(texts)) {
    const at = ["texts", language];
    if (wanted !== undefined && blanks(text) !== wanted)
      file.fault(
        at,
        `it has ${blanks(text)} parts in [square brackets], the default language ${wanted}`,
        "ask for the same facts in every language",
      );
    const left = /\{[^{}]*\}?|\}/.exec(withoutPlaceholders(text));
    if (left)
      file.fault(at, `${left[0]} is no placeholder`, "write {name}, or {name|words for people without one}");
    for (const { field, fallback } of placeholdersOf(text)) {
      const declared = Object.hasOwn(values, field);
      if (declared && fallback !== undefined)
        file.fault(at, `{${field}|${fallback}} is given by staff every time`, `write {${field}}`);
      const near = nearNames(field, Object.keys(values));
      if (!declared && fallback === undefined && near.length > 0)
        file.fault(
          at,
          `{${field}} is not declared`,
          `did you mean ${near.map((name) => `{${name}}`).join(" or ")}? A fact of the contact needs other words too: {${field}|...}`,
        );
    }
    for (const name of Object.keys(values))
      if (!placeholdersOf(text).some(({ field }) => field === name))
        file.fault(at, `{${name}} is not in it`, "say the same in every language, or remove the value");
  }
}

const blanks = (text: string): number => (text.match(/\[[^\][]+\]/g) ?? []).length;
