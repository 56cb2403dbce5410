import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findConsultation, findFlowVersion, listThemeNames, replaceThemeNames } from "#storage";
import { foundThemes, nameOf, questionsOf, readerOf, type Theme, titleOf } from "../consultation/index.ts";
import type { Unit } from "../unit.ts";
import { input, option, optionsOf } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

const FORM = "consultation_themes_form";
/** Slack takes 100 blocks a modal, and 3,000 characters beside it that say which theme each field names. */
const MAX_THEMES = 12;
const MAX_TERM = 30;
const NAME = 60;

/** What the fields of the form name. */
interface Shown {
  readonly consultation: string;
  readonly question: string;
  readonly themes: readonly { readonly language: string; readonly terms: readonly string[] }[];
  /** Ids of the names that they have. */
  readonly named: readonly string[];
}

/** Open answers that resemble each other are named by a person; the same name makes one theme of several. */
export const themeParts: Required<Pick<Feature, "actions" | "views">> = {
  actions: {
    consultation_themes: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (unit, { value }) => {
        const view = await themesForm(unit, value);
        return typeof view === "string" ? whisper(view) : { kind: "open", view };
      },
    },
    theme_question: { permission: "consultations.run", looksOnly: true, run: otherQuestion },
  },
  views: { [FORM]: { permission: "consultations.run", run: keepNames } },
};

async function otherQuestion(unit: Unit, { value, view: asked }: ActionAsked): Promise<Answer> {
  const { consultation } = JSON.parse(asked?.metadata ?? "{}") as Shown;
  const view = await themesForm(unit, consultation, value);
  return typeof view === "string" ? whisper(view) : { kind: "update", view };
}

/** The form for one question of those that have open answers, or why there is nothing to name. */
async function themesForm(unit: Unit, id: string, wanted?: string): Promise<ModalView | string> {
  const { deployment } = unit.app.content;
  const consultation = await findConsultation(unit.tx, id);
  const flow = consultation && (await findFlowVersion(unit.tx, consultation.flow, consultation.flowVersion));
  if (!consultation || !flow) return "There is no such consultation.";
  const open = (await questionsOf(unit.tx, consultation)).questions.filter(
    ({ ask }) => ask.answer.type === "text",
  );
  const found = await foundThemes(
    readerOf(unit),
    consultation,
    flow,
    new Set(open.map((question) => question.id)),
    { published: false, small: 0, languages: deployment.languages.map(({ code }) => code) },
  );
  const answered = open.filter((question) => found[question.id]);
  const question = answered.find((each) => each.id === wanted) ?? answered.at(-1);
  if (!question) return "Nobody whose answers are shown has written anything in their own words yet.";
  const names = (await listThemeNames(unit.tx, id)).filter((name) => name.question === question.id);
  const all = found[question.id]?.themes ?? [];
  const themes = all.slice(0, MAX_THEMES).map((theme) => ({ theme, name: nameOf(theme, names) }));
  const shown: Shown = {
    consultation: id,
    question: question.id,
    themes: themes.map(({ theme: { language, terms } }) => ({
      language,
      terms: terms.filter((term) => term.length <= MAX_TERM),
    })),
    named: [...new Set(themes.flatMap(({ name }) => (name ? [name.id] : [])))],
  };
  const title = (each: typeof question): string => titleOf(each.ask, deployment.defaultLanguage);
  return {
    type: "modal",
    callback_id: FORM,
    private_metadata: JSON.stringify(shown),
    title: { type: "plain_text", text: "Name themes" },
    submit: { type: "plain_text", text: "Keep" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      answered.length > 1
        ? input({
            id: "theme_question",
            label: "Question",
            live: true,
            element: {
              type: "static_select",
              action_id: "theme_question",
              options: optionsOf(answered.map((each) => option(title(each), each.id))),
              initial_option: option(title(question), question.id),
            },
          })
        : section(`*${escapeMrkdwn(title(question))}*`),
      context(
        "Answers stand together where their words resemble each other; you know what they mean. Themes to which you give the same name are one, in whatever language. Without a name they stay as they are.",
      ),
      ...themes.flatMap(({ theme, name }, i) => themeBlocks(theme, `${question.id} ${i}`, i, name?.name)),
      ...(all.length > themes.length
        ? [context(`${all.length - themes.length} smaller ones stand in the report.`)]
        : []),
    ],
  };
}

function themeBlocks(
  { size, language, terms, quotes }: Theme,
  id: string,
  place: number,
  name: string | undefined,
): readonly KnownBlock[] {
  const said = quotes.map((quote) => `> ${escapeMrkdwn(quote.replaceAll("\n", " ").slice(0, 200))}`);
  return [
    section([`*${size}* (${language}): ${escapeMrkdwn(terms.join(", ").slice(0, 200))}`, ...said].join("\n")),
    input({
      // Another question's field is another one: Slack keeps what was typed in a block of the same name.
      id,
      label: `Name of theme ${place + 1}`,
      optional: true,
      element: {
        type: "plain_text_input",
        action_id: "name",
        max_length: NAME,
        ...(name === undefined ? {} : { initial_value: name }),
      },
    }),
  ];
}

async function keepNames(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const { consultation, question, themes, named } = JSON.parse(metadata) as Shown;
  const names = themes.flatMap(({ language, terms }, i) => {
    const name = form.text(`${question} ${i}`).replaceAll(/\s+/g, " ");
    return name === "" ? [] : [{ id: unit.app.newId(), question, language, terms, name }];
  });
  await replaceThemeNames(unit.tx, consultation, named, names, staff.id);
  const distinct = [...new Set(names.map(({ name }) => name))];
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "consultation.themes_named",
    subject: `consultation:${consultation}`,
    data: { question, names: distinct },
  });
  return whisper(
    distinct.length > 0
      ? `Kept: ${distinct.join(", ")}. Reports and exports for council call them so.`
      : "Kept: no theme of this question has a name.",
  );
}
