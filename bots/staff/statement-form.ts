import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { FOLLOWERS, PROTOCOL_LIMITS, type StatementKind } from "#flows";
import type { Crisis, StatementVersion, Texts } from "#storage";
import {
  clockOf,
  inOrder,
  type Reach,
  reachInWords,
  seenValue,
  statementName,
  textBlocks,
} from "../crisis/index.ts";
import type { Unit } from "../unit.ts";
import { input, option } from "./inputs.ts";
import type { Form } from "./registry.ts";
import { context, section } from "./views.ts";

export const EDIT_FORM = "statement.edit";
export const NEW_FORM = "statement.new";
export const APPROVE_FORM = "statement.approve";
export const RETURN_FORM = "statement.return";

const plain = (text: string) => ({ type: "plain_text" as const, text });
const KIND_WORDS: Readonly<Record<StatementKind, string>> = {
  holding: "Holding statement",
  update: "Update",
  correction: "Correction: something we said was wrong",
  retraction: "Retraction: we take it back",
  all_clear: "All-clear",
};

/** Languages that the statement has to speak. */
export function languagesOf(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
): readonly string[] {
  const spoken = crisis
    ? Object.keys(crisis.definition.holding)
    : [unit.app.content.deployment.defaultLanguage];
  const all = [...new Set([...spoken, ...Object.keys(version.texts)])];
  return inOrder(all, unit.app.content.deployment.languages);
}

/** The form that changes a version that is not out yet. */
export function editForm(unit: Unit, version: StatementVersion, crisis: Crisis | undefined): ModalView {
  const languages = languagesOf(unit, version, crisis);
  return {
    type: "modal",
    callback_id: EDIT_FORM,
    private_metadata: [seenValue(version), languages.join(",")].join(":"),
    title: plain("Edit a statement"),
    submit: plain("Submit for approval"),
    close: plain("Cancel"),
    blocks: [
      section(`*${escapeMrkdwn(statementName(version, crisis))}*\nWhat was approved before is void.`),
      ...textInputs(unit, languages, version.texts),
      embargoInput(version.embargoUntil),
    ],
  };
}

/** The form of the next version; the texts that are out stand in it, to be changed. */
export function newForm(
  unit: Unit,
  last: StatementVersion,
  released: StatementVersion | undefined,
  crisis: Crisis,
): ModalView {
  const languages = languagesOf(unit, last, crisis);
  const kinds: readonly StatementKind[] = released ? FOLLOWERS[released.kind] : ["holding", "update"];
  const options = kinds.map((kind) => option(KIND_WORDS[kind], kind));
  const [first] = options;
  return {
    type: "modal",
    callback_id: NEW_FORM,
    private_metadata: [last.statementId, languages.join(",")].join(":"),
    title: plain("New statement"),
    submit: plain("Submit for approval"),
    close: plain("Cancel"),
    blocks: [
      input({
        id: "kind",
        label: "What is it?",
        element: {
          type: "static_select",
          action_id: "kind",
          options,
          ...(first ? { initial_option: first } : {}),
        },
      }),
      ...textInputs(unit, languages, (released ?? last).texts),
      embargoInput(null),
    ],
  };
}

const blockOfLanguage = (language: string): string => `text.${language}`;

function textInputs({ app }: Unit, languages: readonly string[], texts: Texts): readonly KnownBlock[] {
  return languages.map((language) => {
    const name = app.content.deployment.languages.find(({ code }) => code === language)?.name ?? language;
    const text = texts[language];
    return input({
      id: blockOfLanguage(language),
      label: name,
      optional: true,
      element: {
        type: "plain_text_input",
        action_id: blockOfLanguage(language),
        multiline: true,
        max_length: PROTOCOL_LIMITS.text,
        ...(text ? { initial_value: text.slice(0, PROTOCOL_LIMITS.text) } : {}),
      },
    });
  });
}

const embargoInput = (until: string | null): KnownBlock =>
  input({
    id: "embargo",
    label: "Not before",
    optional: true,
    hint: "Empty: it goes out when it is approved. Never hold back what saves lives.",
    element: {
      type: "datetimepicker",
      action_id: "embargo",
      ...(until ? { initial_date_time: Math.floor(Date.parse(until) / 1000) } : {}),
    },
  });

/** What the form says; languages without words are left out. */
export function wordsOf(
  form: Form,
  languages: readonly string[],
): { readonly texts: Texts; readonly embargoUntil?: Date } {
  const embargoUntil = form.moment("embargo");
  const texts = languages.map((language) => [language, form.text(blockOfLanguage(language))] as const);
  return {
    texts: Object.fromEntries(texts.filter(([, text]) => text !== "")),
    ...(embargoUntil ? { embargoUntil } : {}),
  };
}

/** Words of a refusal under the language that they are about: `[zu] This language has no text yet.` */
export function errorsOf(words: string, languages: readonly string[]): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const line of words.split("\n")) {
    const [, language, said = ""] = /^\[([\w-]+)\] (.*)$/.exec(line) ?? [];
    const block = blockOfLanguage(
      language && languages.includes(language) ? language : (languages[0] ?? "en"),
    );
    const sentence = language ? said : line;
    errors[block] = errors[block] ? `${errors[block]} ${sentence}` : sentence;
  }
  return errors;
}

/** What the second person reads before it goes out, with its reach in words. */
export function approveForm(
  unit: Unit,
  version: StatementVersion,
  crisis: Crisis | undefined,
  reach: Reach,
): ModalView {
  const { deployment } = unit.app.content;
  const drill = crisis?.mode === "drill";
  const when = version.embargoUntil
    ? `at ${clockOf(version.embargoUntil, deployment)}, when its embargo ends`
    : "at once";
  return {
    type: "modal",
    callback_id: APPROVE_FORM,
    private_metadata: seenValue(version),
    title: plain(drill ? "Approve an EXERCISE" : "Approve a statement"),
    submit: plain(drill ? "Send EXERCISE" : "Send LIVE"),
    close: plain("Not yet"),
    blocks: [
      section(
        `${drill ? ":large_blue_circle:" : ":red_circle:"} *${escapeMrkdwn(statementName(version, crisis))}*\nIt goes out ${when}, to ${reachInWords(reach)}.`,
      ),
      ...textBlocks(version, deployment.languages),
      input({
        id: "understood",
        label: "Before it goes out",
        element: {
          type: "checkboxes",
          action_id: "understood",
          options: [
            option(
              drill
                ? `I understand that this is an EXERCISE for ${reach.recipients}`
                : `I understand that this warns ${reach.recipients} people for real`,
              "yes",
            ),
          ],
        },
      }),
      context(`Content \`${version.contentHash.slice(0, 8)}\``),
    ],
  };
}

export const returnForm = (version: StatementVersion, crisis: Crisis | undefined): ModalView => ({
  type: "modal",
  callback_id: RETURN_FORM,
  private_metadata: seenValue(version),
  title: plain("Return a statement"),
  submit: plain("Return"),
  close: plain("Not yet"),
  blocks: [
    section(`*${escapeMrkdwn(statementName(version, crisis))}* goes back to its author with your reason.`),
    input({
      id: "reason",
      label: "What has to change",
      element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: 500 },
    }),
  ],
});
