import type { App as BoltApp } from "@slack/bolt";
import { distance } from "fastest-levenshtein";
import type { App } from "../app.ts";
import { answer } from "./give.ts";
import { helpFor } from "./help.ts";
import { perform } from "./perform.ts";
import { type Answer, type Command, whisper } from "./registry.ts";

/** What people have to type before the word. */
export const SLASH = "/saypro";

export function listenForCommands(app: App, bolt: BoltApp, commands: ReadonlyMap<string, Command>): void {
  bolt.command(SLASH, async ({ ack, command: body, client, respond }) => {
    await ack();
    const [, typed = "", rest = ""] = /^\s*(\S*)\s*(.*)$/s.exec(body.text ?? "") ?? [];
    const word = typed.toLowerCase();
    const command = commands.get(word);
    await answer(
      app,
      { slack: client, triggerId: body.trigger_id, respond },
      `${SLASH} ${command?.word ?? "help"}`,
      command?.opens ?? false,
      () =>
        perform(
          app,
          {
            slackUserId: body.user_id,
            key: `slack:command:${body.trigger_id}`,
            ...(command?.permission ? { permission: command.permission } : {}),
          },
          async (unit, staff): Promise<Answer | undefined> => {
            const asked = { staff, slackUserId: body.user_id, channel: body.channel_id, rest };
            if (command) return command.run(unit, asked);
            if (word === "" || word === "help") return helpFor(staff, [...commands.values()]);
            return whisper(unknown(word, [...commands.keys()]));
          },
        ),
    );
  });
}

/** Letters that may be wrong in a word that is still recognised. */
const TYPING_ERRORS = 3;

function unknown(word: string, words: readonly string[]): string {
  const [nearest] = words
    .map((known) => ({ known, far: known.startsWith(word) ? 0 : distance(word, known) }))
    .sort((a, b) => a.far - b.far);
  const near = nearest !== undefined && nearest.far <= TYPING_ERRORS;
  const suggestion = near ? ` Did you mean \`${SLASH} ${nearest.known}\`?` : "";
  return `There is no command of that name.${suggestion} \`${SLASH} help\` lists them all.`;
}
