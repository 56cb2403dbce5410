import type { ActionsBlock, Button, ContextBlock, HeaderBlock, SectionBlock } from "@slack/types";

/** Slack's limits (docs.slack.dev, Block Kit): a longer text fails the whole message. */
const SECTION = 3000;
const HEADER = 150;
const LABEL = 75;

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

export const header = (text: string): HeaderBlock => ({
  type: "header",
  text: { type: "plain_text", text: cut(text, HEADER), emoji: true },
});

/** `text` is mrkdwn: escape what people wrote. */
export const section = (text: string): SectionBlock => ({
  type: "section",
  text: { type: "mrkdwn", text: cut(text, SECTION) },
});

export const context = (text: string): ContextBlock => ({
  type: "context",
  elements: [{ type: "mrkdwn", text: cut(text, SECTION) }],
});

export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
}

export const button = (
  label: string,
  actionId: string,
  value: string,
  options: { readonly style?: "primary" | "danger"; readonly confirm?: Confirmation } = {},
): Button => ({
  type: "button",
  text: { type: "plain_text", text: cut(label, LABEL) },
  action_id: actionId,
  value,
  ...(options.style === undefined ? {} : { style: options.style }),
  ...(options.confirm === undefined
    ? {}
    : {
        confirm: {
          title: { type: "plain_text", text: options.confirm.title },
          text: { type: "plain_text", text: options.confirm.text },
          confirm: { type: "plain_text", text: options.confirm.yes },
          deny: { type: "plain_text", text: "Not yet" },
        },
      }),
});

export const actions = (...elements: readonly Button[]): ActionsBlock => ({
  type: "actions",
  elements: [...elements],
});
