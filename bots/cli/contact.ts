import { writeFile } from "node:fs/promises";
import type { Erased } from "#storage";
import { readConfig } from "../config.ts";
import { erasePerson, exportPerson, exportText } from "../contacts/index.ts";
import { openApp, openContent, openData, openKeys, StartError } from "../open-app.ts";
import { commit } from "../unit.ts";

interface ExportOptions {
  readonly output?: string;
  readonly json?: boolean;
}

/** `saypro contact export WHO`: everything that is held of one person. */
export async function exportContact(who: string, { output, json }: ExportOptions): Promise<void> {
  const config = readConfig(process.env);
  const { deployment } = await openContent(config);
  const { database, release } = await openData(config);
  try {
    const keys = { db: database.db, secrets: openKeys(config) };
    const request = { who, country: deployment.country, actor: "cli" };
    const held = await exportPerson(keys, request, new Date());
    if (held.kind !== "held") throw new StartError(notFound(who, held));
    const asJson = `${JSON.stringify(held, null, 2)}\n`;
    if (output === undefined) return void process.stdout.write(json ? asJson : exportText(held));
    await writeFile(`${output}.json`, asJson, { mode: 0o600 });
    await writeFile(`${output}.txt`, exportText(held), { mode: 0o600 });
    process.stdout.write(`Written to ${output}.json and ${output}.txt, readable by you alone.\n`);
  } finally {
    await database.close();
    await release();
  }
}

interface EraseOptions {
  readonly reason: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What was done, taken back: nothing of it is kept. */
class DryRun extends Error {}

/** `saypro contact erase WHO --reason …`: without `--yes` it only says what would go. */
export async function eraseContactOf(
  who: string,
  { reason, yes = false, json }: EraseOptions,
): Promise<void> {
  const config = readConfig(process.env);
  const app = await openApp(config, await openData(config));
  try {
    let outcome: Awaited<ReturnType<typeof erasePerson>> | undefined;
    await commit(app, async (unit) => {
      outcome = await erasePerson(unit, { who, reason, actor: "cli" });
      if (!yes) throw new DryRun();
    }).catch((error: unknown) => {
      if (!(error instanceof DryRun)) throw error;
    });
    if (!outcome || outcome.kind === "unknown") throw new StartError(notFound(who, { kind: "unknown" }));
    if (outcome.kind === "refused") throw new StartError(outcome.words);
    if (json) return void process.stdout.write(`${JSON.stringify({ dryRun: !yes, ...outcome })}\n`);
    if (outcome.kind === "already")
      return void process.stdout.write(`${notFound(who, { kind: "erased", day: outcome.day })}\n`);
    process.stdout.write(
      `${erasedWords(outcome.erased)}\n${yes ? "Erased. The number is not taken in again from any list; only the person can come back, by texting START." : "Nothing was changed. This cannot be taken back: say --yes to erase."}\n`,
    );
  } finally {
    await app.close();
  }
}

function notFound(who: string, found: { readonly kind: string; readonly day?: string }): string {
  return found.kind === "erased"
    ? `Whoever had this number was erased on ${found.day}. Nothing more is held.`
    : `${who}: nobody has this number, address or id. Numbers may be written as 082 123 4567.`;
}

function erasedWords(erased: Erased): string {
  const { addresses, messages, cancelled, conversations, detached, groups, consents, nameless } = erased;
  return [
    "What goes: name, language, fields,",
    `  ${addresses} addresses, ${groups} groups, ${conversations} conversations with their answers,`,
    `  the words of ${messages} messages${cancelled > 0 ? `; ${cancelled} of them were waiting and are cancelled` : ""}.`,
    "What stays:",
    `  ${consents} entries of consent under a keyed hash, that messages were sent, the audit log.`,
    ...(detached > 0
      ? [`  ${detached} finished consultations keep the choices that name nobody; words and numbers go.`]
      : []),
    ...(nameless ? ["  A row without name and number, which these hang on."] : []),
    "Posts in Slack about this person stay in Slack: delete them there.",
  ].join("\n");
}
