import { listStaff } from "#storage";
import { readConfig } from "../config.ts";
import { openApp, openData, StartError } from "../open-app.ts";
import { type GivenMember, keepMember, powersOf } from "../team/index.ts";
import { commit } from "../unit.ts";

/** `saypro staff list` */
export async function listTeam(options: { readonly json?: boolean }): Promise<void> {
  const { database, release } = await openData(readConfig(process.env));
  try {
    const team = await listStaff(database.db);
    if (options.json) process.stdout.write(`${JSON.stringify(team)}\n`);
    else if (team.length === 0)
      process.stdout.write("Nobody yet. saypro staff set <handle> adds a person.\n");
    else {
      const width = Math.max(...team.map(({ handle }) => handle.length));
      for (const one of team)
        process.stdout.write(
          `${one.handle.padEnd(width)}  ${one.name}: ${powersOf(one)} (Slack ${one.slackUserId ?? "–"}, phone ${one.phone ?? "–"})\n`,
        );
    }
  } finally {
    await database.close();
    await release();
  }
}

/** Collects `--role author --role approver`, and `--role author,approver`. */
export const several = (written: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...written.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])),
];

interface SetOptions extends Omit<GivenMember, "handle" | "roles" | "duties"> {
  readonly role?: readonly string[];
  readonly duty?: readonly string[];
}

/** `saypro staff set <handle> …`: adds a person, or changes what is given. */
export async function setMember(handle: string, { role, duty, ...given }: SetOptions): Promise<void> {
  await keep({ handle, ...given, ...(role ? { roles: role } : {}), ...(duty ? { duties: duty } : {}) });
}

/** `saypro staff leave <handle>`: what they did stays on record, they may do nothing more. */
export async function memberLeaves(handle: string): Promise<void> {
  await keep({ handle, active: false }, true);
}

async function keep(given: GivenMember, known = false): Promise<void> {
  const config = readConfig(process.env);
  const app = await openApp(config, await openData(config));
  try {
    if (known && !(await listStaff(app.database.db)).some((one) => one.handle === given.handle))
      throw new StartError(`There is nobody with the handle ${given.handle}: see saypro staff list.`);
    const kept = await commit(app, (unit) => keepMember(unit, "cli", given));
    if (!kept.ok)
      throw new StartError(kept.faults.map(({ field, words }) => `${field}: ${words}`).join("\n"));
    process.stdout.write(`${kept.words}\n`);
  } finally {
    await app.close();
  }
}
