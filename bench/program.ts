import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

/** A program of the bench, in a process of its own. */
export interface Program {
  readonly url: string;
  say(word: string): void;
  usage(): Promise<{ readonly cpu: number; readonly memory: number }>;
  stop(): Promise<void>;
}

/** `name`: its file in bench/, without the ending. */
export async function startProgram(name: string, environment: NodeJS.ProcessEnv): Promise<Program> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child: ChildProcess = fork(file, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: "inherit",
  });
  // Every question to the program listens once.
  child.setMaxListeners(0);
  const hear = async <T>(): Promise<T> => {
    const [said] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error(`${name} ended`))),
    ]);
    return said as T;
  };
  const { port } = await hear<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}`,
    say: (word) => void child.send(word),
    usage: () => {
      const answer = hear<{ cpu: number; memory: number }>();
      child.send("usage");
      return answer;
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Requests a second that a webhook answers, so many citizens at once, each after the answer to the one before. */
export async function webhooksPerSecond(
  { url }: Program,
  path: string,
  citizens: number,
  seconds: number,
): Promise<number> {
  const pool = new Pool(url, { connections: citizens });
  const begun = performance.now();
  const until = begun + seconds * 1_000;
  let answered = 0;
  const citizen = async (n: number): Promise<void> => {
    while (performance.now() < until) {
      const { body, statusCode } = await pool.request({
        method: "POST",
        path,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `From=%2B2762${n}&Body=4`,
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`the webhook was answered ${statusCode}`);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: citizens }, (_, n) => citizen(n)));
  await pool.close();
  return (answered / (performance.now() - begun)) * 1_000;
}
