import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what a fresh machine has: no variable of the developer's reaches the program. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...extra };
}

/** Runs `saypro …` to its end. */
export async function saypro(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["bots/cli.ts", ...args], { env: environment(env) });
  return collect(child);
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  /** SIGTERM, and its end. */
  stop(): Promise<number | null>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
}

/** Runs `saypro start` until it has said where to click. */
export async function startSaypro(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<RunningProgram> {
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, ["bots/cli.ts", "start", ...args], {
    env: environment({ LOG_LEVEL: "warn", ...env, PORT: port }),
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit");
  while (!output.includes("is running")) {
    const ended = await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 50, undefined))]);
    if (ended) throw new Error(`saypro start ended:\n${output}`);
  }
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = (await exited) as [number | null];
      return code;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function collect(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
