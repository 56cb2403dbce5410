import type { z } from "zod";
import type { AnswerSpec, Choice, Deed, Step, Text } from "#flows";
import { ASKS, type AskType, type DEED, STEPS } from "./flow-schema.ts";
import { nearest } from "./issue.ts";
import type { YamlFile } from "./yaml.ts";

export interface StepContext {
  readonly file: YamlFile;
  readonly name: string;
  /** Of a text that is one sentence only. */
  readonly language: string;
  /** The step that follows in the file; empty for the last. */
  readonly below: string;
}

const KINDS = ["say", "ask", "branch", "set", "call", "act", "wait", "quota", "opinions", "end"] as const;

/** One step of the file in its final shape; undefined when it has faults. */
export function readStep(context: StepContext): Step | undefined {
  const { file, name } = context;
  const at = ["steps", name];
  const keys = Object.keys(stepsOf(file)[name] ?? {});
  const kinds = KINDS.filter((kind) => keys.includes(kind));
  const [kind] = kinds;
  if (!kind) {
    const near = keys.map((key) => nearest(key, KINDS)).find((each) => each !== undefined);
    file.fault(
      at,
      `step "${name}" does nothing`,
      near ? `did you mean "${near}"?` : `add one of: ${KINDS.join(", ")}`,
    );
    return undefined;
  }
  if (kinds.length > 1) {
    file.fault(at, `step "${name}" does several things: ${kinds.join(", ")}`, "make a step of each");
    return undefined;
  }
  return kind === "ask" ? readAsk(context) : readOther(context, kind);
}

function readOther(context: StepContext, kind: Exclude<(typeof KINDS)[number], "ask">): Step | undefined {
  const { file, name, language, below } = context;
  const at = ["steps", name];
  const read = <S extends z.ZodType>(schema: S): z.output<S> | undefined => file.shape(schema, at);
  switch (kind) {
    case "say": {
      const raw = read(STEPS.say);
      return (
        raw && {
          kind,
          text: toText(raw.say, language),
          ...present(raw, ["video", "media"]),
          next: raw.next ?? below,
        }
      );
    }
    case "branch": {
      const raw = read(STEPS.branch);
      return raw && { kind, cases: raw.branch, otherwise: raw.otherwise };
    }
    case "set": {
      const raw = read(STEPS.set);
      if (!raw) return undefined;
      const values = Object.fromEntries(Object.entries(raw.set).map(([key, value]) => [key, String(value)]));
      return { kind, values, next: raw.next ?? below };
    }
    case "call": {
      const raw = read(STEPS.call);
      return raw && { kind, flow: raw.call, next: raw.next ?? below };
    }
    case "act": {
      const raw = read(STEPS.act);
      if (!raw) return undefined;
      const acts = [raw.act].flat().map((deed, index) => readDeed(context, deed, index));
      return acts.every((deed) => deed !== undefined) ? { kind, acts, next: raw.next ?? below } : undefined;
    }
    case "wait": {
      const raw = read(STEPS.wait);
      return (
        raw && {
          kind,
          duration: raw.wait,
          next: raw.next ?? below,
          ...(raw.replied ? { replied: raw.replied } : {}),
        }
      );
    }
    case "quota": {
      const raw = read(STEPS.quota);
      if (!raw) return undefined;
      const cells = Object.entries(raw.quota).map(([cell, { when, limit }]) => ({
        name: cell,
        ...(when === undefined ? {} : { when }),
        limit,
      }));
      return { kind, cells, full: raw.full, next: raw.next ?? below };
    }
    case "opinions": {
      const raw = read(STEPS.opinions);
      return (
        raw && {
          kind,
          statements: Object.fromEntries(
            Object.entries(raw.opinions).map(([id, each]) => [id, toText(each, language)]),
          ),
          ...(raw.take === undefined ? {} : { take: raw.take }),
          ...(raw.offer === undefined ? {} : { offer: toText(raw.offer, language) }),
          next: raw.next ?? below,
        }
      );
    }
    case "end": {
      const raw = read(STEPS.end);
      if (!raw) return undefined;
      return raw.end === null || raw.end === true
        ? { kind }
        : { kind, text: toText(raw.end, language), ...present(raw, ["video"]) };
    }
  }
}

function readDeed(
  { file, name, language }: StepContext,
  deed: z.output<typeof DEED>,
  index: number,
): Deed | undefined {
  const at = ["steps", name, "act", index];
  if (deed.join !== undefined) return { do: "join", group: deed.join };
  if (deed.leave !== undefined) return { do: "leave", group: deed.leave };
  if (deed.hand_over !== undefined) return { do: "hand_over", reason: toText(deed.hand_over, language) };
  if (deed.notify === undefined)
    file.fault(at, "an act without a deed", "write join, leave, notify or hand_over");
  else if (deed.text === undefined)
    file.fault(at, "notify without a text", "add text: what the channel is told");
  else return { do: "notify", channel: deed.notify, text: toText(deed.text, language) };
  return undefined;
}

// ── Questions ───────────────────────────────────────────────────────────────────────────────────────────

const isAskType = (type: string): type is AskType => Object.hasOwn(ASKS, type);

function readAsk(context: StepContext): Step | undefined {
  const { file, name, language, below } = context;
  const at = ["steps", name];
  const type = String(stepsOf(file)[name]?.type ?? "text");
  if (!isAskType(type)) {
    const near = nearest(type, Object.keys(ASKS));
    file.fault(
      [...at, "type"],
      `unknown type "${type}"`,
      near ? `did you mean "${near}"?` : `use one of: ${Object.keys(ASKS).join(", ")}`,
    );
    return undefined;
  }
  const raw = file.shape(ASKS[type], at);
  if (!raw) return undefined;
  const answer = readAnswer(context, raw);
  if (!answer) return undefined;
  return {
    kind: "ask",
    text: toText(raw.ask, language),
    answer,
    next: raw.next ?? below,
    ...(raw.retry === undefined ? {} : { retry: toText(raw.retry, language) }),
    ...present(raw, [
      "video",
      "optional",
      "tries",
      "giveUp",
      "expires",
      "expired",
      "check",
      "default",
      "literal",
    ]),
  };
}

type RawAsk = z.output<(typeof ASKS)[AskType]>;

function readAnswer(context: StepContext, raw: RawAsk): AnswerSpec | undefined {
  switch (raw.type) {
    case undefined:
    case "text":
      return { type: "text", ...present(raw, ["minLength", "maxLength"]) };
    case "number":
      return { type: "number", ...present(raw, ["min", "max", "whole"]) };
    case "choice": {
      const choices = readChoices(context, raw.choices);
      return choices && { type: "choice", choices };
    }
    case "choices": {
      const choices = readChoices(context, raw.choices);
      return (
        choices && {
          type: "choices",
          choices,
          ...present(raw, ["min", "max", "ordered", "budget", "knapsack"]),
        }
      );
    }
    case "scale": {
      const labels = Object.entries(raw.labels ?? {}).map(([point, text]) => [
        point,
        toText(text, context.language),
      ]);
      return {
        type: "scale",
        from: raw.from,
        to: raw.to,
        ...(labels.length > 0 ? { labels: Object.fromEntries(labels) as Record<string, Text> } : {}),
      };
    }
    case "date":
      return { type: "date", ...present(raw, ["min", "max"]) };
    default:
      return { type: raw.type };
  }
}

/** Tells a language from a key that was mistyped. */
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/;

type RawChoices = z.output<(typeof ASKS)["choice"]>["choices"];

function readChoices({ file, name, language }: StepContext, raw: RawChoices): readonly Choice[] | undefined {
  let whole = true;
  const fault = (id: string, what: string, remedy: string): void => {
    whole = false;
    file.fault(["steps", name, "choices", id], what, remedy);
  };
  const choices = Object.entries(raw).map(([id, body]): Choice => {
    if (typeof body === "string") return { id, label: { [language]: body } };
    const { label, synonyms, when, cost, ...others } = body;
    if (label === undefined) {
      const texts = Object.entries(body).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      );
      if (texts.length < Object.keys(body).length || texts.some(([code]) => !LANGUAGE.test(code)))
        fault(id, `choice "${id}" has no label`, "write id: label, or id: { label: …, synonyms: … }");
      return { id, label: Object.fromEntries(texts) };
    }
    for (const key of Object.keys(others))
      fault(id, `unknown key "${key}"`, "a choice has label, synonyms, when and cost");
    if (when !== undefined && typeof when !== "string")
      fault(id, "when is no condition", "write one in quotes");
    if (cost !== undefined && !(typeof cost === "number" && Number.isInteger(cost)))
      fault(id, "cost is no whole number", "write it without sign and cents: 250000");
    const words = typeof synonyms === "object" ? synonyms : {};
    return {
      id,
      label: typeof label === "object" ? onlyTexts(label) : { [language]: String(label) },
      ...(typeof when === "string" ? { when } : {}),
      ...(typeof cost === "number" ? { cost } : {}),
      ...(synonyms === undefined
        ? {}
        : {
            synonyms: Object.fromEntries(Object.entries(words).map(([code, each]) => [code, [each].flat()])),
          }),
    };
  });
  return whole ? choices : undefined;
}

const onlyTexts = (record: Readonly<Record<string, string | readonly string[]>>): Text =>
  Object.fromEntries(Object.entries(record).map(([code, text]) => [code, [text].flat().join(" ")]));

// ── Small things ────────────────────────────────────────────────────────────────────────────────────────

/** A text that is one sentence is in the flow's first language. */
export const toText = (raw: string | Readonly<Record<string, string>>, language: string): Text =>
  typeof raw === "string" ? { [language]: raw } : raw;

type Present<T, K extends keyof T> = { [P in K]?: Exclude<T[P], undefined> };

/** These keys, where they have a value. */
function present<T extends object, K extends keyof T>(raw: T, keys: readonly K[]): Present<T, K> {
  const entries = keys.flatMap((key) => (raw[key] === undefined ? [] : [[key, raw[key]]]));
  return Object.fromEntries(entries) as Present<T, K>;
}

function stepsOf(file: YamlFile): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const value = file.value;
  return typeof value === "object" && value !== null && "steps" in value
    ? (value.steps as Record<string, Record<string, unknown>>)
    : {};
}
