import { listEndpoints, retryDead } from "#storage";
import { readConfig } from "../config.ts";
import { type OpenApp, openApp, openData, StartError } from "../open-app.ts";
import { endEndpoint, makeEndpoint, renewSecret } from "../systems/webhooks.ts";
import { commit } from "../unit.ts";

interface AddOptions {
  readonly name: string;
  readonly url: string;
  readonly event: readonly string[];
}

const OPTIONS = { name: "name", url: "url", events: "event" } as const;
const shownOnce = (secret: string): string =>
  `${secret}\n\nThis is the only time that it is shown. The receiver checks each message with it (standardwebhooks.com).\n`;

/** `saypro webhook add`: the secret is shown once. */
export const addWebhook = ({ event: events, ...given }: AddOptions) =>
  withApp(async (app) => {
    const made = await commit(app, (unit) => makeEndpoint(unit, { ...given, events, actor: "cli" }));
    if (!made.ok) throw new StartError(`--${OPTIONS[made.field]}: ${made.words}`);
    process.stdout.write(shownOnce(made.secret));
  });

/** `saypro webhook list` */
export const listWebhooks = ({ json }: { readonly json?: boolean }) =>
  withApp(async ({ database }) => {
    const all = await listEndpoints(database.db);
    if (json) return void process.stdout.write(`${JSON.stringify(all)}\n`);
    if (all.length === 0)
      return void process.stdout.write("No system is told. saypro webhook add names one.\n");
    for (const { name, url, events, waiting, dead, said } of all)
      process.stdout.write(
        `${name}  ${url}: ${events.join(", ")}; ${waiting} waiting, ${dead} given up${said ? `; last: ${said}` : ""}\n`,
      );
  });

/** `saypro webhook rotate <name>` */
export const rotateWebhook = (name: string) =>
  withApp(async (app) => {
    const secret = await commit(app, (unit) => renewSecret(unit, name, "cli"));
    if (secret === undefined) throw unknown(name);
    process.stdout.write(`${shownOnce(secret)}For 24 hours the old one signs too.\n`);
  });

/** `saypro webhook retire <name>` */
export const retireWebhook = (name: string) =>
  withApp(async (app) => {
    if (!(await commit(app, (unit) => endEndpoint(unit, name, "cli")))) throw unknown(name);
    process.stdout.write("Retired: it is told nothing more.\n");
  });

/** `saypro webhook retry <name>`: what was given up is tried again. */
export const retryWebhook = (name: string) =>
  withApp(async (app) => {
    if (!(await listEndpoints(app.database.db)).some((one) => one.name === name)) throw unknown(name);
    const again = await commit(app, ({ tx }) => retryDead(tx, name));
    process.stdout.write(`${again} are tried again.\n`);
  });

const unknown = (name: string): StartError =>
  new StartError(`${name}: there is no such webhook; see saypro webhook list`);

async function withApp(work: (app: OpenApp) => Promise<void>): Promise<void> {
  const config = readConfig(process.env);
  const app = await openApp(config, await openData(config));
  try {
    await work(app);
  } finally {
    await app.close();
  }
}
