import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkStatement, draftAllClear, draftHolding, type Protocol } from "#flows";
import gsm from "../sandbox/contracts/gsm0338.json" with { type: "json" };
import type { Deployment } from "./deployment.ts";
import type { Fault } from "./fault.ts";
import { protocolKind } from "./protocol.ts";
import { readYaml } from "./yaml.ts";

const LANGUAGES = ["en", "zu", "xh", "af"];
const deployment = {
  defaultLanguage: "en",
  languages: LANGUAGES.map((code) => ({ code, name: code, keywords: [], fallbacks: [] })),
} as unknown as Deployment;

function read(source: string, name = "flood.yaml"): { protocol: Protocol | undefined; faults: string[] } {
  const faults: Fault[] = [];
  const file = readYaml(`protocols/${name}`, source, faults);
  const protocol = file && protocolKind.read(file, deployment);
  return {
    protocol,
    faults: faults.map(({ file: path, line, what, remedy }) => `${path}:${line}: ${what} — ${remedy}`),
  };
}

const folder = new URL("./protocols/", import.meta.url);
const ours = readdirSync(folder).map((name) => ({
  name,
  source: readFileSync(new URL(name, folder), "utf8"),
}));
const flood = ours.find(({ name }) => name === "flood.yaml")?.source ?? "";

const facts = {
  area: { en: "Riverbend, ward 4" },
  time: "14:05",
  next_update: "15:05",
  municipality: "Umhlanzi Municipality",
  contact: "Call 032 555 0100",
};

describe.each(ours)("$name", ({ name, source }) => {
  const { protocol, faults } = read(source, name);

  it("has no fault", () => expect(faults).toEqual([]));

  it("gives its first tier five minutes", () =>
    expect(protocol?.escalation.tiers[0]?.acknowledgeWithinMs).toBe(300_000));

  it.each(["holding", "all_clear"] as const)("drafts a %s statement that may be submitted", (kind) => {
    if (!protocol) throw new Error("not read");
    const texts =
      kind === "holding" ? draftHolding(protocol.holding, facts) : draftAllClear(protocol.allClear, facts);
    expect(Object.keys(texts)).toEqual(LANGUAGES);
    const findings = checkStatement({
      kind,
      texts,
      places: ["Riverbend"],
      languages: LANGUAGES,
      defaultLanguage: "en",
      replaces: false,
    });
    expect(findings).toEqual([]);
  });

  it("is written in letters that need no costlier encoding", () => {
    const basic = new Set([...Object.values(gsm.basic), ...Object.values(gsm.extension)]);
    const texts = [
      ...Object.values(protocol?.holding ?? {}).flatMap(Object.values),
      ...Object.values(protocol?.allClear ?? {}),
    ];
    expect(texts.flatMap((text: string) => [...text].filter((letter) => !basic.has(letter)))).toEqual([]);
  });
});

/** One change to a good file, and the one line that its author reads. */
const broken: readonly [what: string, find: string | RegExp, put: string, said: string][] = [
  [
    "an unknown target",
    "duty:disaster-management",
    "team:disaster-management",
    'protocols/flood.yaml:43: "escalation.tiers.0.notify.0": not somebody who can be called — write person:<handle>, duty:<name>, role:<role> or slack:#channel',
  ],
  [
    "a duration without a unit",
    "acknowledge_within: 5m",
    'acknowledge_within: "5"',
    'protocols/flood.yaml:44: "escalation.tiers.0.acknowledge_within": not a duration — write a number and a unit: "45s", "10m", "2h", "3d"',
  ],
  [
    "a slip of the hand in a key",
    "on_exhausted:",
    "on_exausted:",
    'protocols/flood.yaml:52: unknown key "on_exausted" — did you mean "on_exhausted"?',
  ],
  [
    "a task without its role",
    "owner: field_lead, due: 20m",
    "owner: nobody, due: 20m",
    'protocols/flood.yaml:62: no role has the id "nobody" — use one of: incident_lead, spokesperson, field_lead, shelter_lead',
  ],
  [
    "severities out of order",
    "- level: 2",
    "- level: 4",
    "protocols/flood.yaml:17: severity 2 in the list has level 4 — number them 1, 2, 3 … from the worst",
  ],
  [
    "a ladder that nobody stands on",
    /"(duty|role|person):[^"]+"/g,
    '"slack:#operations"',
    "protocols/flood.yaml:41: no tier calls a person: nobody could acknowledge — add person:<handle>, duty:<name> or role:<role> to a tier",
  ],
  [
    "an unknown placeholder",
    "{next_update}",
    "{next}",
    'protocols/flood.yaml:84: unknown placeholder "{next}" — use one of: area, time, next_update, municipality, contact',
  ],
  [
    "a text that names no place",
    "FLOOD in {area}",
    "FLOOD",
    "protocols/flood.yaml:80: the text does not say {area} — a warning names its place and its next word",
  ],
  [
    "a missing translation",
    "  af: Vloed\n",
    "",
    'protocols/flood.yaml:5: title lacks "af", which the holding statement has — translate it, or take the language out everywhere',
  ],
  [
    "a file under another name",
    "id: flood",
    "id: storm",
    'protocols/flood.yaml:4: the id is "storm" in a file named flood.yaml — write id: flood',
  ],
];

describe("what is wrong with a protocol", () => {
  it.each(broken)("%s", (_what, find, put, said) => {
    const source = flood.replace(find, put);
    expect(source).not.toBe(flood);
    expect(read(source).faults).toContain(said);
  });
});
