import type { ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findQuestion, listQuestions, may, type StaffMember } from "#storage";
import { answer, merge, type Outcome, putOnList, setAside } from "../meetings/index.ts";
import type { Unit } from "../unit.ts";
import { input, option, optionsOf } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { section } from "./views.ts";

const ANSWER_FORM = "meeting_answer_form";
const MERGE_FORM = "meeting_merge_form";

/** Characters: an answer goes out as SMS. */
const LONGEST_ANSWER = 600;

/** Moderation of what people ask: who answers the inbox may do it, and who runs the meeting. */
export const questionParts: Required<Pick<Feature, "actions" | "views">> = {
  actions: {
    meeting_answer: {
      permission: "inbox.reply",
      opens: true,
      looksOnly: true,
      run: answerForm,
    },
    meeting_list: {
      run: moderating(async (unit, { staff, value }: ActionAsked) =>
        told(await putOnList(unit, staff, value)),
      ),
    },
    meeting_merge: { opens: true, looksOnly: true, run: moderating(mergeForm) },
    meeting_set_aside: {
      run: moderating(async (unit, { staff, value }: ActionAsked) =>
        told(await setAside(unit, staff, value)),
      ),
    },
  },
  views: {
    [ANSWER_FORM]: {
      permission: "inbox.reply",
      run: async (unit, { staff, form, metadata }) => {
        const outcome = await answer(unit, staff, metadata, form.text("answer"));
        return outcome.done ? told(outcome) : { kind: "errors", errors: { answer: outcome.words } };
      },
    },
    [MERGE_FORM]: {
      run: moderating(async (unit, { staff, form, metadata }: ViewAsked): Promise<Answer> => {
        const outcome = await merge(unit, staff, metadata, form.choice("into") ?? "");
        return outcome.done ? told(outcome) : { kind: "errors", errors: { into: outcome.words } };
      }),
    },
  },
};

const told = ({ words }: Outcome): Answer => whisper(escapeMrkdwn(words));

function moderating<A extends { readonly staff: StaffMember }>(
  run: (unit: Unit, asked: A) => Promise<Answer>,
): (unit: Unit, asked: A) => Promise<Answer> {
  return async (unit, asked) =>
    may(asked.staff, "inbox.reply") || may(asked.staff, "consultations.run")
      ? run(unit, asked)
      : whisper("Your roles do not allow moderating questions.");
}

async function answerForm(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const question = await findQuestion(unit.tx, value);
  if (!question) return whisper("There is no such question any more.");
  const view: ModalView = {
    type: "modal",
    callback_id: ANSWER_FORM,
    private_metadata: value,
    title: { type: "plain_text", text: "Answer a question" },
    submit: { type: "plain_text", text: "Send" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      section(`> ${escapeMrkdwn(question.text.replaceAll("\n", " "))}`),
      input({
        id: "answer",
        label: "Answer",
        hint: "Goes to everybody who asked this, as a message.",
        element: {
          type: "plain_text_input",
          action_id: "answer",
          multiline: true,
          max_length: LONGEST_ANSWER,
        },
      }),
    ],
  };
  return { kind: "open", view };
}

async function mergeForm(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const question = await findQuestion(unit.tx, value);
  if (!question) return whisper("There is no such question any more.");
  const others = [
    ...(await listQuestions(unit.tx, question.meetingId, "listed")),
    ...(await listQuestions(unit.tx, question.meetingId, "new")),
  ].filter(({ id }) => id !== value);
  if (others.length === 0) return whisper("There is no other question yet.");
  const view: ModalView = {
    type: "modal",
    callback_id: MERGE_FORM,
    private_metadata: value,
    title: { type: "plain_text", text: "Merge a question" },
    submit: { type: "plain_text", text: "Merge" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      section(`> ${escapeMrkdwn(question.text.replaceAll("\n", " "))}`),
      input({
        id: "into",
        label: "Asks the same as",
        hint: "That one stays, with the votes of both.",
        element: {
          type: "static_select",
          action_id: "into",
          options: optionsOf(
            others.map(({ id, number, text }) => option(number === null ? text : `${number}. ${text}`, id)),
          ),
        },
      }),
    ],
  };
  return { kind: "open", view };
}
