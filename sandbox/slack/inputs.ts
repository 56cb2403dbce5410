import type { Block, Values } from "../world.ts";

/** An interactive element of a block, as far as its value is concerned. */
export interface Element {
  readonly type: string;
  readonly action_id?: string;
  readonly options?: readonly OptionObject[];
  readonly option_groups?: readonly {
    readonly label?: { readonly text: string };
    readonly options: readonly OptionObject[];
  }[];
  readonly [key: string]: unknown;
}

export interface OptionObject {
  readonly text: { readonly type: string; readonly text: string };
  readonly value: string;
  readonly description?: { readonly type: string; readonly text: string };
}

export type State = Readonly<Record<string, unknown>>;
/** How a person's entry is written by tests and by the page: text, an option's value or title, or several of them. */
export type Entry = string | number | boolean | null | readonly string[];

const isDispatched = (type: string) => type !== "button" && type !== "overflow" && type !== "image";

/** Every element of a block that holds a value or can be pressed. */
export function elementsOf(block: Block): readonly Element[] {
  const { element, elements, accessory } = block as {
    element?: Element;
    elements?: readonly Element[];
    accessory?: Element;
  };
  return [element, accessory, ...(block.type === "actions" ? (elements ?? []) : [])].filter(
    (e) => e !== undefined,
  );
}

export function isInput(element: Element): boolean {
  return isDispatched(element.type);
}

const keyOf: Readonly<Record<string, readonly [key: string, initial: string]>> = {
  plain_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  rich_text_input: ["rich_text_value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  overflow: ["selected_option", "initial_option"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  users_select: ["selected_user", "initial_user"],
  multi_users_select: ["selected_users", "initial_users"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  file_input: ["files", "initial_files"],
};

/** The property of `state.values` that holds an element's value. */
export function stateKey(element: Element): string {
  return keyOf[element.type]?.[0] ?? "value";
}

export function initialState(element: Element): State {
  const [key, initial] = keyOf[element.type] ?? ["value", "initial_value"];
  const empty = key.endsWith("s") ? [] : null;
  return { type: element.type, [key]: element[initial] ?? empty };
}

/** The values of a view: what was entered before stays where block and action are the same. */
export function valuesOf(blocks: readonly Block[], before: Values = {}): Values {
  const values: Record<string, Record<string, State>> = {};
  for (const block of blocks)
    for (const element of elementsOf(block)) {
      if (!isInput(element) || !element.action_id || !block.block_id) continue;
      const kept = before[block.block_id]?.[element.action_id];
      values[block.block_id] = {
        ...values[block.block_id],
        [element.action_id]: kept?.type === element.type ? kept : initialState(element),
      };
    }
  return values;
}

/** Turns an entry into Slack's state of the element. Throws words when the element cannot hold it. */
export function entered(element: Element, entry: Entry, loaded: readonly OptionObject[] = []): State {
  const [key] = keyOf[element.type] ?? ["value"];
  const offered = [
    ...(element.options ?? []),
    ...(element.option_groups ?? []).flatMap((g) => g.options),
    ...loaded,
  ];
  const find = (wanted: string): OptionObject => {
    const found =
      offered.find((o) => o.value === wanted) ?? offered.find((o) => o.text.text.trim() === wanted.trim());
    if (!found)
      throw new Error(
        `${element.action_id}: there is no option "${wanted}"; there are ${offered.map((o) => `"${o.text.text}" (${o.value})`).join(", ")}`,
      );
    return found;
  };
  const many = () =>
    Array.isArray(entry)
      ? (entry as readonly string[])
      : entry === null || entry === ""
        ? []
        : [String(entry)];
  const none = entry === null || entry === "";
  switch (key) {
    case "selected_option":
      return { type: element.type, selected_option: none ? null : find(String(entry)) };
    case "selected_options":
      return { type: element.type, selected_options: many().map(find) };
    case "selected_date_time": {
      const seconds = typeof entry === "number" ? entry : Math.floor(Date.parse(String(entry)) / 1000);
      if (!none && !Number.isInteger(seconds))
        throw new Error(`${element.action_id}: ${String(entry)} is not a time`);
      return { type: element.type, selected_date_time: none ? null : seconds };
    }
    case "selected_users":
    case "selected_conversations":
    case "selected_channels":
    case "files":
      return { type: element.type, [key]: many() };
    default:
      return { type: element.type, [key]: none ? null : String(entry) };
  }
}

/** What Slack's own client refuses before it sends a submission: by block id. */
export function entryFaults(blocks: readonly Block[], values: Values): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  for (const block of blocks) {
    if (block.type !== "input" || !block.block_id) continue;
    const { element, optional } = block as unknown as { element: Element; optional?: boolean };
    const state = values[block.block_id]?.[element.action_id ?? ""] ?? initialState(element);
    const value = state[stateKey(element)];
    const empty =
      value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
    if (empty) {
      if (!optional) faults[block.block_id] = "Please complete this required field.";
      continue;
    }
    const fault = valueFault(element, value);
    if (fault) faults[block.block_id] = fault;
  }
  return faults;
}

function valueFault(element: Element, value: unknown): string | undefined {
  const {
    min_length: min,
    max_length: max,
    min_value: least,
    max_value: most,
  } = element as {
    min_length?: number;
    max_length?: number;
    min_value?: string;
    max_value?: string;
  };
  const selected = (element as { max_selected_items?: number }).max_selected_items;
  if (Array.isArray(value) && selected && value.length > selected) return `Choose at most ${selected}.`;
  if (typeof value !== "string") return undefined;
  if (element.type === "number_input") {
    const number = Number(value);
    if (!Number.isFinite(number)) return "Please enter a number.";
    if (!element.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
    if (least !== undefined && number < Number(least)) return `Please enter a number of at least ${least}.`;
    if (most !== undefined && number > Number(most)) return `Please enter a number of at most ${most}.`;
  }
  if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value))
    return "Please enter an email address.";
  if (element.type === "url_text_input" && !URL.canParse(value)) return "Please enter a web address.";
  if (min && value.length < min) return `Please use at least ${min} characters.`;
  if (value.length > (max ?? 3000)) return `Please use at most ${max ?? 3000} characters.`;
  return undefined;
}
