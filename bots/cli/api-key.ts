import { listApiKeys } from "#storage";
import { readConfig } from "../config.ts";
import { type OpenApp, openApp, openData, StartError } from "../open-app.ts";
import { endApiKey, makeApiKey } from "../systems/keys.ts";
import { commit } from "../unit.ts";

interface CreateOptions {
  readonly name: string;
  readonly owner: string;
  readonly scope: readonly string[];
  readonly perMinute?: string;
  readonly days?: string;
  readonly json?: boolean;
}

/** `saypro api-key create`: the key is shown once. */
export const createKey = ({ scope: scopes, perMinute, days, json, ...given }: CreateOptions) =>
  withApp(async (app) => {
    const made = await commit(app, (unit) =>
      makeApiKey(unit, {
        ...given,
        scopes,
        actor: "cli",
        ...(perMinute === undefined ? {} : { perMinute: Number(perMinute) }),
        ...(days === undefined ? {} : { days: Number(days) }),
      }),
    );
    if (!made.ok) throw new StartError(`--${OPTIONS[made.field]}: ${made.words}`);
    process.stdout.write(
      json
        ? `${JSON.stringify(made)}\n`
        : `${made.key}\n\nThis is the only time that it is shown. Send it as "Authorization: Bearer …".\n`,
    );
  });

const OPTIONS = {
  name: "name",
  scopes: "scope",
  owner: "owner",
  perMinute: "per-minute",
  days: "days",
} as const;

/** `saypro api-key list` */
export const listKeys = ({ json }: { readonly json?: boolean }) =>
  withApp(async ({ database }) => {
    const keys = await listApiKeys(database.db);
    if (json) return void process.stdout.write(`${JSON.stringify(keys)}\n`);
    if (keys.length === 0) return void process.stdout.write("No keys. saypro api-key create makes one.\n");
    for (const { prefix, name, owner, scopes, expiresAt, revokedAt, lastUsedAt } of keys) {
      const state = revokedAt ? `revoked ${revokedAt}` : expiresAt ? `until ${expiresAt}` : "does not expire";
      process.stdout.write(
        `${prefix}…  ${name}, in the name of ${owner}: ${scopes.join(", ")}; ${state}; last used ${lastUsedAt ?? "never"}\n`,
      );
    }
  });

/** `saypro api-key revoke <name or prefix>` */
export const revokeKey = (named: string) =>
  withApp(async (app) => {
    if (!(await commit(app, (unit) => endApiKey(unit, named.replace(/…$/, ""), "cli"))))
      throw new StartError(`${named}: no key of this name or prefix is in use; see saypro api-key list`);
    process.stdout.write("Revoked: it may do nothing from now on.\n");
  });

async function withApp(work: (app: OpenApp) => Promise<void>): Promise<void> {
  const config = readConfig(process.env);
  const app = await openApp(config, await openData(config));
  try {
    await work(app);
  } finally {
    await app.close();
  }
}
