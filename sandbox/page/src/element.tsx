import { type ReactNode, useId, useState } from "react";
import { type Element as Data, type Entry, type OptionObject, stateKey } from "../../slack/inputs.ts";
import type { Block } from "../../world.ts";
import { Confirm, type ConfirmObject } from "./confirm.tsx";
import type { Live } from "./live.ts";

export type ElementData = Data;

export interface Action {
  readonly actionId: string;
  readonly blockId?: string;
  readonly value?: string;
  readonly entry?: Entry;
}
export type Act = (action: Action) => Promise<void>;

interface Props {
  readonly data: ElementData;
  readonly block: Block;
  readonly live: Live;
  readonly act: Act;
  readonly state: Readonly<Record<string, unknown>> | undefined;
  readonly typed: Entry | undefined;
  readonly onType: ((blockId: string, element: ElementData, entry: Entry) => void) | undefined;
  readonly invalid: boolean;
  readonly label?: string;
  readonly describedBy?: string;
}

interface Choice {
  readonly value: string;
  readonly text: string;
  readonly description?: string;
}

const textOf = (object: unknown): string => (object as { text?: string } | undefined)?.text ?? "";
const choice = ({ value, text, description }: OptionObject): Choice => ({
  value,
  text: text.text,
  ...(description ? { description: description.text } : {}),
});

/** One interactive element. In an input block it waits for the submission; elsewhere it acts at once. */
export function Element(props: Props) {
  const { data, block, act } = props;
  const [asking, setAsking] = useState<Action>();
  const actionId = data.action_id ?? "";
  const action: Action = { actionId, ...(block.block_id ? { blockId: block.block_id } : {}) };
  const confirm = data.confirm as ConfirmObject | undefined;
  const request = (more: Partial<Action>) => {
    if (confirm) setAsking({ ...action, ...more });
    else void act({ ...action, ...more });
  };
  return (
    <>
      {data.type === "button" ? (
        <PressButton
          data={data}
          onPress={() => request(typeof data.value === "string" ? { value: data.value } : {})}
        />
      ) : data.type === "overflow" ? (
        <Overflow data={data} onPick={(entry) => request({ entry })} />
      ) : (
        <Field {...props} onEntry={(entry) => request({ entry })} />
      )}
      {asking && confirm ? (
        <Confirm
          confirm={confirm}
          onAnswer={(yes) => {
            setAsking(undefined);
            if (yes) void act(asking);
          }}
        />
      ) : null}
    </>
  );
}

function PressButton({ data, onPress }: { readonly data: ElementData; readonly onPress: () => void }) {
  const label = data.accessibility_label as string | undefined;
  return (
    <button
      type="button"
      className={`kit ${(data.style as string | undefined) ?? ""}`}
      {...(label ? { "aria-label": label } : {})}
      onClick={() => {
        onPress();
        if (typeof data.url === "string") window.open(data.url, "_blank", "noopener");
      }}
    >
      {textOf(data.text)}
    </button>
  );
}

function Overflow({
  data,
  onPick,
}: {
  readonly data: ElementData;
  readonly onPick: (value: string) => void;
}) {
  return (
    <details className="overflow">
      <summary className="kit" aria-label="More actions">
        ⋯
      </summary>
      <div className="overflow-list">
        {(data.options ?? []).map(choice).map((c) => (
          <button
            key={c.value}
            type="button"
            onClick={(e) => {
              e.currentTarget.closest("details")?.removeAttribute("open");
              onPick(c.value);
            }}
          >
            {c.text}
          </button>
        ))}
      </div>
    </details>
  );
}

/** Everything that holds a value. `typed` is what was entered here and Slack has not been told yet. */
function Field(props: Props & { readonly onEntry: (entry: Entry) => void }) {
  const { data, block, live, state, typed, onType, onEntry, invalid, describedBy } = props;
  const id = useId();
  const waits = block.type === "input" && !block.dispatch_action;
  // Under a message nobody else keeps what was chosen.
  const [kept, setKept] = useState<Entry>();
  const current: Entry = typed ?? kept ?? entryOf(data, state) ?? entryOf(data, undefined) ?? "";
  const placeholder = textOf(data.placeholder);
  const label = props.label ?? "";
  const name = label || placeholder || data.action_id || data.type;
  const set = (entry: Entry) => {
    if (onType) onType(block.block_id ?? "", data, entry);
    else setKept(entry);
    if (!waits) onEntry(entry);
  };
  const aria = {
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
    ...(invalid ? { "aria-invalid": true } : {}),
  };
  const labelled = (field: ReactNode) =>
    label ? (
      <>
        <label htmlFor={id}>{label}</label>
        {field}
      </>
    ) : (
      field
    );
  const naming = label ? { id } : { id, "aria-label": name };
  const chosen = Array.isArray(current)
    ? (current as readonly string[])
    : current === "" || current === null
      ? []
      : [String(current)];

  switch (data.type) {
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return labelled(
        <TextField {...props} naming={naming} aria={aria} current={String(current ?? "")} waits={waits} />,
      );
    case "datepicker":
    case "timepicker":
    case "datetimepicker": {
      const type = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[data.type];
      const moment = data.type === "datetimepicker";
      const value = moment && current !== "" ? localTime(Number(current)) : String(current ?? "");
      return labelled(
        <input
          {...naming}
          {...aria}
          type={type}
          value={value}
          onChange={(e) => {
            const { value: now } = e.target;
            set(moment ? (now ? Math.floor(new Date(now).getTime() / 1000) : null) : now || null);
          }}
        />,
      );
    }
    case "radio_buttons":
    case "checkboxes":
    case "multi_static_select":
    case "multi_users_select":
    case "multi_channels_select":
    case "multi_conversations_select": {
      const one = data.type === "radio_buttons";
      return (
        <fieldset className="many" {...aria}>
          <legend className={label ? "" : "hidden"}>{name}</legend>
          <div className={data.type.startsWith("multi") ? "scroll" : ""}>
            {choicesOf(data, live).map((c) => (
              <label key={c.value}>
                <input
                  type={one ? "radio" : "checkbox"}
                  name={id}
                  checked={chosen.includes(c.value)}
                  onChange={(e) =>
                    set(
                      one
                        ? c.value
                        : e.target.checked
                          ? [...chosen, c.value]
                          : chosen.filter((v) => v !== c.value),
                    )
                  }
                />
                <span>
                  {c.text}
                  {c.description ? <small>{c.description}</small> : null}
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      );
    }
    case "external_select":
      return labelled(
        <External {...props} naming={naming} aria={aria} current={String(current ?? "")} onPick={set} />,
      );
    case "static_select":
    case "users_select":
    case "channels_select":
    case "conversations_select":
      return labelled(
        <select
          {...naming}
          {...aria}
          value={String(current ?? "")}
          onChange={(e) => set(e.target.value || null)}
        >
          <option value="">{placeholder || "Choose…"}</option>
          {data.option_groups
            ? data.option_groups.map((group) => (
                <optgroup key={textOf(group.label)} label={textOf(group.label)}>
                  {group.options.map(choice).map((c) => (
                    <option key={c.value} value={c.value}>
                      {c.text}
                    </option>
                  ))}
                </optgroup>
              ))
            : choicesOf(data, live).map((c) => (
                <option key={c.value} value={c.value}>
                  {c.text}
                </option>
              ))}
        </select>,
      );
    default:
      return <p className="hint">The sandbox does not draw {data.type}.</p>;
  }
}

interface Inner extends Props {
  readonly naming: Readonly<Record<string, string>>;
  readonly aria: Readonly<Record<string, unknown>>;
  readonly current: string;
}

const TYPING_MS = 400;

function TextField(props: Inner & { readonly waits: boolean; readonly onEntry: (entry: Entry) => void }) {
  const { data, block, naming, aria, current, waits, onType, onEntry } = props;
  const [timer, setTimer] = useState(0);
  const config = data.dispatch_action_config as { trigger_actions_on?: readonly string[] } | undefined;
  const asTyped = !waits && config?.trigger_actions_on?.includes("on_character_entered");
  const change = (value: string) => {
    onType?.(block.block_id ?? "", data, value);
    if (!asTyped) return;
    clearTimeout(timer);
    setTimer(window.setTimeout(() => onEntry(value), TYPING_MS));
  };
  const common = {
    ...naming,
    ...aria,
    value: current,
    placeholder: textOf(data.placeholder),
    maxLength: (data.max_length as number | undefined) ?? 3000,
  };
  if (data.multiline) return <textarea {...common} rows={5} onChange={(e) => change(e.target.value)} />;
  const types = { email_text_input: "email", url_text_input: "url", number_input: "number" } as const;
  return (
    <input
      {...common}
      type={types[data.type as keyof typeof types] ?? "text"}
      {...(data.type === "number_input" ? { step: data.is_decimal_allowed ? "any" : 1 } : {})}
      onChange={(e) => change(e.target.value)}
      onKeyDown={(e) => {
        if (e.key !== "Enter" || waits) return;
        e.preventDefault();
        onEntry(current);
      }}
    />
  );
}

function External({
  data,
  block,
  naming,
  aria,
  current,
  onPick,
  live,
}: Inner & { readonly onPick: (entry: Entry) => void }) {
  const [found, setFound] = useState<readonly Choice[]>([]);
  const initial =
    (data.initial_option as OptionObject | undefined) && choice(data.initial_option as OptionObject);
  const search = async (typed: string) => {
    const response = await fetch("/sandbox/api/slack/options", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        user: sessionUser(live),
        place: { kind: "modal" },
        actionId: data.action_id,
        typed,
      }),
    });
    if (response.ok) setFound(((await response.json()) as readonly OptionObject[]).map(choice));
  };
  const all = initial && !found.some((c) => c.value === initial.value) ? [initial, ...found] : found;
  return (
    <span className="external" data-block={block.block_id}>
      <input
        type="search"
        aria-label={`Search: ${textOf(data.placeholder) || data.action_id}`}
        placeholder="Type to search"
        onChange={(e) => void search(e.target.value)}
      />
      <select
        {...naming}
        {...aria}
        value={current}
        onFocus={() => (found.length === 0 ? void search("") : undefined)}
        onChange={(e) => onPick(e.target.value || null)}
      >
        <option value="">{textOf(data.placeholder) || "Choose…"}</option>
        {all.map((c) => (
          <option key={c.value} value={c.value}>
            {c.text}
          </option>
        ))}
      </select>
    </span>
  );
}

function sessionUser(live: Live): string {
  return sessionStorage.getItem("slack-user") ?? live.users[0]?.id ?? "";
}

function choicesOf(data: ElementData, live: Live): readonly Choice[] {
  if (data.type.includes("users"))
    return live.users.filter((u) => u.id !== live.bot.id).map((u) => ({ value: u.id, text: u.name }));
  if (data.type.includes("channels") || data.type.includes("conversations"))
    return live.channels
      .filter((c) => c.kind === "channel")
      .map((c) => ({ value: c.id, text: `#${c.name}` }));
  return [...(data.options ?? []), ...(data.option_groups ?? []).flatMap((g) => g.options)].map(choice);
}

/** Slack's state of an element as a plain entry; the element's initial value when there is no state. */
function entryOf(data: ElementData, state: Readonly<Record<string, unknown>> | undefined): Entry | undefined {
  const key = stateKey(data);
  const value = state
    ? state[key]
    : data[key.replace("selected", "initial").replace(/^value$/, "initial_value")];
  if (value === undefined || value === null) return state ? "" : undefined;
  if (Array.isArray(value)) return value.map((v) => (typeof v === "string" ? v : (v as OptionObject).value));
  if (typeof value === "object") return (value as OptionObject).value;
  return value as Entry;
}

/** Seconds since 1970 as the value of a datetime-local input. */
function localTime(seconds: number): string {
  if (!seconds) return "";
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
