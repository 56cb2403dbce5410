import { parseArgs } from "node:util";
import { startSandbox } from "./sandbox.ts";
import { loadTown, readTemplates } from "./town.ts";

const USAGE = `Usage: node sandbox/main.ts --town <town.json> [--server http://127.0.0.1:3000] [--public-url <url>]
  [--port 0] [--data <folder>] [--whatsapp meta|twilio]
  [--templates <JSON of the templates that WhatsApp approved>] [--detached]

Stands in for Twilio, Meta and Slack on the loopback. Prints one JSON line when ready.
Ends with its parent (end of standard input or of the IPC channel), unless --detached.
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    server: { type: "string", default: "http://127.0.0.1:3000" },
    "public-url": { type: "string" },
    town: { type: "string" },
    data: { type: "string" },
    whatsapp: { type: "string" },
    templates: { type: "string" },
    detached: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const fail = (words: string, code: number): never => {
  process.stderr.write(`${words}\n`);
  process.exit(code);
};
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const { whatsapp } = values;
if (!values.town) fail(`--town is missing.\n\n${USAGE}`, 2);
if (whatsapp !== undefined && whatsapp !== "meta" && whatsapp !== "twilio")
  fail("--whatsapp is meta or twilio", 2);

const slashless = (url: string) => url.replace(/\/+$/, "");

try {
  const sandbox = await startSandbox({
    town: {
      ...loadTown(values.town ?? ""),
      ...(values.templates ? { whatsappTemplates: readTemplates(values.templates) } : {}),
    },
    port: Number(values.port),
    server: slashless(values.server),
    ...(values["public-url"] ? { publicUrl: slashless(values["public-url"]) } : {}),
    ...(values.data ? { folder: values.data } : {}),
    ...(whatsapp === "meta" || whatsapp === "twilio" ? { whatsapp } : {}),
  });
  const ready = { ready: true, url: sandbox.url, port: Number(new URL(sandbox.url).port) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);

  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    void sandbox.close().finally(() => process.exit(0));
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (!values.detached) {
    // With an IPC channel its end tells that the parent is gone; standard input may be closed from the start.
    if (process.channel) process.on("disconnect", end);
    else process.stdin.on("end", end).on("error", end).resume();
  }
} catch (error) {
  fail(`The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}`, 1);
}
