import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { listApiKeys, SCOPES } from "#storage";
import { endApiKey, makeApiKey } from "../systems/keys.ts";
import type { Unit } from "../unit.ts";
import { button, input, option } from "./inputs.ts";
import { type Answer, actorOf, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { context, note, section } from "./views.ts";

/** Slack takes 100 blocks in a modal. */
const MAX_LISTED = 90;

/** Keys of other departments' systems, for admins. */
export const keysFeature: Feature = {
  commands: [
    {
      word: "keys",
      help: "keys with which other departments' systems use the API",
      example: "/saypro keys",
      permission: "keys.edit",
      opens: true,
      run: async (unit) => ({ kind: "open", view: await listView(unit) }),
    },
  ],
  actions: {
    "keys.new": {
      permission: "keys.edit",
      opens: true,
      looksOnly: true,
      run: async () => ({ kind: "open", view: form }),
    },
    "keys.revoke": {
      permission: "keys.edit",
      run: async (unit, { staff, value }) => {
        await endApiKey(unit, value, actorOf(staff));
        return { kind: "update", view: await listView(unit) };
      },
    },
  },
  views: { "keys.make": { permission: "keys.edit", run: make } },
};

async function listView({ tx }: Unit): Promise<ModalView> {
  const keys = (await listApiKeys(tx)).filter(({ revokedAt }) => revokedAt === null);
  return note("Keys", [
    { type: "actions", elements: [button("keys.new", "Make a key", "-", "primary")] } as KnownBlock,
    ...(keys.length === 0 ? [context("No system has a key.")] : []),
    ...keys.slice(0, MAX_LISTED).map(
      ({ prefix, name, owner, scopes, expiresAt, lastUsedAt }): KnownBlock =>
        ({
          ...section(
            `*${escapeMrkdwn(name)}* \`${prefix}…\` in the name of ${owner}\n${scopes.join(", ")}; last used ${lastUsedAt ?? "never"}${expiresAt ? `; until ${expiresAt}` : ""}`,
          ),
          accessory: {
            ...button("keys.revoke", "Revoke", prefix, "danger"),
            confirm: {
              title: { type: "plain_text", text: "Revoke this key?" },
              text: { type: "plain_text", text: "The system that has it can do nothing from now on." },
              confirm: { type: "plain_text", text: "Revoke" },
              deny: { type: "plain_text", text: "Leave it" },
            },
          },
        }) as KnownBlock,
    ),
  ]);
}

const text = (id: string, label: string, hint: string, optional = false): KnownBlock =>
  input({ id, label, hint, optional, element: { type: "plain_text_input", action_id: id, max_length: 60 } });

const form: ModalView = {
  type: "modal",
  callback_id: "keys.make",
  title: { type: "plain_text", text: "Make a key" },
  submit: { type: "plain_text", text: "Make it" },
  close: { type: "plain_text", text: "Cancel" },
  blocks: [
    text("name", "System", "As its people call it: Outages"),
    text(
      "owner",
      "In whose name it acts",
      "The handle of a member of staff: a key may do no more than they.",
    ),
    input({
      id: "scopes",
      label: "What it may do",
      element: {
        type: "checkboxes",
        action_id: "scopes",
        options: SCOPES.map((scope) => option(scope, scope)),
      },
    }),
    text("days", "Days until it expires", "Without a number it does not expire.", true),
  ],
};

async function make(unit: Unit, { staff, form: given }: ViewAsked): Promise<Answer> {
  const days = given.text("days");
  const made = await makeApiKey(unit, {
    name: given.text("name"),
    owner: given.text("owner"),
    scopes: given.choices("scopes"),
    actor: actorOf(staff),
    ...(days === "" ? {} : { days: Number(days) }),
  });
  if (!made.ok) return { kind: "errors", errors: { [made.field]: made.words } };
  return whisper(
    `\`${made.key}\`\nThis is the only time that it is shown. Give it to the system in a safe way.`,
  );
}
