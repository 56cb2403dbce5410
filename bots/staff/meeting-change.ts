import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findMeeting, type Meeting } from "#storage";
import { asSeen, changeMeeting } from "../meetings/index.ts";
import type { Unit } from "../unit.ts";
import { input } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";
import { context } from "./views.ts";

const CHANGE_FORM = "meeting_change_form";

/** Another time, place or number of seats of a meeting that is planned. */
export const changeParts: Required<Pick<Feature, "actions" | "views">> = {
  actions: {
    meeting_change: { permission: "consultations.run", opens: true, looksOnly: true, run: changeForm },
  },
  views: { [CHANGE_FORM]: { permission: "consultations.run", run: change } },
};

/** The inputs that a plan and its change have in common, as it is now. */
export const whenAndWhere = (now?: Pick<Meeting, "startsAt" | "place" | "capacity">): KnownBlock[] => [
  input({
    id: "starts_at",
    label: "Begins",
    element: {
      type: "datetimepicker",
      action_id: "starts_at",
      ...(now ? { initial_date_time: Math.floor(Date.parse(now.startsAt) / 1000) } : {}),
    },
  }),
  input({
    id: "place",
    label: "Where",
    element: {
      type: "plain_text_input",
      action_id: "place",
      min_length: 3,
      max_length: 50,
      ...(now ? { initial_value: now.place } : {}),
    },
  }),
  input({
    id: "capacity",
    label: "Seats",
    hint: "When they are gone there is a waiting list.",
    element: {
      type: "number_input",
      action_id: "capacity",
      is_decimal_allowed: false,
      min_value: "1",
      ...(now ? { initial_value: String(now.capacity) } : {}),
    },
  }),
];

async function changeForm(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const meeting = await findMeeting(unit.tx, value);
  if (meeting?.status !== "planned") return whisper("It has begun, or is over or cancelled already.");
  const view: ModalView = {
    type: "modal",
    callback_id: CHANGE_FORM,
    private_metadata: JSON.stringify({ id: meeting.id, seen: asSeen(meeting) }),
    title: { type: "plain_text", text: "Change the town hall" },
    submit: { type: "plain_text", text: "Change" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      ...whenAndWhere(meeting),
      context("Everybody who comes or waits is told at once of another time or place."),
    ],
  };
  return { kind: "open", view };
}

async function change(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const { id, seen } = JSON.parse(metadata) as { readonly id: string; readonly seen: string };
  const outcome = await changeMeeting(
    unit,
    staff,
    id,
    {
      startsAt: form.moment("starts_at"),
      place: form.text("place"),
      capacity: Number(form.text("capacity")),
    },
    seen,
  );
  if (!outcome.done && outcome.about) return { kind: "errors", errors: { [outcome.about]: outcome.words } };
  return whisper(escapeMrkdwn(outcome.words));
}
