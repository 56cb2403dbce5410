import { readFileSync } from "node:fs";
import { z } from "zod";

const flag = z.stringbool().optional();
const url = z.url({ protocol: /^https?$/, error: "must be an http or https address" });
const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: "must be postgres://user:password@host:port/name",
});
const redisUrl = z.url({ protocol: /^rediss?$/, error: "must be redis://host:port" });

const perSecond = z.coerce
  .number({ error: "must be a number of messages per second" })
  .min(0.1)
  .max(5000)
  .optional();

/** Every variable that the product reads; `.env.example` and docs/configuration.md are checked against it. */
const variables = z.object({
  PORT: z.coerce.number({ error: "must be a port number" }).int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: url.optional(),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  DATA_DIR: z.string().default(".data"),
  TEMPLATES_DIR: z.string().optional(),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], {
      error: "must be debug, info, warn, error or silent",
    })
    .default("info"),
  METRICS_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, "must be AC followed by 32 hexadecimal digits")
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().min(1).optional(),
  TWILIO_API_URL: url.optional(),
  TWILIO_SMS_FROM: z
    .string()
    .transform((written) => written.split(",").map((one) => one.trim()))
    .pipe(
      z
        .array(
          z
            .string()
            .regex(/^(\+[1-9]\d{5,14}|[A-Za-z0-9 ]{3,11})$/, "must be an E.164 number or a sender name"),
        )
        .max(100, "must be at most 100 senders")
        .refine((all) => new Set(all).size === all.length, "names a sender twice"),
    )
    .optional(),
  TWILIO_SMS_PER_SECOND: perSecond,
  TWILIO_WHATSAPP_PER_SECOND: perSecond,
  WHATSAPP_CLOUD_PER_SECOND: perSecond,
  TWILIO_MESSAGING_SERVICE_SID: z
    .string()
    .regex(/^MG[0-9a-f]{32}$/, "must be MG followed by 32 hexadecimal digits")
    .optional(),
  TWILIO_WHATSAPP_FROM: z
    .string()
    .regex(/^(whatsapp:)?\+[1-9]\d{5,14}$/, "must be an E.164 number")
    .optional(),
  WHATSAPP_CLOUD_TOKEN: z.string().min(1).optional(),
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: z.string().regex(/^\d+$/, "must be digits").optional(),
  WHATSAPP_CLOUD_APP_SECRET: z.string().min(1).optional(),
  WHATSAPP_CLOUD_VERIFY_TOKEN: z.string().min(1).optional(),
  WHATSAPP_CLOUD_API_URL: url.optional(),
  WHATSAPP_WEB_SESSION_DIR: z.string().optional(),
  CHROMIUM_PATH: z.string().optional(),
  SLACK_BOT_TOKEN: z.string().startsWith("xoxb-", "must begin with xoxb-").optional(),
  SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  SLACK_APP_TOKEN: z.string().startsWith("xapp-", "must begin with xapp-").optional(),
  SLACK_API_URL: url.optional(),
  SECRETS_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "must be 64 hexadecimal digits: openssl rand -hex 32")
    .optional(),
  WEBHOOKS_TO_PRIVATE: flag,
  SANDBOX: flag,
});

type Variables = z.output<typeof variables>;
export type VariableName = keyof typeof variables.shape;
export const variableNames = Object.keys(variables.shape) as readonly VariableName[];

export interface TwilioConfig {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiUrl?: string;
  /** Numbers or sender names: each person hears from one of them. */
  readonly smsFrom?: readonly string[];
  readonly messagingServiceSid?: string;
  /** E.164, without the `whatsapp:` prefix. */
  readonly whatsappFrom?: string;
  /** What each sender is allowed, in messages per second. */
  readonly smsPerSecond?: number;
  readonly whatsappPerSecond?: number;
}

export interface WhatsAppCloudConfig {
  readonly token: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly apiUrl?: string;
  readonly perSecond?: number;
}

export interface SlackConfig {
  readonly botToken: string;
  /** HTTP: signs requests. */
  readonly signingSecret?: string;
  /** Socket Mode instead of HTTP. */
  readonly appToken?: string;
  readonly apiUrl?: string;
}

export interface Carriers {
  readonly twilio?: TwilioConfig;
  readonly whatsappCloud?: WhatsAppCloudConfig;
  readonly whatsappWeb?: { readonly sessionDir: string; readonly chromiumPath?: string };
  readonly slack?: SlackConfig;
}

export interface Config extends Carriers {
  readonly port: number;
  readonly host: string;
  /** Without a slash at its end; what carriers sign. */
  readonly publicUrl: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly dataDir: string;
  readonly templatesDir?: string;
  readonly logLevel: Variables["LOG_LEVEL"];
  readonly metricsToken?: string;
  readonly secretsKey?: string;
  /** Other systems may be told inside our own network, and without TLS. */
  readonly webhooksToPrivate: boolean;
  /** No carrier is configured, or SANDBOX=true: the sandbox stands in for all of them. */
  readonly sandbox: boolean;
}

/** The environment is not usable; `faults` lists everything that is wrong, one line each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `NAME_FILE` names a file that holds the value, as container secrets do; an empty value counts as absent. */
function read(environment: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of variableNames) {
    const file = environment[`${name}_FILE`];
    const value = environment[name];
    if (value) values[name] = value;
    else if (file) {
      try {
        values[name] = readFileSync(file, "utf8").trim();
      } catch {
        faults.push(`${name}_FILE: cannot read ${file}`);
      }
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return values;
}

/** All or none of a carrier's variables: half set is an error that names what is missing. */
function half(
  values: Variables,
  names: readonly VariableName[],
  optional: readonly VariableName[],
  what: string,
): string[] {
  const set = [...names, ...optional].filter((name) => values[name] !== undefined);
  if (set.length === 0) return [];
  return names
    .filter((name) => values[name] === undefined)
    .map(
      (name) =>
        `${name}: missing, but ${set.join(", ")} is set; set it too, or unset all of them to switch ${what} off`,
    );
}

/** Validates the environment. Throws {@link ConfigError} with every fault at once. */
export function readConfig(environment: Environment): Config {
  const parsed = variables.safeParse(read(environment));
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`));
  const v = parsed.data;
  const faults = [
    ...half(
      v,
      ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
      ["TWILIO_SMS_FROM", "TWILIO_MESSAGING_SERVICE_SID", "TWILIO_WHATSAPP_FROM"],
      "Twilio",
    ),
    ...half(
      v,
      [
        "WHATSAPP_CLOUD_TOKEN",
        "WHATSAPP_CLOUD_PHONE_NUMBER_ID",
        "WHATSAPP_CLOUD_APP_SECRET",
        "WHATSAPP_CLOUD_VERIFY_TOKEN",
      ],
      [],
      "WhatsApp (Cloud API)",
    ),
    ...half(v, ["SLACK_BOT_TOKEN"], ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"], "Slack"),
  ];
  if (
    v.TWILIO_ACCOUNT_SID &&
    !v.TWILIO_SMS_FROM &&
    !v.TWILIO_MESSAGING_SERVICE_SID &&
    !v.TWILIO_WHATSAPP_FROM
  )
    faults.push(
      "TWILIO_SMS_FROM: missing; set it, TWILIO_MESSAGING_SERVICE_SID or TWILIO_WHATSAPP_FROM to say what Twilio sends from",
    );
  if (v.SLACK_BOT_TOKEN && !v.SLACK_SIGNING_SECRET && !v.SLACK_APP_TOKEN)
    faults.push("SLACK_SIGNING_SECRET: missing; set it for HTTP, or SLACK_APP_TOKEN for Socket Mode");
  const whatsapp = [
    v.TWILIO_WHATSAPP_FROM && "TWILIO_WHATSAPP_FROM",
    v.WHATSAPP_CLOUD_TOKEN && "WHATSAPP_CLOUD_TOKEN",
    v.WHATSAPP_WEB_SESSION_DIR && "WHATSAPP_WEB_SESSION_DIR",
  ].filter(Boolean);
  if (whatsapp.length > 1)
    faults.push(`${whatsapp.join(", ")}: WhatsApp has one carrier at a time; keep one of them`);
  const carriers = Boolean(
    v.TWILIO_ACCOUNT_SID || v.WHATSAPP_CLOUD_TOKEN || v.WHATSAPP_WEB_SESSION_DIR || v.SLACK_BOT_TOKEN,
  );
  const sandbox = v.SANDBOX ?? !carriers;
  if (sandbox && carriers)
    faults.push("SANDBOX: true, but a carrier's variables are set too; unset one or the other");
  if (!sandbox && !v.PUBLIC_URL && (v.TWILIO_ACCOUNT_SID || v.WHATSAPP_CLOUD_TOKEN || v.SLACK_SIGNING_SECRET))
    faults.push("PUBLIC_URL: missing; carriers sign the address they call, so set it to the one they know");
  if (!sandbox && !v.SECRETS_KEY) faults.push("SECRETS_KEY: missing; make one with: openssl rand -hex 32");
  if (v.REDIS_URL && !v.DATABASE_URL)
    faults.push(
      "DATABASE_URL: missing, but REDIS_URL is set; Redis is only the bell, the messages need Postgres",
    );
  if (faults.length > 0) throw new ConfigError(faults);
  return shape(v, sandbox);
}

function shape(v: Variables, sandbox: boolean): Config {
  return {
    port: v.PORT,
    host: v.HOST,
    publicUrl: (v.PUBLIC_URL ?? `http://${v.HOST === "0.0.0.0" ? "127.0.0.1" : v.HOST}:${v.PORT}`).replace(
      /\/+$/,
      "",
    ),
    dataDir: v.DATA_DIR,
    logLevel: v.LOG_LEVEL,
    sandbox,
    webhooksToPrivate: v.WEBHOOKS_TO_PRIVATE ?? false,
    ...present({
      databaseUrl: v.DATABASE_URL,
      redisUrl: v.REDIS_URL,
      templatesDir: v.TEMPLATES_DIR,
      metricsToken: v.METRICS_TOKEN,
      secretsKey: v.SECRETS_KEY,
    }),
    ...carriers(v),
  };
}

/** The carriers in an environment that is known to be whole, such as the sandbox's. */
export function readCarriers(environment: Environment): Carriers {
  return carriers(variables.parse(read(environment)));
}

function carriers(v: Variables): Carriers {
  return {
    ...(v.TWILIO_ACCOUNT_SID && v.TWILIO_AUTH_TOKEN
      ? {
          twilio: {
            accountSid: v.TWILIO_ACCOUNT_SID,
            authToken: v.TWILIO_AUTH_TOKEN,
            ...present({
              apiUrl: v.TWILIO_API_URL,
              smsFrom: v.TWILIO_SMS_FROM,
              messagingServiceSid: v.TWILIO_MESSAGING_SERVICE_SID,
              whatsappFrom: v.TWILIO_WHATSAPP_FROM?.replace("whatsapp:", ""),
              smsPerSecond: v.TWILIO_SMS_PER_SECOND,
              whatsappPerSecond: v.TWILIO_WHATSAPP_PER_SECOND,
            }),
          },
        }
      : {}),
    ...(v.WHATSAPP_CLOUD_TOKEN &&
    v.WHATSAPP_CLOUD_PHONE_NUMBER_ID &&
    v.WHATSAPP_CLOUD_APP_SECRET &&
    v.WHATSAPP_CLOUD_VERIFY_TOKEN
      ? {
          whatsappCloud: {
            token: v.WHATSAPP_CLOUD_TOKEN,
            phoneNumberId: v.WHATSAPP_CLOUD_PHONE_NUMBER_ID,
            appSecret: v.WHATSAPP_CLOUD_APP_SECRET,
            verifyToken: v.WHATSAPP_CLOUD_VERIFY_TOKEN,
            ...present({ apiUrl: v.WHATSAPP_CLOUD_API_URL, perSecond: v.WHATSAPP_CLOUD_PER_SECOND }),
          },
        }
      : {}),
    ...(v.WHATSAPP_WEB_SESSION_DIR
      ? {
          whatsappWeb: {
            sessionDir: v.WHATSAPP_WEB_SESSION_DIR,
            ...present({ chromiumPath: v.CHROMIUM_PATH }),
          },
        }
      : {}),
    ...(v.SLACK_BOT_TOKEN
      ? {
          slack: {
            botToken: v.SLACK_BOT_TOKEN,
            ...present({
              signingSecret: v.SLACK_SIGNING_SECRET,
              appToken: v.SLACK_APP_TOKEN,
              apiUrl: v.SLACK_API_URL,
            }),
          },
        }
      : {}),
  };
}

/** Drops what is undefined, so that an optional property is absent and not undefined. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
