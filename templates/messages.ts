import { z } from "zod";
import { parseSentence, type Sentence } from "#flows";
import type { Deployment } from "./deployment.ts";
import type { Fault } from "./fault.ts";
import { nearest } from "./issue.ts";
import { ALWAYS_THERE, MESSAGES, type MessageKey } from "./message-keys.ts";
import type { YamlFile } from "./yaml.ts";

/** The system's sentences in one language. */
export interface MessageFile {
  readonly language: string;
  readonly sentences: ReadonlyMap<MessageKey, Sentence>;
}

const KEYS = Object.keys(MESSAGES);
const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES, key);

/** Reads messages/<language>.yaml. */
export function readMessages(file: YamlFile, deployment: Deployment): MessageFile | undefined {
  const codes = deployment.languages.map((language) => language.code);
  if (!codes.includes(file.id)) {
    const remedy = `name the file after one of: ${codes.join(", ")}; or add the language to deployment.yaml`;
    file.fault([], `"${file.id}" is not a language of this deployment`, remedy);
    return undefined;
  }
  const raw = file.shape(z.record(z.string(), z.string().min(1).max(1_000)));
  if (!raw) return undefined;
  const sentences = new Map<MessageKey, Sentence>();
  for (const [key, source] of Object.entries(raw)) {
    if (!isKey(key)) {
      const near = nearest(key, KEYS);
      file.fault([key], `unknown message "${key}"`, near ? `did you mean "${near}"?` : "remove it");
      continue;
    }
    try {
      const sentence = parseSentence(source, file.id);
      const known: readonly string[] = [...MESSAGES[key], ...ALWAYS_THERE];
      for (const name of sentence.names.filter((each) => !known.includes(each)))
        file.fault(
          [key],
          `{${name}} has no value in this message`,
          `use: ${known.map((each) => `{${each}}`).join(", ")}`,
        );
      sentences.set(key, sentence);
    } catch (error) {
      file.fault(
        [key],
        `not a valid message: ${words(error)}`,
        "check the braces; write '{' for a brace itself",
      );
    }
  }
  return { language: file.id, sentences };
}

/** Says a message in a language, else in what stands in for it, else in the default language. */
export function openMessages(files: readonly MessageFile[], deployment: Deployment, faults: Fault[]) {
  const byLanguage = new Map(files.map((file) => [file.language, file.sentences]));
  const first = byLanguage.get(deployment.defaultLanguage);
  const missing = KEYS.filter((key) => isKey(key) && !first?.has(key));
  if (missing.length > 0)
    faults.push({
      file: `messages/${deployment.defaultLanguage}.yaml`,
      line: 1,
      what: `the default language lacks: ${missing.join(", ")}`,
      remedy: "add them: every other language falls back to this one",
    });
  const fallbacks = new Map(deployment.languages.map(({ code, fallbacks }) => [code, fallbacks]));
  return (
    key: MessageKey,
    language: string,
    values: Readonly<Record<string, string | number>> = {},
  ): string => {
    const chain = [language, ...(fallbacks.get(language) ?? []), deployment.defaultLanguage];
    for (const each of chain) {
      const sentence = byLanguage.get(each)?.get(key);
      if (sentence)
        return sentence.render((name) => {
          if (name === "municipality") return deployment.municipality;
          if (name === "contact") return deployment.contactLine;
          return values[name];
        });
    }
    return "";
  };
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
