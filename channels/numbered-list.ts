import type { Choice } from "./channel.ts";

/** Choices for a carrier that has no buttons: a numbered list under the text, answered with the number. */
export function asNumberedList(text: string, choices: readonly Choice[] = []): string {
  if (choices.length === 0) return text;
  const lines = choices.map((choice, i) => `${i + 1}. ${choice.title}`);
  return [text, ...lines].filter((line) => line !== "").join("\n");
}
