import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import writeXlsx from "write-excel-file/node";
import { freePort, type RunningProgram, saypro, startSaypro } from "./support/program.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saypro-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the command line", () => {
  it("helps", async () => {
    const { code, stdout } = await saypro(["--help"]);
    expect(code).toBe(0);
    for (const command of ["start", "serve", "worker", "migrate", "check", "doctor", "audit"])
      expect(stdout).toContain(command);
  });

  it("answers a word it does not know with 2 and a suggestion", async () => {
    const { code, stderr } = await saypro(["doctr"]);
    expect(code).toBe(2);
    expect(stderr).toContain("doctor");
  });

  it.each([
    ["a bad variable", { PORT: "http" }, /^PORT: must be a port number\n$/],
    ["a carrier half set", { TWILIO_AUTH_TOKEN: "t" }, /^TWILIO_ACCOUNT_SID: missing/],
    ["no database for a worker of its own", {}, /^DATABASE_URL: not set/],
  ])("ends with 1 and one clear line for %s", async (_name, env, words) => {
    const { code, stderr } = await saypro(["worker"], { DATA_DIR: join(folder, "none"), ...env });
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    [["import", "contacts", tmpdir(), "--consent-source", "x"], /is no file: name the file itself/],
    [["import", "xlsform", tmpdir()], /this is a folder; name the workbook itself/],
    [["import", "contacts", "/no/such.csv", "--consent-source", "x"], /there is no such file/],
  ])("%j: one clear line", async (args, words) => {
    const { code, stderr } = await saypro(args, { DATA_DIR: join(folder, "none") });
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("names the database that cannot be reached", async () => {
    const { code, stderr } = await saypro(["migrate"], { DATABASE_URL: "postgres://x:y@127.0.0.1:1/z" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATABASE_URL: cannot .*ECONNREFUSED/);
    expect(stderr).not.toContain("y@");
  });

  it("doctor tells what is missing for going live", async () => {
    const { code, stdout } = await saypro(["doctor", "--json"]);
    expect(code).toBe(0);
    const findings = JSON.parse(stdout) as { what: string; state: string }[];
    expect(findings.filter((f) => f.state === "missing").map((f) => f.what)).toEqual(
      expect.arrayContaining(["database", "secrets", "address", "sms", "whatsapp", "slack"]),
    );
  });

  it("check passes over the templates that come with the program", async () => {
    const { code, stdout } = await saypro(["check", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ faults: [] });
  });
});

describe("saypro flow", () => {
  const file = "templates/flows/three-questions.yaml";

  it("check names each fault with its line, or says what the texts cost", async () => {
    const good = await saypro(["flow", "check", file]);
    expect(good).toMatchObject({ code: 0, stderr: "" });
    expect(good.stdout).toMatch(/three-questions is in order: 4 steps, 3 questions/);
    const path = join(folder, "bad.yaml");
    await writeFile(
      path,
      "id: bad\ntitle: T\nlanguages: [en]\nsteps:\n  a:\n    ask: Hi {nam}\n    next: bb\n  b:\n    end: Bye\n",
    );
    const bad = await saypro(["flow", "check", path]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(`${path}:7: there is no step "bb" — did you mean "b"?`);
    const none = await saypro(["flow", "check", join(folder, "none.yaml")]);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("no such file") });
    expect(none.stderr).not.toContain("    at ");
  });

  it("try holds a conversation over a pipe", async () => {
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, ["bots/cli.ts", "flow", "try", file], { env: { PATH } });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stdin.end("Thandi\n5\nnothing\n");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
    expect(said).toContain("Thank you Thandi.");
    expect(said).toContain("· the end: completed");
  });

  it("an XLSForm becomes a flow, or nothing", async () => {
    const path = join(folder, "form.xlsx");
    const sheet = (type: string) => [
      {
        sheet: "survey",
        data: [
          ["type", "name", "label"],
          [type, "q", "How are you?"],
        ].map((row) => row.map((value) => ({ value }))),
      },
    ];
    await writeXlsx(sheet("text")).toFile(path);
    const good = await saypro([
      "import",
      "xlsform",
      path,
      "--keyword",
      "HELLO",
      "--output",
      join(folder, "form.yaml"),
    ]);
    expect(good).toMatchObject({ code: 0 });
    expect(await saypro(["flow", "check", join(folder, "form.yaml")])).toMatchObject({ code: 0 });
    await writeXlsx(sheet("barcode")).toFile(path);
    const bad = await saypro(["import", "xlsform", path, "--output", join(folder, "bad-form.yaml")]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(
      /^survey row 2: barcode cannot be asked in a chat — .*\n.*1 error; nothing was written/,
    );
    expect(existsSync(join(folder, "bad-form.yaml"))).toBe(false);
  });

  it("graph writes a picture", async () => {
    const { code, stdout } = await saypro(["flow", "graph", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/<svg[\s\S]*<title>rating<\/title>[\s\S]*<\/svg>/);
  });
});

it("is silent when whoever reads its output has enough", async () => {
  const { PATH = "" } = process.env;
  const child = spawn("sh", ["-c", `'${process.execPath}' bots/cli.ts --help | head -1`], {
    env: { PATH },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  await once(child, "close");
  expect(said.trim().split("\n")).toEqual(["Usage: saypro [options] [command]"]);
});

describe("npm start", () => {
  let program: RunningProgram;
  let data: string;
  beforeAll(async () => {
    data = join(folder, "data");
    program = await startSaypro({ DATA_DIR: data });
  });
  afterAll(async () => {
    await program.kill();
  });

  it("says where to click, and there is something there", async () => {
    expect(program.output()).toContain(`${program.url}/sandbox/`);
    expect((await fetch(`${program.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${program.url}/readyz`);
    expect(await ready.json()).toMatchObject({
      checks: [
        { name: "database", ok: true },
        { name: "queue", ok: true },
      ],
    });
    expect(await (await fetch(`${program.url}/metrics`)).text()).toContain("saypro_outbox_messages");
    const document = (await (await fetch(`${program.url}/api/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toContain("/api/consultations");
  });

  it("tells a health check that it is ready, and that nothing is where nothing runs", async () => {
    const port = new URL(program.url).port;
    expect(await saypro(["health"], { PORT: port })).toMatchObject({ code: 0 });
    const { code, stderr } = await saypro(["health"], { PORT: String(await freePort()) });
    expect(code).toBe(1);
    expect(stderr).toMatch(/does not answer/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses a second process on the same data, in one line", async () => {
    const { code, stderr } = await saypro(["audit", "verify"], { DATA_DIR: data });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATA_DIR: .* is in use by/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses a port in use, in one line", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await saypro(["start"], { DATA_DIR: join(folder, "other"), PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PORT: \d+ is in use/);
  });

  it("refuses forged and malformed webhooks, and an unknown address", async () => {
    const forged = await fetch(`${program.url}/webhooks/twilio/messages`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "forged" },
      body: "MessageSid=SM1&From=%2B27820000000&To=%2B27870000000&Body=hello",
    });
    expect(forged.status).toBe(403);
    expect((await fetch(`${program.url}/webhooks/whatsapp`, { method: "POST", body: "{}" })).status).toBe(
      403,
    );
    expect((await fetch(`${program.url}/slack/events`, { method: "POST", body: "{}" })).status).toBe(403);
    expect((await fetch(`${program.url}/nothing`)).status).toBe(404);
  });

  it("keeps its data over a kill, and begins anew when asked to", async () => {
    const contacts = async (): Promise<number> => {
      const overview = (await (await fetch(`${program.url}/api/overview`)).json()) as { contacts: number };
      return overview.contacts;
    };
    const before = (await (await fetch(`${program.url}/api/audit`)).json()) as unknown[];
    expect(await contacts()).toBeGreaterThanOrEqual(3000);
    await program.kill();
    program = await startSaypro({ DATA_DIR: data });
    expect(await (await fetch(`${program.url}/api/audit`)).json()).toEqual(before);
    expect(await program.stop()).toBe(0);
    expect(await saypro(["audit", "verify"], { DATA_DIR: data })).toMatchObject({ code: 0 });
    program = await startSaypro({ DATA_DIR: data }, ["--fresh"]);
    expect(await contacts()).toBeGreaterThanOrEqual(3000);
  });
});
