import { readFileSync } from "node:fs";
import { Ajv2019, type ErrorObject, type ValidateFunction } from "ajv/dist/2019.js";
import addFormats from "ajv-formats";

type Schema = { [key: string]: unknown };
type Fault = Pick<ErrorObject, "keyword" | "instancePath" | "params" | "message">;

const read = (name: string): Schema =>
  JSON.parse(readFileSync(new URL(`./contracts/${name}`, import.meta.url), "utf8")) as Schema;

function ajv(coerce: boolean): Ajv2019 {
  const validator = new Ajv2019({ strict: false, allErrors: true, coerceTypes: coerce });
  addFormats.default(validator);
  for (const name of ["phone-number", "currency", "uri-map", "date-time-rfc-2822"])
    validator.addFormat(name, true);
  return validator;
}

const at = (schema: unknown, path: readonly string[]): Schema =>
  path.reduce((value, key) => (value as Schema)[key] as Schema, schema as Schema);

// ---- Twilio -----------------------------------------------------------------------------------

const twilio = read("twilio_messages.strict.json");
const twilioAjv = ajv(true);
twilioAjv.addSchema({ $id: "twilio", components: twilio.components });
const MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json";
const MESSAGE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json";
const FORM = ["post", "requestBody", "content", "application/x-www-form-urlencoded", "schema"];

const absolute = (schema: Schema, document: string): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${document}#/components/`)) as Schema;
const createSchema = at(twilio, ["paths", MESSAGES, ...FORM]);
const updateSchema = at(twilio, ["paths", MESSAGE, ...FORM]);
const listSchema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(
    (at(twilio, ["paths", MESSAGES, "get"]).parameters as Schema[])
      .filter((p) => p.in === "query")
      .map((p) => {
        // A plain day is allowed beside a full time, as Twilio's documentation says.
        const schema = p.schema as Schema;
        const dated = schema.format === "date-time";
        return [p.name as string, dated ? { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}" } : schema];
      }),
  ),
};

export const twilioContract = {
  create: formContract(createSchema),
  update: formContract(updateSchema),
  list: formContract(listSchema),
  message: twilioAjv.compile({ $ref: "twilio#/components/schemas/api.v2010.account.message" }),
} as const;

export interface FormResult {
  readonly values: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];
}

/** Holds a form against a schema: unknown keys and a repeated single key are faults, unlike in Twilio's lenient parser. */
function formContract(schema: Schema): (form: URLSearchParams) => FormResult {
  const validate = twilioAjv.compile(absolute(schema, "twilio"));
  const properties = schema.properties as Record<string, { type?: string }>;
  return (form) => {
    const values: Record<string, unknown> = {};
    const faults: Fault[] = [];
    for (const key of new Set(form.keys())) {
      const all = form.getAll(key);
      if (properties[key]?.type === "array") values[key] = all;
      else {
        values[key] = all.at(-1);
        if (all.length > 1)
          faults.push({
            keyword: "repeated",
            instancePath: `/${key}`,
            params: {},
            message: "is given twice",
          });
      }
    }
    validate(values);
    return { values, faults: [...faults, ...(validate.errors ?? [])] };
  };
}

// ---- Meta -------------------------------------------------------------------------------------

/** Objects of a request are closed; `additionalProperties` inside `allOf` cannot see its neighbours, so it is hoisted. */
function close(schema: unknown, insideAll = false): unknown {
  if (Array.isArray(schema)) return schema.map((s) => close(s));
  if (typeof schema !== "object" || schema === null) return schema;
  const { discriminator: _, additionalProperties: __, ...rest } = schema as Schema;
  const closed: Schema = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === "properties")
      closed[key] = Object.fromEntries(Object.entries(value as Schema).map(([k, v]) => [k, close(v)]));
    else if (key === "allOf" || key === "oneOf" || key === "anyOf")
      closed[key] = (value as unknown[]).map((s) => close(s, true));
    else if (key === "items") closed[key] = close(value);
    else closed[key] = value;
  }
  const open = insideAll || !["properties", "allOf", "oneOf", "anyOf"].some((key) => key in closed);
  return open ? closed : { ...closed, unevaluatedProperties: false };
}

const meta = read("meta_cloud_messages.strict.json");
const metaSchemas = structuredClone(at(meta, ["components", "schemas"])) as Record<string, Schema>;
const base = at(metaSchemas, ["BaseMessageProperties", "properties"]);
base.biz_opaque_callback_data = { type: "string", maxLength: 512 };
at(metaSchemas, ["Statuses", "properties"]).biz_opaque_callback_data = { type: "string" };
(at(metaSchemas, ["InteractiveObject", "properties", "type"]).enum as string[]).push(
  "location_request_message",
);
(at(metaSchemas, ["ActionObject"]).oneOf as Schema[]).push({
  required: ["name"],
  properties: { name: { type: "string", enum: ["send_location"] } },
});
// These take part in `allOf` by reference and must stay open; whoever combines them is closed instead.
const COMBINED = ["BaseMessageProperties", "TemplateComponent", "ParameterObject", "ButtonParameterObject"];
const metaAjv = ajv(false);
metaAjv.addSchema({
  $id: "meta",
  components: {
    schemas: Object.fromEntries(
      Object.entries(metaSchemas).map(([name, schema]) => [name, close(schema, COMBINED.includes(name))]),
    ),
  },
});
const mapping = at(metaSchemas, ["Message", "discriminator", "mapping"]) as Record<string, string>;
const metaByType = new Map<string, ValidateFunction>(
  Object.entries(mapping).map(([type, ref]) => [type, metaAjv.compile({ $ref: `meta${ref}` })]),
);

/** Faults of a Cloud API message; empty when Meta would take it. */
export function metaFaults(message: unknown): readonly Fault[] {
  const type = (message as { type?: unknown } | null)?.type ?? "text";
  const validate = typeof type === "string" ? metaByType.get(type) : undefined;
  if (!validate)
    return [
      {
        keyword: "enum",
        instancePath: "/type",
        params: {},
        message: `is not a message type: ${String(type)}`,
      },
    ];
  validate(message);
  return [...(validate.errors ?? []), ...listFaults(message)];
}

/** Rules that Meta states in prose only. */
function listFaults(message: unknown): readonly Fault[] {
  const { interactive } = message as {
    interactive?: {
      type?: string;
      action?: {
        sections?: { rows?: { id: string }[]; title?: string }[];
        buttons?: { reply?: { id: string } }[];
      };
    };
  };
  const fault = (instancePath: string, text: string): Fault => ({
    keyword: "meta",
    instancePath,
    params: {},
    message: text,
  });
  const sections = interactive?.action?.sections ?? [];
  const rows = sections.flatMap((s) => s.rows ?? []);
  const ids = [...rows.map((r) => r.id), ...(interactive?.action?.buttons ?? []).map((b) => b.reply?.id)];
  return [
    ...(rows.length > 10
      ? [fault("/interactive/action/sections", "must not have more than 10 rows in total")]
      : []),
    ...(new Set(ids).size < ids.length ? [fault("/interactive/action", "must have unique ids")] : []),
    ...(sections.length > 1 && sections.some((s) => !s.title)
      ? [fault("/interactive/action/sections", "must have titles when there is more than one")]
      : []),
  ];
}

const metaWebhook = metaAjv.compile({ $ref: "meta#/components/schemas/StatusMessageValue" });

/** The statuses part of a webhook, as Meta's own document describes it (used to test the sandbox itself). */
export function isMetaStatusValue(value: unknown): boolean {
  return metaWebhook(value);
}

export function words(faults: readonly Fault[]): string {
  return faults
    .map((f) => {
      const extra =
        (f.params as { additionalProperty?: string; unevaluatedProperty?: string } | undefined) ?? {};
      const key = extra.additionalProperty ?? extra.unevaluatedProperty;
      return `${f.instancePath || "request"} ${f.message ?? f.keyword}${key ? `: ${key}` : ""}`;
    })
    .join("; ");
}
