import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FolderInUse, lockFolder } from "./lock.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "saypro-lock-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (then: string) => [
  "--input-type=module",
  "-e",
  `import { lockFolder } from ${JSON.stringify(new URL("lock.ts", import.meta.url).href)};
   try { globalThis.held = lockFolder(${JSON.stringify(folder)}); console.log("held"); ${then} }
   catch (error) { console.log(error.message); }`,
];
const attempt = () => spawnSync(process.execPath, program(""), { encoding: "utf8" });

async function holding(): Promise<ChildProcess> {
  const child = spawn(process.execPath, program("setInterval(() => {}, 1000);"), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a second process is told in one line who works in the folder", async () => {
  const child = await holding();
  const { stdout, stderr } = attempt();
  expect(stdout.trim()).toBe(
    `${folder} is in use by process ${child.pid}; stop it first, or set DATA_DIR to another folder`,
  );
  expect(stderr).toBe("");
  child.kill("SIGTERM");
  await once(child, "exit");
});

test("after kill -9 the folder is free at once", async () => {
  for (let round = 0; round < 5; round++) {
    const child = await holding();
    expect(() => lockFolder(folder)).toThrow(FolderInUse);
    child.kill("SIGKILL");
    await once(child, "exit");
    const lock = lockFolder(folder);
    lock.release();
  }
});

test("one process holds it once, and gives it back", () => {
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`in use by process ${process.pid}`);
  expect(attempt().stdout).toContain("in use");
  lock.release();
  lock.release();
  expect(attempt().stdout.trim()).toBe("held");
});

test("of many that start together over a killed one, exactly one gets it", async () => {
  const dead = await holding();
  dead.kill("SIGKILL");
  await once(dead, "exit");
  const children = await Promise.all(
    [...Array(6)].map(async () => {
      const child = spawn(process.execPath, program("setInterval(() => {}, 1000);"), {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(child.stdout, "data");
      return { child, line: String(line).trim() };
    }),
  );
  expect(children.filter(({ line }) => line === "held")).toHaveLength(1);
  for (const { child, line } of children) if (line === "held") child.kill("SIGKILL");
});
