import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWERS } from "./answers/index.ts";
import {
  type AnswerSpec,
  type AnswerType,
  type Effect,
  type Flow,
  type FlowLibrary,
  type Input,
  MAX_ANSWERS,
  MAX_BACK,
  MAX_EFFECTS_PER_TURN,
  MAX_TEXT,
  MAX_VARIABLES,
  type Session,
  type Step,
  type StepKind,
  type Turn,
} from "./flow.ts";
import { start, turn } from "./turn.ts";

const LANGUAGES = ["en", "zu", "af", "xx"];
const NAMES = ["a", "b", "c", "d", "e"];

// ── Flows that nobody would write ───────────────────────────────────────────────────────────────────────

const name = fc.constantFrom(...NAMES, "gone");
const text = fc.dictionary(
  fc.constantFrom(...LANGUAGES),
  fc.oneof(
    fc.constantFrom(
      "Hi {name}.",
      "{a} and {b.a}",
      "{c, plural, one {#} other {# of {d}}}",
      "{a, select, x {y} other {}}",
    ),
    fc.string({ maxLength: 30 }),
  ),
  { minKeys: 0, maxKeys: 4 },
);
const condition = fc.oneof(
  fc.constantFrom(
    "answers.a > 1",
    "has(answers.b)",
    "answers.c == 'x'",
    "'x' in answers.d",
    "vars.v == 2",
    "contact.ward in [1, 2]",
    "answers.a + answers.b",
    "0.0 / 0.0",
    "answers.e.a == 1",
    "session.language == 'zu'",
    "true",
  ),
  fc.string({ maxLength: 12 }),
);
const choices = fc.array(fc.record({ id: fc.constantFrom("x", "y", "z"), label: text }), { maxLength: 4 });
const point = fc.integer({ min: -3, max: 12 });
const specs: { readonly [T in AnswerType]: fc.Arbitrary<Extract<AnswerSpec, { type: T }>> } = {
  text: fc.record(
    { type: fc.constant("text" as const), minLength: point, maxLength: point },
    { requiredKeys: ["type"] },
  ),
  number: fc.record(
    { type: fc.constant("number" as const), min: point, max: point, whole: fc.boolean() },
    { requiredKeys: ["type"] },
  ),
  yes_no: fc.record({ type: fc.constant("yes_no" as const) }),
  choice: fc.record({ type: fc.constant("choice" as const), choices }),
  choices: fc.record(
    { type: fc.constant("choices" as const), choices, min: point, max: point },
    { requiredKeys: ["type", "choices"] },
  ),
  scale: fc.record(
    {
      type: fc.constant("scale" as const),
      from: point,
      to: point,
      labels: fc.dictionary(fc.constantFrom("1", "2"), text),
    },
    { requiredKeys: ["type", "from", "to"] },
  ),
  date: fc.record(
    {
      type: fc.constant("date" as const),
      min: fc.constantFrom("today", "2026-01-01"),
      max: fc.constantFrom("today", "2027-01-01"),
    },
    { requiredKeys: ["type"] },
  ),
  location: fc.record({ type: fc.constant("location" as const) }),
  photo: fc.record({ type: fc.constant("photo" as const) }),
  audio: fc.record({ type: fc.constant("audio" as const) }),
};
const duration = fc.constantFrom("1m", "2h", "3d", "soon");
const steps: { readonly [K in StepKind]: fc.Arbitrary<Extract<Step, { kind: K }>> } = {
  say: fc.record({ kind: fc.constant("say" as const), text, next: name }),
  ask: fc.record(
    {
      kind: fc.constant("ask" as const),
      text,
      answer: fc.oneof(...(Object.values(specs) as fc.Arbitrary<AnswerSpec>[])),
      next: name,
      retry: text,
      optional: fc.boolean(),
      tries: fc.integer({ min: 1, max: 3 }),
      giveUp: name,
      expires: duration,
      expired: name,
      literal: fc.boolean(),
    },
    { requiredKeys: ["kind", "text", "answer", "next"] },
  ),
  branch: fc.record({
    kind: fc.constant("branch" as const),
    cases: fc.array(fc.record({ when: condition, next: name }), { maxLength: 3 }),
    otherwise: name,
  }),
  set: fc.record({
    kind: fc.constant("set" as const),
    values: fc.dictionary(fc.constantFrom("v", "w", "contact.ward"), condition),
    next: name,
  }),
  call: fc.record({
    kind: fc.constant("call" as const),
    flow: fc.constantFrom("one", "two", "none"),
    next: name,
  }),
  act: fc.record({
    kind: fc.constant("act" as const),
    acts: fc.array(
      fc.oneof(
        fc.record({
          do: fc.constantFrom("join" as const, "leave" as const),
          group: fc.string({ maxLength: 5 }),
        }),
        fc.record({ do: fc.constant("notify" as const), channel: fc.constant("#inbox"), text }),
        fc.record({ do: fc.constant("hand_over" as const), reason: text }),
      ),
      { maxLength: 3 },
    ),
    next: name,
  }),
  wait: fc.record(
    { kind: fc.constant("wait" as const), duration, next: name, replied: name },
    { requiredKeys: ["kind", "duration", "next"] },
  ),
  quota: fc.record({
    kind: fc.constant("quota" as const),
    cells: fc.array(
      fc.record(
        { name: fc.constantFrom("a", "b"), when: condition, limit: fc.integer({ min: 1, max: 9 }) },
        { requiredKeys: ["name", "limit"] },
      ),
      { maxLength: 3 },
    ),
    full: name,
    next: name,
  }),
  opinions: fc.record(
    {
      kind: fc.constant("opinions" as const),
      statements: fc.dictionary(fc.constantFrom("s1", "s2", "s3"), text),
      take: fc.integer({ min: 1, max: 3 }),
      offer: text,
      next: name,
    },
    { requiredKeys: ["kind", "statements", "next"] },
  ),
  end: fc.record({ kind: fc.constant("end" as const), text }, { requiredKeys: ["kind"] }),
};
const step = fc.oneof(
  { weight: 4, arbitrary: steps.ask as fc.Arbitrary<Step> },
  ...(Object.values(steps) as fc.Arbitrary<Step>[]).map((arbitrary) => ({ weight: 1, arbitrary })),
);
const flow = (id: string): fc.Arbitrary<Flow> =>
  fc.record(
    {
      id: fc.constant(id),
      version: fc.constant(1),
      title: text,
      keywords: fc.constant([]),
      languages: fc.subarray(LANGUAGES),
      fallbacks: fc.constant({ zu: ["af"] }),
      tries: fc.integer({ min: 1, max: 3 }),
      giveUp: fc.constantFrom("hand_over" as const, "skip" as const, "end" as const),
      expires: duration,
      defaults: fc.dictionary(name, text),
      start: fc.constantFrom(...NAMES),
      steps: fc.record(Object.fromEntries(NAMES.map((each) => [each, step])) as Record<string, typeof step>),
    },
    { requiredKeys: ["id", "version", "title", "keywords", "languages", "start", "steps"] },
  );

// ── People who say anything ─────────────────────────────────────────────────────────────────────────────

const reply = fc.oneof(
  fc.constantFrom(
    "1",
    "2",
    "yes",
    "cha",
    "BACK",
    "restart",
    "skip",
    "stop",
    "isiZulu",
    "language",
    "tomorrow",
    "3/11",
    "x",
  ),
  fc.constantFrom(
    "5",
    "10",
    "x and y",
    "1, 3",
    "water",
    "next friday",
    "__proto__",
    "constructor",
    "\ud83d",
    "👍",
  ),
  fc.string({ unit: "grapheme", maxLength: 40 }),
);
const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("said" as const), text: reply }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("said" as const),
      text: reply,
      choice: fc.constantFrom("x", "yes", "2", "nothing"),
      media: fc.constant([{ url: "https://example.org/1", contentType: "image/jpeg" }]),
      location: fc.constant({ latitude: -29.7, longitude: 31 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("expired" as const), step: fc.constantFrom(...NAMES, "a/b") }),
  },
);

const contact = { name: "Thandi", fields: { ward: 4 } };
const HOUR = 3_600_000;
const BEGIN = Date.parse("2026-11-23T08:00:00Z");

/** The whole conversation, with every session handed on as `hand` says. */
function converse(
  library: FlowLibrary,
  inputs: readonly Input[],
  language: string,
  hand: (session: Session) => Session,
): readonly Turn[] {
  const at = (hours: number) => ({ now: new Date(BEGIN + hours * HOUR).toISOString(), language, contact });
  const turns = [start(library, "one", 1, "s", at(0))];
  for (const [index, each] of inputs.entries()) {
    const last = turns.at(-1);
    if (last) turns.push(turn(library, hand(last.session), each, at(index * 7)));
  }
  return turns;
}

/** A turn that wrote into the session that it was handed would throw. */
function frozen(session: Session): Session {
  for (const value of Object.values(session)) if (typeof value === "object") Object.freeze(value);
  return Object.freeze(session);
}

const anything = {
  flows: fc.tuple(flow("one"), flow("two")),
  inputs: fc.array(input, { maxLength: 12 }),
  language: fc.constantFrom(...LANGUAGES, "st"),
};
const libraryOf = (flows: readonly Flow[]): FlowLibrary => ({
  get: (id) => flows.find((each) => each.id === id),
});

describe("any flow and any replies", () => {
  it("come to the same with the session written out and read back between all turns", () => {
    fc.assert(
      fc.property(anything.flows, anything.inputs, anything.language, (flows, inputs, language) => {
        const library = libraryOf(flows);
        const straight = converse(library, inputs, language, (session) => session);
        const kept = converse(
          library,
          inputs,
          language,
          (session) => JSON.parse(JSON.stringify(session)) as Session,
        );
        expect(kept).toEqual(straight);
        expect(JSON.parse(JSON.stringify(straight))).toEqual(straight);
      }),
      { numRuns: 1_500 },
    );
  });

  it("stay within the limits, end once, and never say what is not there", () => {
    fc.assert(
      fc.property(anything.flows, anything.inputs, anything.language, (flows, inputs, language) => {
        const turns = converse(libraryOf(flows), inputs, language, frozen);
        let ended = false;
        for (const { session, effects } of turns) {
          expect(effects.length).toBeLessThanOrEqual(MAX_EFFECTS_PER_TURN + 1);
          expect(Object.keys(session.answers).length).toBeLessThanOrEqual(MAX_ANSWERS);
          expect(Object.keys(session.variables).length).toBeLessThanOrEqual(MAX_VARIABLES);
          expect(session.trail.length).toBeLessThanOrEqual(MAX_BACK);
          if (ended) expect(effects).toEqual([]);
          const finishes = effects.filter(({ kind }) => kind === "finish").length;
          expect(finishes).toBe(!ended && session.state === "ended" ? 1 : 0);
          ended ||= session.state === "ended";
          for (const sent of effects.filter(
            (effect): effect is Extract<Effect, { kind: "send" }> => effect.kind === "send",
          )) {
            expect(sent.text.length).toBeLessThanOrEqual(2 * MAX_TEXT);
            expect(sent.text).not.toMatch(/\bundefined\b|\[object/);
            expect(sent.text.isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it("reach every type of answer and most outcomes", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anything.flows, anything.inputs, anything.language, (flows, inputs, language) => {
        for (const { session, effects } of converse(libraryOf(flows), inputs, language, (each) => each)) {
          if (session.outcome) seen.add(session.outcome);
          for (const effect of effects) {
            seen.add(effect.kind);
            if (effect.kind !== "record") continue;
            const asked = flows[0].steps[effect.question];
            if (asked?.kind === "ask") seen.add(`answer ${asked.answer.type}`);
          }
        }
      }),
      { numRuns: 2_500, seed: 7 },
    );
    const wanted = [
      ...Object.keys(ANSWERS).map((type) => `answer ${type}`),
      ...["completed", "stopped", "expired", "failed"],
      ...[
        "send",
        "record",
        "forget",
        "wake",
        "language",
        "set",
        "join",
        "leave",
        "claim",
        "offer",
        "notify",
        "hand_over",
        "finish",
      ],
    ];
    expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
  });
});
