import type { ModalView } from "@slack/types";
import { dayOf } from "#flows";
import { addNotice, addRegisterEntry, DECISIONS, type Decided, findConsultation } from "#storage";
import type { Unit } from "../unit.ts";
import { input, option } from "./inputs.ts";
import { type Answer, type Feature, type ViewAsked, whisper } from "./registry.ts";

const NOTICE_FORM = "consultation_notice_form";
const REGISTER_FORM = "consultation_register_form";

const MEDIA = [
  "newspaper",
  "radio",
  "municipal office",
  "library",
  "website",
  "social media",
  "meeting",
  "other",
];

/** How the decision is called by those who read it. */
const DECISION_WORDS: Readonly<Record<Decided, string>> = {
  accepted: "Accepted",
  partly: "Accepted in part",
  rejected: "Not accepted",
  noted: "Noted",
};

/** What council asks for: where a consultation was made known, and what was answered to those who wrote. */
export const evidenceParts: Required<Pick<Feature, "actions" | "views">> = {
  actions: {
    consultation_notice: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (unit, { value }) => noticeForm(unit, value),
    },
    consultation_register: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (_unit, { value }) => registerForm(value),
    },
  },
  views: {
    [NOTICE_FORM]: { permission: "consultations.run", run: recordNotice },
    [REGISTER_FORM]: { permission: "consultations.run", run: recordEntry },
  },
};

function noticeForm(unit: Unit, id: string): Answer {
  const view: ModalView = {
    type: "modal",
    callback_id: NOTICE_FORM,
    private_metadata: id,
    title: { type: "plain_text", text: "Record a notice" },
    submit: { type: "plain_text", text: "Record" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      input({
        id: "medium",
        label: "Where it appeared",
        element: {
          type: "static_select",
          action_id: "medium",
          options: MEDIA.map((medium) => option(medium, medium)),
        },
      }),
      input({
        id: "details",
        label: "Which one, and in which languages",
        hint: "Isolezwe, page 4, isiZulu and English",
        element: { type: "plain_text_input", action_id: "details", max_length: 300 },
      }),
      input({
        id: "published_on",
        label: "On which day",
        element: {
          type: "datepicker",
          action_id: "published_on",
          initial_date: dayOf(unit.now.toISOString(), unit.app.content.deployment.timezone),
        },
      }),
      input({
        id: "proof",
        label: "Proof",
        hint: "A link to the page, the invoice or the photo.",
        optional: true,
        element: { type: "plain_text_input", action_id: "proof", max_length: 500 },
      }),
    ],
  };
  return { kind: "open", view };
}

async function recordNotice(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const publishedOn = form.day("published_on") ?? "";
  if (publishedOn > dayOf(unit.now.toISOString(), unit.app.content.deployment.timezone))
    return {
      kind: "errors",
      errors: { published_on: "That day is still to come: record it once it appeared." },
    };
  const consultation = await findConsultation(unit.tx, metadata);
  if (!consultation) return whisper("There is no such consultation.");
  const notice = {
    id: unit.app.newId(),
    consultationId: metadata,
    medium: form.choice("medium") ?? "other",
    details: form.text("details"),
    publishedOn,
    proof: form.text("proof") || null,
    recordedBy: staff.id,
  };
  await addNotice(unit.tx, notice);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "consultation.notice_recorded",
    subject: `consultation:${metadata}`,
    data: { medium: notice.medium, publishedOn, proof: notice.proof },
  });
  return whisper(`Recorded for "${consultation.title}": ${notice.medium}, ${publishedOn}.`);
}

function registerForm(id: string): Answer {
  const view: ModalView = {
    type: "modal",
    callback_id: REGISTER_FORM,
    private_metadata: id,
    title: { type: "plain_text", text: "Answer what was asked" },
    submit: { type: "plain_text", text: "Enter" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      input({
        id: "asked",
        label: "What people asked for",
        hint: "In their words, or a summary of many. The results show which comments resemble each other.",
        element: { type: "plain_text_input", action_id: "asked", multiline: true, max_length: 1000 },
      }),
      input({
        id: "decision",
        label: "What was decided",
        element: {
          type: "radio_buttons",
          action_id: "decision",
          options: DECISIONS.map((decision) => option(DECISION_WORDS[decision], decision)),
        },
      }),
      input({
        id: "reason",
        label: "Why",
        element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: 2000 },
      }),
      input({
        id: "owner",
        label: "Who carries it out",
        optional: true,
        element: { type: "plain_text_input", action_id: "owner", max_length: 100 },
      }),
    ],
  };
  return { kind: "open", view };
}

async function recordEntry(unit: Unit, { staff, form, metadata }: ViewAsked): Promise<Answer> {
  const consultation = await findConsultation(unit.tx, metadata);
  if (!consultation) return whisper("There is no such consultation.");
  const decision = DECISIONS.find((known) => known === form.choice("decision")) ?? "noted";
  const entry = {
    id: unit.app.newId(),
    consultationId: metadata,
    asked: form.text("asked"),
    decision,
    reason: form.text("reason"),
    owner: form.text("owner") || null,
    recordedBy: staff.id,
  };
  await addRegisterEntry(unit.tx, entry);
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "consultation.answered",
    subject: `consultation:${metadata}`,
    data: { entry: entry.id, decision },
  });
  return whisper(`Entered in the register of "${consultation.title}": ${DECISION_WORDS[decision]}.`);
}
