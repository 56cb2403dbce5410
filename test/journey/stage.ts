import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient, type SandboxClient } from "../../sandbox/client.ts";
import { type RunningProgram, startSaypro } from "../support/program.ts";

export interface Stage {
  readonly program: RunningProgram;
  readonly client: SandboxClient;
  /** The data folder. */
  readonly data: string;
  close(): Promise<void>;
}

/** The program as `npm start` runs it, in a folder of its own, with carriers that do not dawdle. */
export async function openStage(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), "saypro-journey-"));
  const program = await startSaypro({ ...env, DATA_DIR: data, TEMPLATES_DIR: await hastyTemplates(data) });
  const client = openClient(program.url);
  await client.turn({ stepMs: 10 });
  return {
    program,
    client,
    data,
    close: async () => {
      await program.kill();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The templates with a first tier that has four seconds instead of five minutes. */
async function hastyTemplates(folder: string): Promise<string> {
  const copy = join(folder, "templates");
  await cp("templates", copy, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  const file = join(copy, "protocols", "water-quality-emergency.yaml");
  const protocol = await readFile(file, "utf8");
  await writeFile(file, protocol.replace("acknowledge_within: 5m", "acknowledge_within: 4s"));
  return copy;
}
