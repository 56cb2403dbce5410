import { existsSync } from "node:fs";
import { sql } from "drizzle-orm";
import { type Db, listStaff, may, openPostgres, type Permission, pendingMigrations, rows } from "#storage";
import { type Content, ContentError } from "#templates";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { openContent, words } from "../open-app.ts";
import { dutiesOf } from "../team/index.ts";

interface Finding {
  readonly what: string;
  readonly state: "ok" | "missing" | "wrong" | "advice";
  readonly words: string;
}

const MARK = { ok: "✓", missing: "○", wrong: "✗", advice: "!" } as const;

/** `saypro doctor`: what is there, what is missing for going live, and the remedy. Exit 1 when something is wrong. */
export async function doctor(options: { readonly json?: boolean }): Promise<void> {
  const findings = await examine();
  if (options.json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else {
    for (const { what, state, words } of findings)
      process.stdout.write(`${MARK[state]} ${what.padEnd(12)} ${words}\n`);
    const missing = findings.filter((f) => f.state === "missing").length;
    const wrong = findings.filter((f) => f.state === "wrong").length;
    process.stdout.write(
      `\n${missing + wrong === 0 ? "Ready to go live." : `${missing} missing and ${wrong} wrong before going live.`}\n`,
    );
  }
  if (findings.some((f) => f.state === "wrong")) process.exitCode = 1;
}

async function examine(): Promise<Finding[]> {
  let config: Config;
  try {
    config = readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => ({ what: "environment", state: "wrong", words: fault }));
  }
  return [
    ...(await database(config)),
    config.redisUrl
      ? { what: "queue", state: "ok", words: "Redis rings the bell" }
      : {
          what: "queue",
          state: "ok",
          words: "the database rings the bell; REDIS_URL is for more than one worker under load",
        },
    config.secretsKey
      ? {
          what: "secrets",
          state: "ok",
          words: "SECRETS_KEY is set; keep a copy of it apart from the backups",
        }
      : {
          what: "secrets",
          state: "missing",
          words: "SECRETS_KEY is not set; make one with: openssl rand -hex 32",
        },
    publicUrl(config),
    config.twilio?.smsFrom || config.twilio?.messagingServiceSid
      ? {
          what: "sms",
          state: "ok",
          words: `Twilio sends from ${config.twilio.messagingServiceSid ?? config.twilio.smsFrom?.join(", ")}`,
        }
      : {
          what: "sms",
          state: "missing",
          words:
            "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_SMS_FROM or TWILIO_MESSAGING_SERVICE_SID",
        },
    whatsapp(config),
    slack(config),
    ...(await content(config)),
  ];
}

async function database(config: Config): Promise<readonly Finding[]> {
  if (!config.databaseUrl)
    return [
      {
        what: "database",
        state: "missing",
        words:
          "DATABASE_URL is not set: the embedded engine is for trying it and for small pilots, it does not survive a power cut",
      },
    ];
  const opened = openPostgres(config.databaseUrl, { max: 1 });
  try {
    const [row] = await rows<{ version: string; fsync: string }>(
      opened.db,
      sql`select current_setting('server_version') as version, current_setting('fsync') as fsync`,
    );
    const pending = await pendingMigrations(opened);
    if (pending.length > 0)
      return [
        {
          what: "database",
          state: "wrong",
          words: `${pending.length} migrations are pending; run: saypro migrate`,
        },
      ];
    const engine: Finding =
      row?.fsync === "off"
        ? {
            what: "database",
            state: "wrong",
            words: "Postgres runs with fsync off: a power cut loses messages",
          }
        : { what: "database", state: "ok", words: `Postgres ${row?.version}, up to date` };
    return [engine, ...(await team(opened.db, config))];
  } catch (error) {
    return [{ what: "database", state: "wrong", words: `cannot be reached: ${words(error)}` }];
  } finally {
    await opened.close();
  }
}

/** Who draws up, who approves, who is called: with nobody there nothing can go out. */
async function team(db: Db, config: Config): Promise<readonly Finding[]> {
  const people = (await listStaff(db)).filter(({ active }) => active);
  const lacking = (permission: Permission, what: string): string[] =>
    people.some((one) => may(one, permission)) ? [] : [what];
  const lacks = [
    ...lacking("broadcasts.draft", "an author"),
    ...lacking("broadcasts.approve", "an approver"),
    ...lacking("crises.declare", "a crisis lead"),
    ...lacking("staff.edit", "an admin"),
  ];
  const called = await openContent(config).then(
    ({ protocols }) => dutiesOf(protocols.values()),
    () => [],
  );
  const vacant = called.filter((duty) => !people.some(({ duties }) => duties.includes(duty)));
  const team: Finding =
    lacks.length > 0
      ? {
          what: "team",
          state: "missing",
          words: `lacks ${lacks.join(", ")}; add people: saypro staff set --help`,
        }
      : { what: "team", state: "ok", words: `${people.length} people` };
  return [
    team,
    ...(vacant.length > 0
      ? [
          {
            what: "duties",
            state: "missing",
            words: `protocols call ${vacant.join(", ")}, and nobody is: saypro staff set <handle> --duty …`,
          } as const,
        ]
      : []),
  ];
}

function publicUrl(config: Config): Finding {
  const { hostname, protocol } = new URL(config.publicUrl);
  if (["127.0.0.1", "localhost", "[::1]"].includes(hostname))
    return {
      what: "address",
      state: "missing",
      words: "set PUBLIC_URL to the https address that carriers reach",
    };
  return protocol === "https:"
    ? { what: "address", state: "ok", words: config.publicUrl }
    : {
        what: "address",
        state: "wrong",
        words: `PUBLIC_URL is ${config.publicUrl}; carriers must come in over https`,
      };
}

function whatsapp(config: Config): Finding {
  if (config.twilio?.whatsappFrom)
    return { what: "whatsapp", state: "ok", words: `through Twilio, from ${config.twilio.whatsappFrom}` };
  if (config.whatsappCloud) return { what: "whatsapp", state: "ok", words: "through Meta's Cloud API" };
  if (config.whatsappWeb)
    return existsSync(config.whatsappWeb.chromiumPath ?? "/usr/bin/chromium")
      ? {
          what: "whatsapp",
          state: "advice",
          words: "through whatsapp-web.js: unofficial, pilots only, the number can be banned",
        }
      : {
          what: "whatsapp",
          state: "wrong",
          words: "whatsapp-web.js needs Chromium; install it or set CHROMIUM_PATH",
        };
  return {
    what: "whatsapp",
    state: "missing",
    words: "set TWILIO_WHATSAPP_FROM, or the WHATSAPP_CLOUD_ variables",
  };
}

/** Without templates nobody on WhatsApp is reached who has not written within 24 hours. */
function whatsappTemplates(config: Config, { deployment }: Content): readonly Finding[] {
  const { templates } = deployment.whatsapp;
  const what = "whatsapp templates";
  const twilio = config.twilio?.whatsappFrom !== undefined;
  if (!twilio && !config.whatsappCloud) return [];
  const names = Object.values(templates).map(({ name }) => name);
  const foreign = names.find((name) => name.startsWith("HX") !== twilio);
  if (foreign !== undefined)
    return [
      {
        what,
        state: "wrong",
        words: `"${foreign}" in deployment.yaml is not ${twilio ? "a ContentSid of Twilio (HX…)" : "a name of Meta's"}`,
      },
    ];
  const lacking = deployment.languages.filter(({ code }) => !(code in templates)).map(({ name }) => name);
  return [
    lacking.length > 0
      ? {
          what,
          state: "advice",
          words: `none in ${lacking.join(", ")}: whoever has not written within 24 hours is not reached there`,
        }
      : { what, state: "ok", words: `${names.length} languages` },
  ];
}

function slack(config: Config): Finding {
  if (!config.slack)
    return {
      what: "slack",
      state: "missing",
      words: "set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (app manifest: slack-manifest.yaml)",
    };
  return {
    what: "slack",
    state: "ok",
    words: config.slack.appToken ? "over Socket Mode" : "over HTTP at /slack/events",
  };
}

async function content(config: Config): Promise<readonly Finding[]> {
  try {
    const found = await openContent(config);
    const templates: Finding = config.templatesDir
      ? {
          what: "templates",
          state: "ok",
          words: `${found.flows.size} flows and ${found.protocols.size} protocols`,
        }
      : {
          what: "templates",
          state: "advice",
          words: "the example town's; copy templates/, make them your own and set TEMPLATES_DIR",
        };
    return [templates, ...whatsappTemplates(config, found)];
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return [{ what: "templates", state: "wrong", words: `${error.faults.length} faults; run: saypro check` }];
  }
}
