import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { findBroadcast, findReview, listOpenReviews, may, type StaffMember } from "#storage";
import {
  breakGlass,
  closeReview,
  magnitude,
  moment,
  REASON_LENGTH,
  reachOf,
  whyNotReview,
} from "../broadcast/index.ts";
import type { Unit } from "../unit.ts";
import { button, input, option } from "./inputs.ts";
import { type ActionAsked, type Answer, type Feature, whisper } from "./registry.ts";
import { section } from "./views.ts";

const GLASS = "broadcast_glass_confirm";
const CLOSE = "review_closed";

/** What cannot wait for a second person, and the look that somebody else takes at it afterwards. */
export const breakGlassFeature: Feature = {
  actions: {
    broadcast_glass: { permission: "crises.lead", opens: true, looksOnly: true, run: ask },
    review_close: { permission: "broadcasts.control", opens: true, looksOnly: true, run: askFinding },
  },
  views: {
    [GLASS]: {
      permission: "crises.lead",
      run: async (unit, { staff, form, metadata }) => {
        const reason = form.text("reason");
        if (form.choices("understood").length === 0)
          return { kind: "errors", errors: { understood: "Tick this first." } };
        if (reason.length < REASON_LENGTH.least)
          return {
            kind: "errors",
            errors: { reason: "Say why it cannot wait, so that others can judge it." },
          };
        const [id = "", hash = ""] = metadata.split(":", 2);
        return whisper((await breakGlass(unit, staff, id, hash, reason)).words);
      },
    },
    [CLOSE]: {
      permission: "broadcasts.control",
      run: async (unit, { staff, form, metadata }) =>
        whisper((await closeReview(unit, staff, metadata, form.text("finding"))).words),
    },
  },
  home,
};

async function ask(unit: Unit, { value }: ActionAsked): Promise<Answer> {
  const broadcast = await findBroadcast(unit.tx, value.split(":", 1)[0] ?? "");
  if (!broadcast) return whisper("This broadcast is not there any more.");
  const { count } = await reachOf(unit, broadcast);
  const view: ModalView = {
    type: "modal",
    callback_id: GLASS,
    private_metadata: value,
    title: { type: "plain_text", text: "It cannot wait" },
    submit: { type: "plain_text", text: "Send it" },
    close: { type: "plain_text", text: "Not yet" },
    blocks: [
      section(
        `*${escapeMrkdwn(broadcast.title)}* goes to ${magnitude(count.recipients)} without the approvals that it needs. Every approver is told at once, and somebody else reviews it afterwards.`,
      ),
      input({
        id: "reason",
        label: "Why it cannot wait",
        element: {
          type: "plain_text_input",
          action_id: "reason",
          multiline: true,
          min_length: REASON_LENGTH.least,
          max_length: REASON_LENGTH.most,
        },
      }),
      input({
        id: "understood",
        label: "Before it goes out",
        element: {
          type: "checkboxes",
          action_id: "understood",
          options: [option("I answer for it until it has been reviewed", "yes")],
        },
      }),
    ],
  };
  return { kind: "open", view };
}

async function askFinding(unit: Unit, { staff, value }: ActionAsked): Promise<Answer> {
  const review = await findReview(unit.tx, value);
  if (!review) return whisper("There is no such review.");
  const not = await whyNotReview(unit, staff, review);
  if (not) return whisper(not);
  const since = moment(review.openedAt, unit.app.content.deployment);
  const view: ModalView = {
    type: "modal",
    callback_id: CLOSE,
    private_metadata: review.id,
    title: { type: "plain_text", text: "Close a review" },
    submit: { type: "plain_text", text: "Close it" },
    close: { type: "plain_text", text: "Not yet" },
    blocks: [
      section(
        `*${escapeMrkdwn(review.title)}*, sent by ${escapeMrkdwn(review.openedByName)}, ${since}: ${escapeMrkdwn(review.reason)}`,
      ),
      input({
        id: "finding",
        label: "Was it right, and what follows from it",
        element: {
          type: "plain_text_input",
          action_id: "finding",
          multiline: true,
          max_length: REASON_LENGTH.most,
        },
      }),
    ],
  };
  return { kind: "open", view };
}

async function home(unit: Unit, staff: StaffMember): Promise<readonly KnownBlock[]> {
  if (!may(staff, "broadcasts.approve") && !may(staff, "crises.lead")) return [];
  const open = await listOpenReviews(unit.tx);
  return open.map((review) => ({
    ...section(
      `:mag: *Review: ${escapeMrkdwn(review.title)}*, sent without a second approval by ${escapeMrkdwn(review.openedByName)}`,
    ),
    accessory: button("review_close", "Close the review …", review.id),
  }));
}
