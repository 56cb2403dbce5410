import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { broadcastKind } from "./broadcast.ts";
import { readDeployment } from "./deployment.ts";
import type { Fault } from "./fault.ts";
import { readGuidelines } from "./guidelines.ts";
import { readYaml } from "./yaml.ts";

const own = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), "utf8");

async function read(text: string, name = "policy-update"): Promise<{ faults: Fault[]; value: unknown }> {
  const faults: Fault[] = [];
  const deploymentFile = readYaml("deployment.yaml", await own("deployment.yaml"), faults);
  const deployment = deploymentFile && readDeployment(deploymentFile);
  const file = readYaml(`broadcasts/${name}.yaml`, text, faults);
  if (!deployment || !file) throw new Error("the test's files cannot be read");
  return { faults, value: broadcastKind.read(file, deployment) };
}

test("the policy update that comes with the program has four languages and no fault", async () => {
  const { faults, value } = await read(await own("broadcasts/policy-update.yaml"));
  expect(faults).toEqual([]);
  expect(value).toMatchObject({ id: "policy-update", title: "Policy update" });
  expect(Object.keys((value as { texts: object }).texts)).toEqual(["en", "zu", "xh", "af"]);
});

test("faults name the line and the remedy", async () => {
  const { faults } = await read("id: other\ntitle: T\ntexts:\n  zu: Sawubona [usuku]\n  tlh: nuqneH\n");
  expect(faults.map(({ line, what }) => `${line}: ${what}`)).toEqual([
    '1: the id is "other" in a file named policy-update.yaml',
    '5: "tlh" is not among the languages',
    '3: the text in "en" is missing',
  ]);
});

test("every language asks for the same facts", async () => {
  const { faults } = await read(
    "id: policy-update\ntitle: T\ntexts:\n  en: From [date] at [place].\n  zu: Kusukela [date].\n",
  );
  expect(faults.map(({ what }) => what)).toEqual([
    "it has 1 parts in [square brackets], the default language 2",
  ]);
});

describe("values and placeholders", () => {
  const faultsOf = async (more: string, texts: string) =>
    (await read(`id: policy-update\ntitle: T\n${more}texts:\n${texts}`)).faults.map(({ what }) => what);

  test.each([
    [
      "a value in every language",
      "values: {day: {type: date, label: Day}}\n",
      "  en: '{day}'\n  zu: '{day}!'\n",
      [],
    ],
    [
      "a value that one language forgets",
      "values: {day: {type: date, label: Day}}\n",
      "  en: '{day}'\n  zu: no\n",
      ["{day} is not in it"],
    ],
    [
      "a slip of the hand",
      "values: {street: {type: text, label: S}}\n",
      "  en: '{street} {stret}'\n",
      ["{stret} is not declared"],
    ],
    [
      "words for what staff give",
      "values: {day: {type: date, label: Day}}\n",
      "  en: '{day|soon}'\n",
      ["{day|soon} is given by staff every time"],
    ],
    [
      "a choice without options",
      "values: {what: {type: choice, label: W}}\n",
      "  en: '{what}'\n",
      ["a choice without options"],
    ],
    [
      "an option without the default language",
      "values: {what: {type: choice, label: W, options: {a: {zu: x}}}}\n",
      "  en: '{what}'\n",
      ['its words in "en" are missing'],
    ],
    [
      "the person's name as a value",
      "values: {name: {type: text, label: N}}\n",
      "  en: '{name}'\n",
      ["{name} is what is known of the person"],
    ],
    ["braces that are no placeholder", "", "  en: 'Hi {Name}'\n", ["{Name} is no placeholder"]],
    [
      "more fields than can be filled in",
      "",
      "  en: '{a|x} {b|x} {c|x} {d|x} {e|x}'\n",
      ["{a}, {b}, {c}, {d}, {e}: more than what is known of a person can fill in"],
    ],
  ])("%s", async (_what, more, texts, whats) => {
    expect(await faultsOf(more, texts)).toEqual(whats);
  });
});

test("the guidelines that come with the program have no fault; those of others are named by line", async () => {
  const readRules = async (text: string) => {
    const faults: Fault[] = [];
    const deploymentFile = readYaml("deployment.yaml", await own("deployment.yaml"), faults);
    const deployment = deploymentFile && readDeployment(deploymentFile);
    const file = readYaml("guidelines.yaml", text, faults);
    if (!deployment || !file) throw new Error("the test's files cannot be read");
    return { rules: readGuidelines(file, deployment), all: faults };
  };
  const ours = await readRules(await own("guidelines.yaml"));
  expect(ours.all).toEqual([]);
  expect(ours.rules.rules.map(({ id }) => id)).toContain("way-to-stop");
  const theirs = await readRules(
    "avoid:\n  - id: a\n    words: {tlh: {x: y}}\ntone:\n  - id: a\n    kinds: [service]\n",
  );
  expect(theirs.all.map(({ line, what }) => `${line}: ${what}`)).toEqual([
    '3: "tlh" is not among the languages',
    '5: "a" is there twice',
    '5: "a" asks for nothing',
  ]);
});
