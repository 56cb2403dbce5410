import type { Button, KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { type ConsultationView, findConsultation, may, PRIORITY, viewConsultations } from "#storage";
import { moment } from "../broadcast/index.ts";
import {
  closeConsultation,
  consultationResults,
  openConsultation,
  readerOf,
  waiveReport,
} from "../consultation/index.ts";
import type { Unit } from "../unit.ts";
import { openReportForm } from "./broadcast.ts";
import { evidenceParts } from "./consultation-evidence.ts";
import { postResults, refreshResults } from "./consultation-results.ts";
import { themeParts } from "./consultation-themes.ts";
import { button, input, option, optionsOf } from "./inputs.ts";
import { offeredStatementActions } from "./offered-statement.ts";
import { type ActionAsked, type Answer, type CommandAsked, type Feature, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

const OPEN_FORM = "consultation_open_form";
const WAIVE_FORM = "consultation_waive_form";
/** Reasons are read by council. */
const SHORTEST_REASON = 10;

/** Consultations: open, close, see the results so far. */
export const consultationFeature: Feature = {
  commands: [
    {
      word: "consultation",
      help: "open a consultation, close it, see its results",
      example: "/saypro consultation open",
      permission: "results.read",
      opens: true,
      run: command,
    },
  ],
  actions: {
    ...evidenceParts.actions,
    ...themeParts.actions,
    ...offeredStatementActions,
    consultation_open: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (unit) => openForm(unit),
    },
    consultation_close: { permission: "consultations.run", run: close },
    consultation_report: {
      permission: "broadcasts.draft",
      opens: true,
      looksOnly: true,
      run: (unit, { value }) => report(unit, value),
    },
    consultation_waive: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (_unit, { value }) => waiveForm(value),
    },
    consultation_results: { permission: "results.read", run: (unit, asked) => showResults(unit, asked) },
    consultation_refresh: { permission: "results.read", run: refresh },
  },
  views: {
    ...evidenceParts.views,
    ...themeParts.views,
    [OPEN_FORM]: {
      permission: "consultations.run",
      run: async (unit, { staff, form }) => {
        const opensAt = form.moment("opens_at");
        const closesAt = form.moment("closes_at");
        const outcome = await openConsultation(unit, staff, {
          flow: form.choice("flow") ?? "",
          ...(opensAt ? { opensAt } : {}),
          ...(closesAt ? { closesAt } : {}),
        });
        if (!outcome.done)
          return {
            kind: "errors",
            errors: { [outcome.about === "closesAt" ? "closes_at" : "flow"]: outcome.words },
          };
        await announce(unit, outcome.id, staff.name);
        return { kind: "close" };
      },
    },
    [WAIVE_FORM]: {
      permission: "consultations.run",
      run: async (unit, { staff, form, metadata }) => {
        const reason = form.text("reason");
        if (reason.length < SHORTEST_REASON)
          return { kind: "errors", errors: { reason: "Say why in a sentence: council will read it." } };
        const outcome = await waiveReport(unit, staff, metadata, reason);
        return whisper(outcome.done ? "It is concluded; your reason is in the audit log." : outcome.words);
      },
    },
  },
  home: async (unit, staff) => {
    const open = await openBlocks(unit);
    return [
      section("*Consultations*"),
      ...(open.length > 0 ? open : [context("None is open.")]),
      ...(may(staff, "consultations.run")
        ? [
            {
              type: "actions" as const,
              elements: [button("consultation_open", "Open a consultation …", "open", "primary")],
            },
          ]
        : []),
    ];
  },
};

async function command(unit: Unit, { rest, staff }: CommandAsked): Promise<Answer> {
  const [word = ""] = rest.toLowerCase().split(/\s+/);
  if (word === "open")
    return may(staff, "consultations.run")
      ? openForm(unit)
      : whisper("Your role may see results, but not open a consultation.");
  const open = await openBlocks(unit);
  const hint = context("`/saypro consultation open` opens another. Results and Close are the buttons above.");
  return whisper("Consultations that are open", [
    ...(open.length > 0 ? open : [section("No consultation is open.")]),
    hint,
  ]);
}

/** One row for each that is open, with its buttons. */
async function openBlocks(unit: Unit): Promise<KnownBlock[]> {
  const current = (await viewConsultations(unit.tx)).filter(({ status }) => status !== "closed");
  return current
    .slice(0, 10)
    .flatMap((c): KnownBlock[] => [
      section(
        `*${escapeMrkdwn(c.title)}*  keyword ${c.keywords.map((k) => `\`${k}\``).join(", ")}\n${stateWords(unit, c)}`,
      ),
      { type: "actions", elements: buttonsFor(c) },
    ]);
}

function stateWords(unit: Unit, c: ConsultationView): string {
  const at = (time: string | null): string => (time ? moment(time, unit.app.content.deployment) : "");
  const counts = `${c.started} started, ${c.completed} completed`;
  if (c.status === "scheduled")
    return `Opens ${at(c.openedAt)}${c.closesAt ? `, closes ${at(c.closesAt)}` : ""}`;
  if (c.status === "awaiting_report")
    return `${counts}. Ended ${at(c.closedAt)}. Those who took part wait to hear what came of it.`;
  return `${counts}${c.closesAt ? `, closes ${at(c.closesAt)}` : ""}`;
}

function buttonsFor({ id, status }: ConsultationView): Button[] {
  const results = button("consultation_results", "Results", id);
  if (status === "awaiting_report")
    return [
      results,
      button("consultation_report", "You said, we did …", id, "primary"),
      button("consultation_register", "Answer what was asked …", id),
      button("consultation_notice", "Record a notice …", id),
      button("consultation_waive", "Conclude without …", id),
    ];
  return [
    ...(status === "open" ? [results] : []),
    button("consultation_notice", "Record a notice …", id),
    {
      ...button("consultation_close", status === "open" ? "Close" : "Take back", id, "danger"),
      confirm: {
        title: { type: "plain_text", text: "Close this consultation?" },
        text: {
          type: "plain_text",
          text: "Nobody can join any more. Conversations under way may be finished.",
        },
        confirm: { type: "plain_text", text: "Close it" },
        deny: { type: "plain_text", text: "Leave it open" },
      },
    },
  ];
}

/** The decision and its reasons go back to those who took part, through the approvals of any broadcast. */
async function report(unit: Unit, id: string): Promise<Answer> {
  const consultation = await findConsultation(unit.tx, id);
  if (consultation?.status !== "awaiting_report")
    return whisper("It does not wait for that: it still takes answers, or has been concluded already.");
  return openReportForm(unit, consultation);
}

function waiveForm(id: string): Answer {
  const view: ModalView = {
    type: "modal",
    callback_id: WAIVE_FORM,
    private_metadata: id,
    title: { type: "plain_text", text: "Tell nobody?" },
    submit: { type: "plain_text", text: "Conclude" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      section(
        "Those who took part will not hear what came of it. Reporting back is their right by law (Systems Act, section 17(2)(e)).",
      ),
      input({
        id: "reason",
        label: "Why",
        hint: "Kept in the audit log and in the evidence for council.",
        element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: 1000 },
      }),
    ],
  };
  return { kind: "open", view };
}

function openForm(unit: Unit): Answer {
  const { flows, deployment } = unit.app.content;
  const options = [...flows.values()]
    .filter((flow) => flow.keywords.length > 0)
    .map((flow) =>
      option(`${flow.title[deployment.defaultLanguage] ?? flow.id} (${flow.keywords.join(", ")})`, flow.id),
    );
  const view: ModalView = {
    type: "modal",
    callback_id: OPEN_FORM,
    title: { type: "plain_text", text: "Open a consultation" },
    submit: { type: "plain_text", text: "Open" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      input({
        id: "flow",
        label: "Which one",
        hint: "Everybody who joins answers this version, also when the file is changed later.",
        element: { type: "static_select", action_id: "flow", options: optionsOf(options) },
      }),
      input({
        id: "opens_at",
        label: "Opens",
        hint: "Empty: at once.",
        optional: true,
        element: { type: "datetimepicker", action_id: "opens_at" },
      }),
      input({
        id: "closes_at",
        label: "Closes",
        hint: "Where a law fixes how long people must have, it cannot be sooner.",
        optional: true,
        element: { type: "datetimepicker", action_id: "closes_at" },
      }),
    ],
  };
  return { kind: "open", view };
}

async function announce(unit: Unit, id: string, by: string): Promise<void> {
  const results = await consultationResults(readerOf(unit), id, unit.app.content.deployment.defaultLanguage);
  const consultation = (await viewConsultations(unit.tx)).find((c) => c.id === id);
  if (!results || !consultation) return;
  const did =
    consultation.status === "scheduled" && consultation.openedAt
      ? `planned, for ${moment(consultation.openedAt, unit.app.content.deployment)},`
      : "opened";
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.operations}`,
      text: `${by} ${did} the consultation "${results.title}". People join with ${consultation.keywords.join(" or ")}.`,
      blocks: [
        section(
          `*${escapeMrkdwn(by)}* ${did} the consultation *${escapeMrkdwn(results.title)}*. People join by texting ${consultation.keywords.map((k) => `\`${k}\``).join(" or ")}.`,
        ),
        { type: "actions", elements: [button("consultation_results", "Results", id)] },
      ],
      priority: PRIORITY.reply,
      kind: "notice",
      ref: id,
    },
  ]);
}

async function close(unit: Unit, { staff, value }: ActionAsked): Promise<Answer> {
  const outcome = await closeConsultation(unit, staff, value);
  if (!outcome.done) return whisper(outcome.words);
  await showResults(unit, { value });
  return whisper(
    "It is closed. The results so far are in the operations channel. Now tell those who took part what came of it: `/saypro consultation`.",
  );
}

async function showResults(unit: Unit, { value }: Pick<ActionAsked, "value">): Promise<Answer | undefined> {
  return (await postResults(unit, value)) ? undefined : whisper("There is no such consultation.");
}

async function refresh(unit: Unit, { value }: ActionAsked): Promise<Answer | undefined> {
  const [id = "", postId = ""] = value.split(":");
  return (await refreshResults(unit, id, postId)) ? undefined : whisper("There is no such consultation.");
}
