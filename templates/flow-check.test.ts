import { describe, expect, it } from "vitest";
import { type Flow, type Session, start, turn } from "#flows";
import { loadContent } from "./content.ts";
import type { Fault } from "./fault.ts";
import { checkFlowsTogether, flowKind } from "./flow.ts";
import { readYaml } from "./yaml.ts";

const { deployment } = await loadContent(new URL(".", import.meta.url).pathname);

/** A flow from its YAML, or its faults. */
function read(source: string): { flow?: Flow; faults: readonly string[] } {
  const faults: Fault[] = [];
  const file = readYaml("flows/t.yaml", source, faults);
  const value = file && flowKind.read(file, deployment);
  if (file && value) checkFlowsTogether(new Map([["t", { file, value }]]), deployment);
  const said = faults.map(({ line, what, remedy }) => `${line}: ${what} — ${remedy}`);
  return { faults: said, ...(value ? { flow: { ...value, version: 1 } } : {}) };
}

/** What is heard, reply by reply, as far as `replies` go. */
function talk(source: string, replies: readonly string[]) {
  const { flow, faults } = read(source);
  expect(faults).toEqual([]);
  if (!flow) throw new Error("no flow");
  const library = { get: () => flow };
  const context = { now: "2026-11-23T08:00:00Z", language: "en", contact: { fields: {} } };
  let taken = start(library, "t", 1, "s", context);
  const heard: string[] = [];
  const listen = (): void => {
    for (const effect of taken.effects)
      if (effect.kind === "send")
        heard.push([effect.text, ...(effect.choices ?? []).map(({ title }) => title)].join(" | "));
  };
  listen();
  for (const text of replies) {
    // As it is kept between turns.
    taken = turn(
      library,
      JSON.parse(JSON.stringify(taken.session)) as Session,
      { kind: "said", text },
      context,
    );
    listen();
  }
  return { heard, answers: taken.session.answers, state: taken.session.state };
}

const HEAD = "title: T\nlanguages: [en]\nsteps:\n";

describe("a check", () => {
  const source = `${HEAD}
  born:
    ask: In which year were you born?
    type: number
    whole: true
  moved:
    ask: And since which year do you live here?
    type: number
    whole: true
    check: answers.moved >= answers.born
    retry: That is before you were born. Since which year?
  bye: { end: Thank you. }`;

  it("asks again in the words of retry, and keeps nothing of what failed", () => {
    const { heard, answers, state } = talk(source, ["1980", "1975", "1999"]);
    expect(heard).toEqual([
      "In which year were you born?",
      "And since which year do you live here?",
      "That is before you were born. Since which year?",
      "Thank you.",
    ]);
    expect(answers).toEqual({ born: 1980, moved: 1999 });
    expect(state).toBe("ended");
  });

  it("is looked at when the flow is published: names, types, and a retry", () => {
    const { faults } = read(source.replace("answers.born\n", "answers.bron\n").replace(/ {4}retry.*\n/, ""));
    expect(faults).toEqual([
      expect.stringMatching(/^13: .*No such key: bron — did you mean "born"\?/),
      expect.stringMatching(/^13: a check without a retry/),
    ]);
    expect(read(source.replace("answers.moved >= answers.born", "answers.moved + 1.0")).faults).toEqual([
      expect.stringMatching(/is double, not true or false/),
    ]);
  });
});

describe("choices that depend on what was said before", () => {
  const source = `${HEAD}
  area:
    ask: Where?
    type: choice
    choices: { north: North, south: South, sea: At sea }
  place:
    ask: Which place?
    type: choice
    choices:
      hill: { label: Hillside, when: answers.area == "north" }
      mill: { label: Mill Village, when: answers.area == "north" }
      port: { label: Port, when: answers.area == "south" }
  bye: { end: Thank you. }`;

  it("are offered and understood only where they fit; with none left the question is passed over", () => {
    expect(talk(source, ["north", "port", "2"])).toMatchObject({
      heard: [
        "Where? | North | South | At sea",
        "Which place? | Hillside | Mill Village",
        expect.not.stringContaining("Port"),
        "Thank you.",
      ],
      answers: { area: "north", place: "mill" },
    });
    expect(talk(source, ["south", "1"]).answers).toEqual({ area: "south", place: "port" });
    expect(talk(source, ["sea"])).toMatchObject({ answers: { area: "sea" }, state: "ended" });
  });

  it("have conditions that are looked at when the flow is published", () => {
    expect(read(source.replace('answers.area == "south"', 'answers.area == "sooth"')).faults).toEqual([
      expect.stringMatching(/"sooth" is no choice of that question — did you mean "south"\?/),
    ]);
  });
});

describe("a default", () => {
  const source = `${HEAD}
  people:
    ask: How many people?
    type: number
    optional: true
    default: 1
  bye: { end: "{people} it is." }`;

  it("is the answer when the question is skipped", () => {
    expect(talk(source, ["skip"])).toMatchObject({ answers: { people: 1 }, state: "ended" });
    expect(talk(source, ["4"]).answers).toEqual({ people: 4 });
  });

  it.each([
    ["default: 1", "default: one", /"one" is no answer to this question — write a number/],
    ["    optional: true\n", "", /a default for a question that cannot be skipped/],
  ])("%s as %s is a fault", (from, to, words) => {
    expect(read(source.replace(from, to)).faults).toEqual([expect.stringMatching(words)]);
  });
});

describe("a ranking", () => {
  const source = `${HEAD}
  first:
    ask: What comes first?
    type: choices
    ordered: true
    min: 3
    choices: { water: Water, roads: Roads, light: Light }
  bye: { end: "{first}" }`;

  it.each([
    ["3,1,2", ["light", "water", "roads"]],
    ["roads, water and light", ["roads", "water", "light"]],
    ["213", ["roads", "water", "light"]],
  ])("%s keeps its order", (said, order) => {
    expect(talk(source, [said]).answers).toEqual({ first: order });
  });
});
