import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Config, readCarriers } from "./config.ts";
import { openContent, StartError } from "./open-app.ts";

const PROGRAM = fileURLToPath(new URL("../sandbox/main.ts", import.meta.url));
const TOWN = fileURLToPath(new URL("./demo-town/town.json", import.meta.url));

/** The sandbox says on its first line of output where it listens. */
const ready = z.object({ url: z.url() });

/** The product's environment for the sandbox's carriers: `GET /sandbox/api/credentials`. */
const credentials = z.object({ environment: z.record(z.string(), z.string()) });

/** The stand-ins allow as much as a municipality's short code would. */
const SENDERS = { TWILIO_SMS_PER_SECOND: "200", WHATSAPP_CLOUD_PER_SECOND: "80" };

export interface RunningSandbox {
  readonly url: string;
  /** The configuration with the sandbox's carriers in it: from here on the product knows no difference. */
  readonly config: Config;
  stop(): Promise<void>;
}

/** Starts the carriers' stand-ins as a program of their own. It ends with this process, even a killed one. */
export async function startSandbox(config: Config): Promise<RunningSandbox> {
  const { deployment } = await openContent(config);
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      "--port",
      "0",
      "--server",
      config.publicUrl,
      "--town",
      TOWN,
      "--data",
      join(config.dataDir, "sandbox"),
      "--templates",
      JSON.stringify(Object.values(deployment.whatsapp.templates)),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const url = await readyUrl(child);
  const response = await fetch(`${url}/sandbox/api/credentials`);
  const { environment } = credentials.parse(await response.json());
  return {
    url,
    config: { ...config, ...readCarriers({ ...SENDERS, ...environment }) },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.stdin?.end();
      await once(child, "exit");
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new StartError("The sandbox has no output.");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const parsed = ready.safeParse(jsonOrText(line));
    if (parsed.success) {
      child.stdout.resume();
      return parsed.data.url;
    }
  }
  throw new StartError("The sandbox ended before it was ready; its own message stands above.");
}

function jsonOrText(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
