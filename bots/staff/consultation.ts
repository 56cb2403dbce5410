import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { may, PRIORITY, viewConsultations } from "#storage";
import { moment } from "../broadcast/index.ts";
import { closeConsultation, consultationResults, openConsultation } from "../consultation/index.ts";
import type { Unit } from "../unit.ts";
import { postResults, refreshResults } from "./consultation-results.ts";
import { button, input, option, optionsOf } from "./inputs.ts";
import { type ActionAsked, type Answer, type CommandAsked, type Feature, whisper } from "./registry.ts";
import { context, section } from "./views.ts";

const OPEN_FORM = "consultation_open_form";

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
    consultation_open: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async (unit) => openForm(unit),
    },
    consultation_close: { permission: "consultations.run", run: close },
    consultation_results: { permission: "results.read", run: (unit, asked) => showResults(unit, asked) },
    consultation_refresh: { permission: "results.read", run: refresh },
  },
  views: {
    [OPEN_FORM]: {
      permission: "consultations.run",
      run: async (unit, { staff, form }) => {
        const closesAt = form.moment("closes_at");
        const outcome = await openConsultation(unit, staff, {
          flow: form.choice("flow") ?? "",
          ...(closesAt ? { closesAt } : {}),
        });
        if (!outcome.done) return { kind: "errors", errors: { flow: outcome.words } };
        await announce(unit, outcome.id, staff.name);
        return { kind: "close" };
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
  const open = (await viewConsultations(unit.tx)).filter(({ status }) => status === "open");
  return open.slice(0, 10).flatMap((c): KnownBlock[] => [
    section(
      `*${escapeMrkdwn(c.title)}*  keyword ${c.keywords.map((k) => `\`${k}\``).join(", ")}\n${c.started} started, ${c.completed} completed${c.closesAt ? `, closes ${moment(c.closesAt, unit.app.content.deployment)}` : ""}`,
    ),
    {
      type: "actions",
      elements: [
        button("consultation_results", "Results", c.id),
        {
          ...button("consultation_close", "Close", c.id, "danger"),
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
      ],
    },
  ]);
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
        id: "closes_at",
        label: "Closes",
        optional: true,
        element: { type: "datetimepicker", action_id: "closes_at" },
      }),
    ],
  };
  return { kind: "open", view };
}

async function announce(unit: Unit, id: string, by: string): Promise<void> {
  const results = await consultationResults(unit.tx, id, unit.app.content.deployment.defaultLanguage);
  const consultation = (await viewConsultations(unit.tx)).find((c) => c.id === id);
  if (!results || !consultation) return;
  await unit.send([
    {
      to: `slack:${unit.app.content.deployment.slack.operations}`,
      text: `${by} opened the consultation "${results.title}". People join with ${consultation.keywords.join(" or ")}.`,
      blocks: [
        section(
          `*${escapeMrkdwn(by)}* opened the consultation *${escapeMrkdwn(results.title)}*. People join by texting ${consultation.keywords.map((k) => `\`${k}\``).join(" or ")}.`,
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
  return whisper("It is closed. The results so far are in the operations channel.");
}

async function showResults(unit: Unit, { value }: Pick<ActionAsked, "value">): Promise<Answer | undefined> {
  return (await postResults(unit, value)) ? undefined : whisper("There is no such consultation.");
}

async function refresh(unit: Unit, { value }: ActionAsked): Promise<Answer | undefined> {
  const [id = "", postId = ""] = value.split(":");
  return (await refreshResults(unit, id, postId)) ? undefined : whisper("There is no such consultation.");
}
