import type { KnownBlock, ModalView } from "@slack/types";
import type { Answer } from "./registry.ts";

/** Slack's limit of a section's text. */
const SECTION = 3000;

export const section = (text: string): KnownBlock => ({
  type: "section",
  text: { type: "mrkdwn", text: cut(text, SECTION) },
});

export const context = (text: string): KnownBlock => ({
  type: "context",
  elements: [{ type: "mrkdwn", text: cut(text, SECTION) }],
});

export const divider: KnownBlock = { type: "divider" };

/** Slack refuses a whole message for one text that is too long. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Slack's limit of a modal's title. */
const TITLE = 24;

/** A modal without a form. */
export function note(title: string, blocks: readonly KnownBlock[]): ModalView {
  return {
    type: "modal",
    title: { type: "plain_text", text: cut(title, TITLE) },
    close: { type: "plain_text", text: "Close" },
    blocks: [...blocks],
  };
}

export const oneMoment: ModalView = note("One moment", [section("One moment, please …")]);

/** What is said where there is no message to whisper beside: in place of a modal. */
export function noteOf(answer: Extract<Answer, { kind: "whisper" }>): ModalView {
  return note("SayPro Engage", answer.blocks ?? [section(answer.text)]);
}
