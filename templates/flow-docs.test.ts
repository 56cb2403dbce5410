import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { checkFlow } from "#flows";
import { type Content, loadContent } from "./content.ts";
import type { Fault } from "./fault.ts";
import { flowKind } from "./flow.ts";
import { flowReference } from "./flow-reference.ts";
import { messageReference } from "./message-reference.ts";
import { readYaml } from "./yaml.ts";

const docs = new URL("../docs/", import.meta.url);
let content: Content;
beforeAll(async () => {
  content = await loadContent(new URL(".", import.meta.url).pathname);
});

it("docs/flow-fields.md is what the schema says (npx vitest run templates/flow-docs.test.ts -u writes it)", async () => {
  await expect(flowReference()).toMatchFileSnapshot(new URL("flow-fields.md", docs).pathname);
});

it("docs/template-fields.md is what the schemas say (-u writes it)", async () => {
  await expect(messageReference()).toMatchFileSnapshot(new URL("template-fields.md", docs).pathname);
});

describe("the examples in docs/flows.md", () => {
  const examples = [...readFileSync(new URL("flows.md", docs), "utf8").matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, yaml = ""]) => yaml,
  );

  it("are there", () => expect(examples.length).toBeGreaterThanOrEqual(3));

  it.each(examples)("have no fault: %s", (source) => {
    const faults: Fault[] = [];
    const file = readYaml("flows/example.yaml", source, faults);
    const flow = file && flowKind.read(file, content.deployment);
    expect(faults).toEqual([]);
    expect(flow && checkFlow(flow)).toEqual([]);
  });
});
