import type { Form } from "./registry.ts";

/** What Slack keeps of one input; which member is there depends on its kind. */
interface InputState {
  readonly value?: string | null;
  readonly selected_option?: { readonly value?: string } | null;
  readonly selected_options?: readonly { readonly value?: string }[] | null;
  readonly selected_date_time?: number | null;
  readonly selected_date?: string | null;
  readonly selected_time?: string | null;
}

/** A view's `state.values`: by block, then by action. One input a block, so the block's id is enough. */
export type StateValues = Readonly<Record<string, Readonly<Record<string, object>>>>;

export function formOf(values: StateValues = {}): Form {
  const state = (blockId: string): InputState => Object.values(values[blockId] ?? {})[0] ?? {};
  return {
    text: (blockId) => state(blockId).value?.trim() ?? "",
    choice: (blockId) => state(blockId).selected_option?.value,
    choices: (blockId) =>
      (state(blockId).selected_options ?? []).flatMap(({ value }) => (value === undefined ? [] : [value])),
    any: (blockId) => {
      const { value, selected_option, selected_date, selected_time } = state(blockId);
      return (value ?? selected_option?.value ?? selected_date ?? selected_time ?? "").trim();
    },
    day: (blockId) => state(blockId).selected_date ?? undefined,
    moment: (blockId) => {
      const seconds = state(blockId).selected_date_time;
      return seconds === undefined || seconds === null ? undefined : new Date(seconds * 1000);
    },
  };
}

/** The value of an element that was clicked or changed: a button's, a choice's, several joined by commas. */
export function chosen(element: object): string {
  const { value, selected_option, selected_options, selected_date_time } = element as InputState;
  if (selected_options) return selected_options.map((option) => option.value).join(",");
  return selected_option?.value ?? value ?? selected_date_time?.toString() ?? "";
}
