import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { broadcastKind } from "./broadcast.ts";
import { readDeployment } from "./deployment.ts";
import type { Fault } from "./fault.ts";
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
