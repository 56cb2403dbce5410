import type { ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findMeeting, isLive } from "#storage";
import { cancelMeeting, closeMeeting, type Outcome } from "../meetings/index.ts";
import type { Unit } from "../unit.ts";
import { input, option, optionsOf } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { section } from "./views.ts";

const CLOSE_FORM = "meeting_close_form";
const CANCEL_FORM = "meeting_cancel_form";

/** How a meeting ends: held, with a count and a short survey of those who came; or cancelled. */
export const endingParts: Required<Pick<Feature, "actions" | "views">> = {
  actions: {
    meeting_close: { permission: "consultations.run", opens: true, looksOnly: true, run: closeForm },
    meeting_cancel: { permission: "consultations.run", opens: true, looksOnly: true, run: cancelForm },
  },
  views: {
    [CLOSE_FORM]: { permission: "consultations.run", run: close },
    [CANCEL_FORM]: {
      permission: "consultations.run",
      run: async (unit, { staff, form, metadata }) =>
        told(await cancelMeeting(unit, staff, metadata, form.text("reason"))),
    },
  },
};

const told = ({ words }: Outcome): Answer => whisper(escapeMrkdwn(words));
const isOver = whisper("It is over or cancelled already.");

async function closeForm(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const meeting = await findMeeting(unit.tx, value);
  if (!meeting || !isLive(meeting)) return isOver;
  const { flows, deployment } = unit.app.content;
  const options = [...flows.values()]
    .filter((flow) => flow.keywords.length > 0)
    .map((flow) =>
      option(`${flow.title[deployment.defaultLanguage] ?? flow.id} (${flow.keywords.join(", ")})`, flow.id),
    );
  const view: ModalView = {
    type: "modal",
    callback_id: CLOSE_FORM,
    private_metadata: value,
    title: { type: "plain_text", text: "Close the meeting" },
    submit: { type: "plain_text", text: "Close" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      section(`*${escapeMrkdwn(meeting.title)}*: nobody can ask or vote any more.`),
      input({
        id: "head_count",
        label: "How many people came",
        hint: "As they were counted at the place.",
        optional: true,
        element: {
          type: "number_input",
          action_id: "head_count",
          is_decimal_allowed: false,
          min_value: "0",
          max_value: "100000",
        },
      }),
      ...(options.length > 0
        ? [
            input({
              id: "flow",
              label: "Ask them how it was",
              hint: "Those who texted the code are thanked and asked to reply the keyword. It is opened where it is not open.",
              optional: true,
              element: { type: "static_select", action_id: "flow", options: optionsOf(options) },
            }),
          ]
        : []),
    ],
  };
  return { kind: "open", view };
}

async function close(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const counted = form.text("head_count");
  const flow = form.choice("flow");
  const outcome = await closeMeeting(unit, staff, metadata, {
    ...(counted === "" ? {} : { headCount: Number(counted) }),
    ...(flow === undefined ? {} : { flow }),
  });
  if (!outcome.done && outcome.about) return { kind: "errors", errors: { [outcome.about]: outcome.words } };
  return told(outcome);
}

async function cancelForm(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const meeting = await findMeeting(unit.tx, value);
  if (!meeting || !isLive(meeting)) return isOver;
  const view: ModalView = {
    type: "modal",
    callback_id: CANCEL_FORM,
    private_metadata: value,
    title: { type: "plain_text", text: "Cancel the meeting" },
    submit: { type: "plain_text", text: "Cancel it" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      section(
        `*${escapeMrkdwn(meeting.title)}* does not take place. Everybody who comes or waits is told at once.`,
      ),
      input({
        id: "reason",
        label: "Why",
        hint: "They read it as it stands here.",
        element: { type: "plain_text_input", action_id: "reason", min_length: 3, max_length: 80 },
      }),
    ],
  };
  return { kind: "open", view };
}
