import { setTimeout as delay } from "node:timers/promises";
import { readConfig } from "../config.ts";
import { seedDemoTown } from "../demo-town/index.ts";
import { type OpenApp, type OpenData, openApp, openData, StartError } from "../open-app.ts";
import { startSandbox } from "../sandbox.ts";
import { startServer } from "../server.ts";
import { showWhatsAppLink } from "../whatsapp-link.ts";
import { startWorker } from "../worker.ts";

/** In-flight sends may take a carrier's time-out; after this the process ends all the same. */
const STOP_LIMIT_MS = 20_000;

type Part = { stop(): Promise<unknown> };

/** `saypro start`: server and worker in one process, and the sandbox beside it when no carrier is configured. */
export async function start(options: { readonly fresh?: boolean }): Promise<void> {
  const config = readConfig(process.env);
  // The data's lock comes first: a second start must not touch the sandbox's files either.
  const data = await openData(config, { migrate: true, ...options });
  const sandbox = config.sandbox ? await startSandbox(config).catch(closing(data)) : undefined;
  try {
    const app = await openApp(sandbox?.config ?? config, data);
    if (sandbox) await seedDemoTown(app);
    const worker = await startWorker(app);
    const server = await startServer(app, sandbox?.url);
    if (app.opened.whatsappWeb) showWhatsAppLink(app, (text) => process.stdout.write(text));
    if (sandbox) greet(server.address);
    else process.stdout.write(`SayPro Engage is running: ${server.address}\n`);
    await stopOnSignal(app, [server, worker, ...(sandbox ? [sandbox] : [])]);
  } catch (error) {
    await sandbox?.stop();
    throw error;
  }
}

/** `saypro serve`: the HTTP process. */
export async function serve(): Promise<void> {
  const app = await openShared();
  const server = await startServer(app);
  process.stdout.write(`SayPro Engage serves ${server.address}\n`);
  await stopOnSignal(app, [server]);
}

/** `saypro worker`: the background process. */
export async function work(): Promise<void> {
  const app = await openShared();
  const worker = await startWorker(app);
  process.stdout.write("SayPro Engage works\n");
  await stopOnSignal(app, [worker]);
}

/** Server and worker apart share a Postgres and have real carriers. */
async function openShared(): Promise<OpenApp> {
  const config = readConfig(process.env);
  if (!config.databaseUrl)
    throw new StartError(
      "DATABASE_URL: not set; the embedded database serves one process only: saypro start",
    );
  if (config.sandbox) throw new StartError("No carrier is configured; the sandbox comes with: saypro start");
  if (config.whatsappWeb)
    throw new StartError(
      "WHATSAPP_WEB_SESSION_DIR: a linked WhatsApp lives in one process only: saypro start",
    );
  return openApp(config, await openData(config));
}

function closing(data: OpenData): (error: unknown) => Promise<never> {
  return async (error) => {
    await data.database.close();
    await data.release();
    throw error;
  };
}

function greet(address: string): void {
  process.stdout.write(`
  SayPro Engage is running, with made-up people and stand-ins for the carriers.
  Nothing leaves this machine.

    Phones and Slack to play with   ${address}/sandbox/
    Console                         ${address}/
    API                             ${address}/api/openapi.json

  Try: text JOIN from a phone, or type /saypro in Slack. Ctrl+C stops; the data stays.
`);
}

/** Resolves when everything has stopped: graceful at the first signal, at once at the second. */
function stopOnSignal(app: OpenApp, parts: readonly Part[]): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(1);
      stopping = true;
      const closing = (async () => {
        for (const part of parts) await part.stop();
        await app.close();
      })();
      void Promise.race([closing, delay(STOP_LIMIT_MS, undefined, { ref: false })])
        .catch((error: unknown) => app.log.error({ err: error }, "stopping failed"))
        .finally(() => {
          resolve();
          process.exit(0);
        });
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
