import { readFileSync } from "node:fs";

const limits = JSON.parse(
  readFileSync(new URL("../contracts/slack_block_limits.json", import.meta.url), "utf8"),
) as Readonly<Record<string, number>>;

export type Surface = "message" | "modal" | "home";
type Rule = (value: unknown, at: string, faults: string[]) => void;
type Fields = Readonly<Record<string, Rule>>;
type Thing = Readonly<Record<string, unknown>>;

function limit(name: string): number {
  const value = limits[name];
  if (typeof value !== "number") throw new Error(`slack_block_limits.json has no ${name}`);
  return value;
}

const say = (faults: string[], at: string, words: string) =>
  faults.push(`[ERROR] ${words} [json-pointer:${at}]`);
const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// ---- small rules ------------------------------------------------------------------------------

const any: Rule = () => {};
const bool: Rule = (v, at, f) => void (typeof v === "boolean" || say(f, at, "must be a boolean"));
const integer =
  (min: number, max: number): Rule =>
  (v, at, f) =>
    void (
      (Number.isInteger(v) && Number(v) >= min && Number(v) <= max) ||
      say(f, at, `must be a number between ${min} and ${max}`)
    );
const text =
  (max: number, min = 1): Rule =>
  (v, at, f) => {
    if (typeof v !== "string") say(f, at, "must be a string");
    else if (v.length < min) say(f, at, `must be more than ${min - 1} characters`);
    else if (v.length > max) say(f, at, `must be less than ${max + 1} characters`);
  };
const match =
  (pattern: RegExp, words: string): Rule =>
  (v, at, f) =>
    void ((typeof v === "string" && pattern.test(v)) || say(f, at, words));
const oneOf = (...values: readonly string[]): Rule =>
  match(new RegExp(`^(${values.join("|")})$`), `must be one of: ${values.join(", ")}`);
const list =
  (item: Rule, min: number, max: number): Rule =>
  (v, at, f) => {
    if (!Array.isArray(v)) return void say(f, at, "must be an array");
    if (v.length < min) say(f, at, `no fewer than ${min} items allowed`);
    if (v.length > max) say(f, at, `no more than ${max} items allowed`);
    v.forEach((x, i) => {
      item(x, `${at}/${i}`, f);
    });
  };
const object =
  (fields: Fields, required: readonly string[]): Rule =>
  (v, at, f) => {
    if (!isThing(v)) return void say(f, at, "must be an object");
    for (const key of required) if (v[key] === undefined) say(f, at, `missing required field: ${key}`);
    for (const [key, value] of Object.entries(v)) {
      const rule = fields[key];
      if (!rule) say(f, at, `invalid additional property: ${key}`);
      else if (value !== undefined) rule(value, `${at}/${key}`, f);
    }
  };
const byType =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (v, at, f) => {
    if (!isThing(v)) return void say(f, at, "must be an object");
    const rule = rules[String(v.type)];
    if (rule) rule(v, at, f);
    else say(f, `${at}/type`, `unsupported type: ${String(v.type)}`);
  };
const both =
  (...rules: readonly Rule[]): Rule =>
  (v, at, f) => {
    for (const rule of rules) rule(v, at, f);
  };
const exactlyOne =
  (...keys: readonly string[]): Rule =>
  (v, at, f) => {
    if (isThing(v) && keys.filter((k) => v[k] !== undefined).length !== 1)
      say(f, at, `exactly one of ${keys.join(", ")} is required`);
  };

// ---- composition objects ----------------------------------------------------------------------

const plain = (max: number) =>
  object({ type: oneOf("plain_text"), text: text(max), emoji: bool }, ["type", "text"]);
const either = (max: number) =>
  byType({
    plain_text: plain(max),
    mrkdwn: object({ type: any, text: text(max), verbatim: bool }, ["type", "text"]),
  });
const confirm = object(
  {
    title: plain(limit("confirm.title")),
    text: either(limit("confirm.text")),
    confirm: plain(limit("confirm.confirm")),
    deny: plain(limit("confirm.deny")),
    style: oneOf("primary", "danger"),
  },
  ["title", "text", "confirm", "deny"],
);
const option = object(
  {
    text: either(limit("option.text")),
    value: text(limit("option.value")),
    description: either(limit("option.text")),
    url: text(limit("button.url")),
  },
  ["text", "value"],
);
const options = (max: number) => list(option, 1, max);
const groups = list(
  object({ label: plain(limit("option.text")), options: options(limit("options")) }, ["label", "options"]),
  1,
  limit("option_groups"),
);
const placeholder = plain(limit("placeholder"));
const actionId = text(limit("action_id"));
const dispatch = object(
  { trigger_actions_on: list(oneOf("on_enter_pressed", "on_character_entered"), 1, 2) },
  [],
);
const common: Fields = { type: any, action_id: actionId, confirm, focus_on_load: bool };

/** Initial options must be among the options, letter by letter. */
const initialAmong: Rule = (v, at, f) => {
  if (!isThing(v)) return;
  const offered = [
    ...((v.options as unknown[] | undefined) ?? []),
    ...((v.option_groups as { options?: unknown[] }[] | undefined) ?? []).flatMap((g) => g.options ?? []),
  ].map((o) => JSON.stringify(o));
  for (const [key, chosen] of [
    ["initial_option", v.initial_option === undefined ? [] : [v.initial_option]],
    ["initial_options", v.initial_options ?? []],
  ] as const)
    for (const o of chosen as unknown[])
      if (!offered.includes(JSON.stringify(o)))
        say(f, `${at}/${key}`, "initial option must exactly match an option");
};

const choice = (extra: Fields, one: boolean, max: number) =>
  both(
    object(
      {
        ...common,
        placeholder,
        options: options(max),
        option_groups: groups,
        ...(one ? { initial_option: option } : { initial_options: list(option, 1, max) }),
        ...extra,
      },
      [],
    ),
    initialAmong,
  );
const chosen = (key: string, one: boolean, extra: Fields = {}) =>
  object(
    {
      ...common,
      placeholder,
      [key]: one ? any : list(any, 1, 100),
      ...(one ? {} : { max_selected_items: integer(1, 100) }),
      ...extra,
    },
    [],
  );
const typed = (extra: Fields, required: readonly string[] = []) =>
  object(
    { ...common, placeholder, initial_value: text(3000, 0), dispatch_action_config: dispatch, ...extra },
    ["type", ...required],
  );

const image = both(
  object(
    { type: any, image_url: text(limit("image_url")), slack_file: any, alt_text: text(limit("alt_text")) },
    ["alt_text"],
  ),
  exactlyOne("image_url", "slack_file"),
);
const button = object(
  {
    type: any,
    text: plain(limit("button.text")),
    action_id: actionId,
    url: text(limit("button.url")),
    value: text(limit("button.value"), 0),
    style: oneOf("primary", "danger"),
    confirm,
    accessibility_label: text(75),
  },
  ["text"],
);
const selected = integer(1, 100);
const conversation: Fields = { default_to_current_conversation: bool, filter: any };
const menus: Readonly<Record<string, Rule>> = {
  static_select: both(choice({}, true, limit("options")), exactlyOne("options", "option_groups")),
  multi_static_select: both(
    choice({ max_selected_items: selected }, false, limit("options")),
    exactlyOne("options", "option_groups"),
  ),
  external_select: chosen("initial_option", true, { min_query_length: integer(0, 255) }),
  multi_external_select: chosen("initial_options", false, { min_query_length: integer(0, 255) }),
  users_select: chosen("initial_user", true),
  multi_users_select: chosen("initial_users", false),
  conversations_select: chosen("initial_conversation", true, { ...conversation, response_url_enabled: bool }),
  multi_conversations_select: chosen("initial_conversations", false, conversation),
  channels_select: chosen("initial_channel", true, { response_url_enabled: bool }),
  multi_channels_select: chosen("initial_channels", false),
};
const shared: Readonly<Record<string, Rule>> = {
  ...menus,
  radio_buttons: both(choice({}, true, 10), exactlyOne("options")),
  checkboxes: both(choice({}, false, 10), exactlyOne("options")),
  datepicker: object(
    { ...common, placeholder, initial_date: match(/^\d{4}-\d{2}-\d{2}$/, "must be YYYY-MM-DD") },
    [],
  ),
  timepicker: object(
    { ...common, placeholder, initial_time: match(/^\d{2}:\d{2}$/, "must be HH:mm"), timezone: text(100) },
    [],
  ),
};
const datetimepicker = object({ ...common, initial_date_time: integer(1_000_000_000, 9_999_999_999) }, []);
const overflow = object({ ...common, options: options(limit("overflow.options")) }, ["options"]);
const inputs: Readonly<Record<string, Rule>> = {
  ...shared,
  datetimepicker,
  plain_text_input: typed({ multiline: bool, min_length: integer(0, 3000), max_length: integer(1, 3000) }),
  number_input: typed({ is_decimal_allowed: bool, min_value: text(50), max_value: text(50) }, [
    "is_decimal_allowed",
  ]),
  email_text_input: typed({}),
  url_text_input: typed({}),
  rich_text_input: typed({ initial_value: any }),
  file_input: object({ ...common, filetypes: list(text(20), 1, 100), max_files: integer(1, 10) }, []),
};

// ---- blocks -----------------------------------------------------------------------------------

const block = (fields: Fields, required: readonly string[]) =>
  object({ type: any, block_id: text(limit("block_id")), ...fields }, required);
const open: Rule = (v, at, f) => void (isThing(v) || say(f, at, "must be an object"));

const uniqueActions: Rule = (v, at, f) => {
  const ids = ((isThing(v) && (v.elements as { action_id?: string }[] | undefined)) || []).flatMap(
    (e) => e?.action_id ?? [],
  );
  if (new Set(ids).size < ids.length) say(f, `${at}/elements`, "action_id must be unique within the block");
};

const blocks: Readonly<Record<string, Rule>> = {
  section: both(
    block(
      {
        text: either(limit("section.text")),
        fields: list(either(limit("section.field.text")), 1, limit("section.fields")),
        accessory: byType({ ...shared, button, overflow, image }),
        expand: bool,
      },
      [],
    ),
    (v, at, f) => {
      if (isThing(v) && v.text === undefined && v.fields === undefined)
        say(f, at, "missing required field: text");
    },
  ),
  divider: block({}, []),
  header: block({ text: plain(limit("header.text")), level: integer(1, 4) }, ["text"]),
  image: both(
    block(
      {
        image_url: text(limit("image_url")),
        slack_file: any,
        alt_text: text(limit("alt_text")),
        title: plain(limit("image.title")),
      },
      ["alt_text"],
    ),
    exactlyOne("image_url", "slack_file"),
  ),
  actions: both(
    block(
      {
        elements: list(byType({ ...shared, datetimepicker, button, overflow }), 1, limit("actions.elements")),
      },
      ["elements"],
    ),
    uniqueActions,
  ),
  context: block(
    {
      elements: list(
        byType({ image, plain_text: either(limit("section.text")), mrkdwn: either(limit("section.text")) }),
        1,
        limit("context.elements"),
      ),
    },
    ["elements"],
  ),
  input: block(
    {
      label: plain(limit("input.label")),
      element: byType(inputs),
      hint: plain(limit("input.hint")),
      optional: bool,
      dispatch_action: bool,
    },
    ["label", "element"],
  ),
  markdown: block({ text: text(limit("markdown.text")) }, ["text"]),
  rich_text: block({ elements: list(open, 1, 1000) }, ["elements"]),
  table: block(
    { rows: list(list(open, 1, limit("table.columns")), 1, limit("table.rows")), column_settings: any },
    ["rows"],
  ),
  video: open,
  file: open,
  context_actions: open,
};

const uniqueBlocks: Rule = (v, at, f) => {
  const ids = Array.isArray(v) ? v.flatMap((b: { block_id?: string } | null) => b?.block_id ?? []) : [];
  if (new Set(ids).size < ids.length) say(f, at, "block_id must be unique");
};

const NOT_ON: Readonly<Record<Surface, readonly string[]>> = {
  message: [],
  modal: ["markdown", "table", "file"],
  home: ["markdown", "table", "file"],
};

/** What Slack would say about these blocks, in its own words; empty when it takes them. */
export function blockFaults(value: unknown, surface: Surface): readonly string[] {
  const faults: string[] = [];
  const allowed = Object.fromEntries(
    Object.entries(blocks).filter(([type]) => !NOT_ON[surface].includes(type)),
  );
  both(list(byType(allowed), surface === "message" ? 0 : 1, limit(`${surface}.blocks`)), uniqueBlocks)(
    value,
    "/blocks",
    faults,
  );
  return faults;
}

const viewFields: Fields = {
  type: oneOf("modal", "home"),
  title: plain(limit("view.title")),
  submit: plain(limit("view.submit")),
  close: plain(limit("view.close")),
  blocks: any,
  private_metadata: text(limit("private_metadata"), 0),
  callback_id: text(limit("callback_id"), 0),
  external_id: text(255, 0),
  clear_on_close: bool,
  notify_on_close: bool,
  submit_disabled: bool,
};

/** The same for a whole modal or App Home. */
export function viewFaults(value: unknown, type: "modal" | "home"): readonly string[] {
  const faults: string[] = [];
  object(viewFields, type === "modal" ? ["type", "title", "blocks"] : ["type", "blocks"])(
    value,
    "/view",
    faults,
  );
  if (!isThing(value)) return faults;
  if (value.type !== type) say(faults, "/view/type", `must be ${type}`);
  faults.push(
    ...blockFaults(value.blocks, type).map((f) => f.replace("json-pointer:", "json-pointer:/view")),
  );
  const hasInput = Array.isArray(value.blocks) && value.blocks.some((b) => isThing(b) && b.type === "input");
  if (type === "modal" && hasInput && value.submit === undefined)
    say(faults, "/view", "missing required field: submit, when an input block is within the blocks array");
  return faults;
}
