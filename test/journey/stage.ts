import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { openClient, type SandboxClient } from "../../sandbox/client.ts";
import { type RunningProgram, startSaypro } from "../support/program.ts";

export interface Stage {
  readonly program: RunningProgram;
  readonly client: SandboxClient;
  /** The data folder. */
  readonly data: string;
  /** The machine is off for a while: everything that was kept is so much older when it is on again. */
  restartLater(interval: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * The program as `npm start` runs it, in a folder of its own, with carriers that do not dawdle. `flows`: more of them, as
 * YAML by their ids.
 */
export async function openStage(
  env: Readonly<Record<string, string>> = {},
  flows: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), "saypro-journey-"));
  const templates = await hastyTemplates(data);
  for (const [id, yaml] of Object.entries(flows))
    await writeFile(join(templates, "flows", `${id}.yaml`), yaml);
  const all = { ...env, DATA_DIR: data, TEMPLATES_DIR: templates };
  let program = await startSaypro(all);
  const client = openClient(program.url);
  await client.turn({ stepMs: 10 });
  return {
    get program() {
      return program;
    },
    client,
    data,
    restartLater: async (interval) => {
      await program.stop();
      const database = new PGlite(join(data, "postgres"));
      await database.query(
        "update sessions set updated_at = updated_at - $1::interval, started_at = started_at - $1::interval",
        [interval],
      );
      await database.close();
      program = await startSaypro({ ...all, PORT: new URL(program.url).port });
      await client.turn({ stepMs: 10 });
    },
    close: async () => {
      await program.kill();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The templates with a first tier that has four seconds instead of five minutes, and no quiet hours. */
async function hastyTemplates(folder: string): Promise<string> {
  const copy = join(folder, "templates");
  await cp("templates", copy, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  const file = join(copy, "protocols", "water-quality-emergency.yaml");
  const protocol = await readFile(file, "utf8");
  await writeFile(file, protocol.replace("acknowledge_within: 5m", "acknowledge_within: 4s"));
  const deployment = join(copy, "deployment.yaml");
  const hours = await readFile(deployment, "utf8");
  await writeFile(deployment, hours.replace(/quietHours: .*/, 'quietHours: { from: "00:00", to: "00:00" }'));
  return copy;
}
