import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { may } from "#storage";
import { erasePerson, exportPerson, exportText, MAX_REASON } from "../contacts/index.ts";
import type { Unit } from "../unit.ts";
import { button, input, option } from "./inputs.ts";
import { type Answer, type Asked, actorOf, type Feature, whisper } from "./registry.ts";
import { context, cut, note, section } from "./views.ts";

/** Sections of one modal; each has Slack's 3,000 characters, of which marks take some. */
const MAX_SECTIONS = 90;
const SECTION = 2_800;
const SURE = "sure";

/** What is held of one person, and erasing it, for those who answer for data protection. */
export const personFeature: Feature = {
  commands: [
    {
      word: "person",
      help: "everything that is held of one person, and erasing it",
      example: "/saypro person 082 123 4567",
      permission: "contacts.export",
      opens: true,
      run: (unit, asked) => show(unit, asked, asked.rest),
    },
  ],
  actions: {
    "person.erase": {
      permission: "contacts.erase",
      opens: true,
      looksOnly: true,
      run: async (_unit, { value }) => ({ kind: "open", view: eraseForm(value) }),
    },
  },
  views: {
    "person.erase": {
      permission: "contacts.erase",
      run: (unit, { staff, form, metadata }) =>
        erase(unit, actorOf(staff), metadata, form.text("reason"), form.choices("sure").includes(SURE)),
    },
  },
};

const UNKNOWN = "Nobody has this number. Write it as 082 123 4567.";

async function show({ tx, app, now }: Unit, { staff }: Asked, who: string): Promise<Answer> {
  if (who.trim() === "") return whisper("Whose? `/saypro person 082 123 4567`");
  const { country } = app.content.deployment;
  const held = await exportPerson(
    { db: tx, secrets: app.secrets },
    { who, country, actor: actorOf(staff) },
    now,
  );
  if (held.kind === "unknown") return whisper(UNKNOWN);
  if (held.kind === "erased")
    return whisper(`Whoever had this number was erased on ${held.day}. Nothing more is held.`);
  const parts = piecesOf(escapeMrkdwn(exportText(held)));
  return {
    kind: "open",
    view: note("What is held", [
      ...(may(staff, "contacts.erase")
        ? [
            {
              type: "actions",
              elements: [button("person.erase", "Erase this person …", held.contact.id, "danger")],
            } as KnownBlock,
          ]
        : []),
      ...parts.slice(0, MAX_SECTIONS).map((part) => section(`\`\`\`${part}\`\`\``)),
      ...(parts.length > MAX_SECTIONS
        ? [context("There is more: `saypro contact export` writes all of it to a file.")]
        : []),
    ]),
  };
}

/** Whole lines together, as far as they fit. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (const line of text.split("\n")) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + line.length < SECTION) pieces.splice(-1, 1, `${last}\n${line}`);
    else pieces.push(cut(line, SECTION));
  }
  return pieces.filter((piece) => piece.trim() !== "");
}

function eraseForm(contactId: string): ModalView {
  return {
    type: "modal",
    callback_id: "person.erase",
    private_metadata: contactId,
    title: { type: "plain_text", text: "Erase a person" },
    submit: { type: "plain_text", text: "Erase for good" },
    close: { type: "plain_text", text: "Cancel" },
    blocks: [
      section(
        "Name, numbers, fields, groups, the words of all messages and conversations go. The proof of consent stays without the number; consultations that are over keep choices that name nobody. No list brings the number back: only the person can, by texting START.",
      ),
      input({
        id: "reason",
        label: "Why",
        hint: "The audit log keeps it for ever: no name, no number.",
        element: { type: "plain_text_input", action_id: "reason", max_length: MAX_REASON },
      }),
      input({
        id: "sure",
        label: "This cannot be taken back",
        element: {
          type: "checkboxes",
          action_id: "sure",
          options: [option("I have seen what is held, and it is to be erased", SURE)],
        },
      }),
    ],
  };
}

async function erase(unit: Unit, actor: string, who: string, reason: string, sure: boolean): Promise<Answer> {
  if (!sure) return { kind: "errors", errors: { sure: "Say that you are sure." } };
  const outcome = await erasePerson(unit, { who, reason, actor });
  if (outcome.kind === "refused") return { kind: "errors", errors: { reason: outcome.words } };
  if (outcome.kind !== "erased") return whisper("This person was erased already. Nothing more is held.");
  const { messages, conversations } = outcome.erased;
  return whisper(
    `Erased: ${messages} messages emptied, ${conversations} conversations gone. Posts in Slack about this person stay in Slack: delete them there.`,
  );
}
