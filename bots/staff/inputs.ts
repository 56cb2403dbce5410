import type { Button, InputBlock, KnownBlock, PlainTextOption } from "@slack/types";
import { cut } from "./views.ts";

/** Slack's limits. */
const OPTION = 75;
const OPTIONS = 100;
const BUTTON = 75;

export const option = (text: string, value: string): PlainTextOption => ({
  text: { type: "plain_text", text: cut(text, OPTION) },
  value,
});

/** At most a hundred in one list; more are cut off, as Slack would refuse the whole view. */
export const optionsOf = (options: readonly PlainTextOption[]): PlainTextOption[] =>
  options.slice(0, OPTIONS);

interface Field {
  readonly id: string;
  readonly label: string;
  readonly element: InputBlock["element"];
  readonly hint?: string;
  readonly optional?: boolean;
  /** Tells us at every change. */
  readonly live?: boolean;
}

/** One input: its value is found by the block's id. */
export const input = ({ id, label, element, hint, optional = false, live = false }: Field): KnownBlock => ({
  type: "input",
  block_id: id,
  label: { type: "plain_text", text: label },
  element,
  optional,
  dispatch_action: live,
  ...(hint ? { hint: { type: "plain_text", text: hint } } : {}),
});

export const button = (
  actionId: string,
  text: string,
  value: string,
  style?: "primary" | "danger",
): Button => ({
  type: "button",
  action_id: actionId,
  text: { type: "plain_text", text: cut(text, BUTTON) },
  value,
  ...(style ? { style } : {}),
});
