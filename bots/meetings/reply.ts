import type { Meeting } from "#storage";
import type { MessageKey } from "#templates";
import { type Heard, languageOf } from "../citizen/hearing.ts";
import { say } from "../citizen/say.ts";
import { factsOf, MEETING } from "./tell.ts";

/** Answers what a person just wrote about a meeting, where they wrote it. */
export function reply(
  heard: Heard,
  meeting: Meeting,
  key: MessageKey,
  values: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const { deployment } = heard.unit.app.content;
  const language = languageOf(heard);
  return say(heard, key, {
    kind: MEETING,
    language,
    values: { ...factsOf(meeting, language, deployment), ...values },
  });
}
