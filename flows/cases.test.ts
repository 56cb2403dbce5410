import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ANSWERS } from "./answers/index.ts";
import { checkFlow } from "./check.ts";
import type {
  AnswerType,
  Deed,
  Effect,
  Flow,
  FlowLibrary,
  Input,
  Session,
  StepKind,
  TurnContext,
  WordKind,
} from "./flow.ts";
import { start, turn } from "./turn.ts";

type Sent = Extract<Effect, { kind: "send" }>;

interface Expected {
  /** A text alone, or with its choices and media. */
  readonly sends: readonly (string | Omit<Sent, "kind">)[];
  /** Everything but the messages. */
  readonly effects?: readonly Effect[];
  readonly at?: string;
  readonly language?: string;
}

interface CaseFile {
  readonly about: string;
  readonly flows: readonly Flow[];
  readonly cases: readonly {
    readonly name: string;
    /** Statements that citizens offered, by step. */
    readonly statements?: NonNullable<TurnContext["statements"]>;
    /** Cells of quotas that have no room left. */
    readonly full?: readonly string[];
    /** The first one where absent. */
    readonly flow?: string;
    readonly language?: string;
    readonly now?: string;
    readonly contact?: TurnContext["contact"];
    readonly start: Expected;
    readonly turns?: readonly (Expected & {
      readonly said?: string;
      readonly choice?: string;
      readonly media?: Extract<Input, { kind: "said" }>["media"];
      readonly location?: Extract<Input, { kind: "said" }>["location"];
      readonly expired?: string;
      readonly now?: string;
    })[];
  }[];
}

const folder = new URL("./cases/", import.meta.url);
const files = readdirSync(folder).map((name) => ({
  name: name.replace(".json", ""),
  ...(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CaseFile),
}));

/** As the database keeps it: whatever is no plain JSON is lost here, and the next turn shows it. */
const kept = (session: Session): Session => JSON.parse(JSON.stringify(session)) as Session;

function compare(expected: Expected, session: Session, effects: readonly Effect[]): void {
  const sends = effects.filter((effect) => effect.kind === "send");
  expect(sends).toEqual(
    expected.sends.map((sent) =>
      typeof sent === "string" ? { kind: "send", text: sent } : { kind: "send", ...sent },
    ),
  );
  expect(effects.filter((effect) => effect.kind !== "send")).toEqual(expected.effects ?? []);
  if (expected.at !== undefined) expect(session.at).toBe(expected.at);
  if (expected.language !== undefined) expect(session.language).toBe(expected.language);
  expect(kept(session)).toEqual(session);
}

describe.each(files)("$name: $about", ({ name, flows, cases }) => {
  const library: FlowLibrary = { get: (id) => flows.find((flow) => flow.id === id) };

  it.each(cases)("$name", (example) => {
    const id = example.flow ?? flows[0]?.id ?? "";
    const context = {
      now: example.now ?? "2026-11-23T08:00:00.000Z",
      language: example.language ?? "en",
      contact: example.contact ?? { fields: {} },
      ...(example.full ? { full: example.full } : {}),
      ...(example.statements ? { statements: example.statements } : {}),
    };
    let { session, effects } = start(library, id, 1, "0192", context);
    compare(example.start, session, effects);
    for (const { said, expired, choice, media, location, now, ...expected } of example.turns ?? []) {
      const input: Input =
        expired === undefined
          ? {
              kind: "said",
              text: said ?? "",
              ...(choice === undefined ? {} : { choice }),
              ...(media === undefined ? {} : { media }),
              ...(location === undefined ? {} : { location }),
            }
          : { kind: "expired", step: expired };
      ({ session, effects } = turn(library, kept(session), input, { ...context, now: now ?? context.now }));
      compare(expected, session, effects);
    }
  });

  it.each(name === "broken" ? [] : flows)("$id could be published", (flow) => {
    const around = { flows: new Map(flows.map((each) => [each.id, each])) };
    const errors = checkFlow(flow, around).filter(({ severity }) => severity === "error");
    expect(errors).toEqual(
      name === "set" ? [expect.objectContaining({ what: expect.stringContaining("zzz") })] : [],
    );
  });
});

describe("every kind has a case", () => {
  const published = files.filter(({ name }) => name !== "broken").flatMap(({ flows }) => flows);
  const steps = published.flatMap((flow) => Object.values(flow.steps));
  const stepKinds: Readonly<Record<StepKind, true>> = {
    say: true,
    ask: true,
    branch: true,
    set: true,
    call: true,
    act: true,
    wait: true,
    quota: true,
    opinions: true,
    end: true,
  };
  const deeds: Readonly<Record<Deed["do"], true>> = {
    join: true,
    leave: true,
    notify: true,
    hand_over: true,
  };
  const effectKinds: Readonly<Record<Effect["kind"], true>> = {
    send: true,
    record: true,
    forget: true,
    wake: true,
    language: true,
    set: true,
    join: true,
    leave: true,
    claim: true,
    offer: true,
    notify: true,
    hand_over: true,
    finish: true,
  };
  const said = files.flatMap(({ cases }) => cases.flatMap(({ turns }) => turns ?? []));
  const wordKinds: Readonly<Record<WordKind, RegExp>> = {
    back: /^back$/i,
    restart: /^start over$/i,
    skip: /^skip$/i,
    stop: /^exit$/i,
    language: /^language/i,
  };

  it.each(Object.keys(stepKinds))("step %s", (kind) => {
    expect(steps.some((step) => step.kind === kind)).toBe(true);
  });
  it.each(Object.keys(ANSWERS) as AnswerType[])("answer %s", (type) => {
    expect(steps.some((step) => step.kind === "ask" && step.answer.type === type)).toBe(true);
    expect(files.some(({ name }) => name === `ask-${type.replace("_", "-")}`)).toBe(true);
  });
  it.each(Object.keys(deeds))("act %s", (deed) => {
    expect(steps.some((step) => step.kind === "act" && step.acts.some((each) => each.do === deed))).toBe(
      true,
    );
  });
  it.each(Object.keys(effectKinds).filter((kind) => kind !== "send"))("effect %s", (kind) => {
    expect(said.some(({ effects }) => effects?.some((effect) => effect.kind === kind))).toBe(true);
  });
  it.each(Object.entries(wordKinds))("word %s", (_kind, pattern) => {
    expect(said.some((each) => pattern.test(each.said ?? ""))).toBe(true);
  });
});
