import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Config } from "./config.ts";
import { StartError } from "./open-app.ts";

const PROGRAM = fileURLToPath(new URL("../sandbox/main.ts", import.meta.url));
const TOWN = fileURLToPath(new URL("./demo-town/town.json", import.meta.url));

/** The sandbox says on its first line of output where it listens. */
const ready = z.object({ url: z.url() });

/** What the sandbox's carriers know us by; `GET /sandbox/api/credentials`. */
const credentials = z.object({
  twilio: z.object({ accountSid: z.string(), authToken: z.string(), apiUrl: z.url(), smsFrom: z.string() }),
  whatsappCloud: z.object({
    token: z.string(),
    phoneNumberId: z.string(),
    appSecret: z.string(),
    verifyToken: z.string(),
    apiUrl: z.url(),
  }),
  slack: z.object({ botToken: z.string(), signingSecret: z.string(), apiUrl: z.url() }),
});

export interface RunningSandbox {
  readonly url: string;
  /** The configuration with the sandbox's carriers in it: from here on the product knows no difference. */
  readonly config: Config;
  stop(): Promise<void>;
}

/** Starts the carriers' stand-ins as a program of their own. It ends with this process, even a killed one. */
export async function startSandbox(config: Config): Promise<RunningSandbox> {
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
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const url = await readyUrl(child);
  const response = await fetch(`${url}/sandbox/api/credentials`);
  const { twilio, whatsappCloud, slack } = credentials.parse(await response.json());
  return {
    url,
    config: { ...config, twilio, whatsappCloud, slack },
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
