import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { BROADCAST_LIMITS, type BroadcastDraft, type BroadcastTemplate, STATE_WORDS } from "#flows";
import { type Broadcast, findBroadcast, listCurrentBroadcasts, may, type StaffMember } from "#storage";
import {
  approveBroadcast,
  buttonValue,
  type Control,
  controlBroadcast,
  decidableBy,
  draftOfBroadcast,
  filledDraft,
  magnitude,
  type Outcome,
  people,
  rand,
  returnBroadcast,
  riskWords,
  type Standing,
  submitBroadcast,
  summaryOf,
  testSend,
  textBlocks,
  whyNotCounted,
} from "../broadcast/index.ts";
import type { Unit } from "../unit.ts";
import {
  BROADCAST_FORM,
  broadcastChannels,
  broadcastForm,
  draftOf,
  errorsOf,
  LIVE,
  metaOf,
  TEMPLATE,
} from "./broadcast-form.ts";
import { button, input, option } from "./inputs.ts";
import { type Action, type ActionAsked, type Answer, type Feature, whisper } from "./registry.ts";
import { context, note, section } from "./views.ts";

const CONFIRM = "broadcast_confirm";
const REASON = "broadcast_reason";

/** Broadcasts: the form, the decision of a second person, pause, resume and cancel. */
export const broadcastFeature: Feature = {
  commands: [
    {
      word: "broadcast",
      help: "write to many people; a second person approves it",
      example: "/saypro broadcast",
      permission: "broadcasts.draft",
      opens: true,
      run: (unit) => openForm(unit, emptyDraft(unit)),
    },
  ],
  actions: {
    broadcast_new: {
      permission: "broadcasts.draft",
      opens: true,
      looksOnly: true,
      run: (unit) => openForm(unit, emptyDraft(unit)),
    },
    broadcast_edit: { permission: "broadcasts.draft", opens: true, looksOnly: true, run: edit },
    [LIVE]: { permission: "broadcasts.draft", looksOnly: true, run: (unit, asked) => live(unit, asked) },
    [TEMPLATE]: {
      permission: "broadcasts.draft",
      looksOnly: true,
      run: (unit, asked) => live(unit, asked, asked.value),
    },
    broadcast_approve: { permission: "broadcasts.control", opens: true, looksOnly: true, run: askToApprove },
    broadcast_return: { permission: "broadcasts.control", opens: true, looksOnly: true, run: askForReason },
    broadcast_test: { permission: "broadcasts.control", run: test },
    broadcast_pause: control("pause"),
    broadcast_resume: control("resume"),
    broadcast_cancel: control("cancel"),
  },
  views: {
    [BROADCAST_FORM]: {
      permission: "broadcasts.draft",
      run: async (unit, { staff, form, metadata }) => {
        const meta = metaOf(metadata);
        const outcome = await submitBroadcast(unit, staff, draftOf(form, meta, unit), meta.id);
        if (!outcome.ok && outcome.findings)
          return { kind: "errors", errors: errorsOf(outcome.findings, meta) };
        return whisper(outcome.words);
      },
    },
    [CONFIRM]: {
      permission: "broadcasts.control",
      run: async (unit, { staff, form, metadata }) => {
        if (form.choices("understood").length === 0)
          return { kind: "errors", errors: { understood: "Tick this first." } };
        const { id, hash } = seen(metadata);
        return told(await approveBroadcast(unit, staff, id, hash));
      },
    },
    [REASON]: {
      permission: "broadcasts.control",
      run: async (unit, { staff, form, metadata }) => {
        const { id, hash } = seen(metadata);
        return told(await returnBroadcast(unit, staff, id, hash, form.text("reason")));
      },
    },
  },
  home,
};

const told = ({ words }: Outcome): Answer => whisper(words);

/** What a button's value says: the broadcast, and the content that its reader saw. */
function seen(value: string): { readonly id: string; readonly hash: string } {
  const [id = "", hash = ""] = value.split(":", 2);
  return { id, hash };
}

const emptyDraft = (unit: Unit): BroadcastDraft => ({
  title: "",
  texts: {},
  audience: { everyone: true },
  channels: broadcastChannels(unit),
});

/** The form for telling those who took part in a consultation what came of it. */
export const openReportForm = (
  unit: Unit,
  { id, title }: { readonly id: string; readonly title: string },
): Promise<Answer> =>
  openForm(unit, {
    ...emptyDraft(unit),
    title: `You said, we did: ${title}`.slice(0, BROADCAST_LIMITS.title),
    audience: { participants: id },
  });

async function openForm(unit: Unit, draft: BroadcastDraft, id?: string): Promise<Answer> {
  const { participants } = draft.audience;
  const meta = { ...(id ? { id } : {}), ...(participants ? { reportsOn: participants } : {}) };
  return { kind: "open", view: await broadcastForm(unit, draft, meta) };
}

async function edit(unit: Unit, { staff, value }: ActionAsked): Promise<Answer> {
  const broadcast = await findBroadcast(unit.tx, value);
  if (broadcast?.createdBy !== staff.id) return whisper("Only its author may change it.");
  return openForm(unit, draftOfBroadcast(broadcast), broadcast.id);
}

/** Counts anew whenever something changes; `template` puts its texts in place of those that stand there. */
async function live(unit: Unit, { view }: ActionAsked, template?: string): Promise<Answer | undefined> {
  if (!view) return undefined;
  const meta = metaOf(view.metadata);
  const draft = draftOf(view.form, meta, unit);
  const chosen = template === undefined ? undefined : unit.app.content.broadcasts.get(template);
  if (template === undefined || !chosen)
    return { kind: "update", view: await broadcastForm(unit, draft, meta) };
  return {
    kind: "update",
    view: await broadcastForm(unit, begunFrom(draft, chosen), { ...meta, template }),
  };
}

/** Sends what stands in the form, or in the post that awaits approval, to whoever asks for it. */
async function test(unit: Unit, { staff, value, view }: ActionAsked): Promise<Answer> {
  const written = view && filledDraft(draftOf(view.form, metaOf(view.metadata), unit), unit.app.content);
  const open = written?.findings[0];
  if (open) return { kind: "open", view: note("Test", [section(escapeMrkdwn(open.words))]) };
  const texts = written ? written.draft.texts : (await findBroadcast(unit.tx, value))?.texts;
  if (!texts) return whisper("This broadcast is not there any more.");
  const words = await testSend(unit, staff, texts);
  return view ? { kind: "open", view: note("Test", [section(words)]) } : whisper(words);
}

function begunFrom(
  { texts: _texts, template: _template, ...draft }: BroadcastDraft,
  { id, kind, texts }: BroadcastTemplate,
): BroadcastDraft {
  return { ...draft, ...(kind ? { messageClass: kind } : {}), texts, template: { id, values: {} } };
}

function control(what: Control): Action {
  return {
    permission: "broadcasts.control",
    run: async (unit, { staff, value }) => {
      const outcome = await controlBroadcast(unit, staff, value, what);
      // Otherwise the message itself shows it.
      return outcome.ok ? undefined : whisper(outcome.words);
    },
  };
}

// ── The second person ───────────────────────────────────────────────────────────────────────────────────

/** The broadcast that a button is about, when this person may decide on what they saw; else why not. */
async function decidable(
  unit: Unit,
  { staff, value }: ActionAsked,
): Promise<{ readonly broadcast: Broadcast; readonly standing: Standing } | { readonly refusal: Answer }> {
  const { id, hash } = seen(value);
  const broadcast = await findBroadcast(unit.tx, id);
  if (!broadcast) return { refusal: whisper("This broadcast is not there any more.") };
  const found = await decidableBy(unit, staff, broadcast, hash);
  return found.ok ? { broadcast, standing: found.standing } : { refusal: whisper(found.words) };
}

async function askToApprove(unit: Unit, asked: ActionAsked): Promise<Answer> {
  const found = await decidable(unit, asked);
  if ("refusal" in found) return found.refusal;
  const { broadcast, standing } = found;
  const idle = whyNotCounted(standing, asked.staff);
  if (idle) return whisper(idle);
  const { reach, risk } = standing;
  const understood = {
    ...option(`I understand that this writes to ${magnitude(reach.count.recipients)}`, "yes"),
    description: {
      type: "plain_text" as const,
      text: `and costs ${reach.upTo ? "at most" : "about"} ${rand(reach.cost)}`,
    },
  };
  const view: ModalView = {
    type: "modal",
    callback_id: CONFIRM,
    private_metadata: buttonValue(broadcast),
    title: { type: "plain_text", text: "Approve a broadcast" },
    submit: { type: "plain_text", text: "Approve" },
    close: { type: "plain_text", text: "Not yet" },
    blocks: [
      section(`*${escapeMrkdwn(broadcast.title)}*\n${summaryOf(unit, broadcast, reach)}\n${riskWords(risk)}`),
      ...textBlocks(unit, broadcast, reach),
      input({
        id: "understood",
        label: "Before it goes out",
        element: { type: "checkboxes", action_id: "understood", options: [understood] },
      }),
    ],
  };
  return { kind: "open", view };
}

async function askForReason(unit: Unit, asked: ActionAsked): Promise<Answer> {
  const found = await decidable(unit, asked);
  if ("refusal" in found) return found.refusal;
  const view: ModalView = {
    type: "modal",
    callback_id: REASON,
    private_metadata: buttonValue(found.broadcast),
    title: { type: "plain_text", text: "Return a broadcast" },
    submit: { type: "plain_text", text: "Return" },
    close: { type: "plain_text", text: "Not yet" },
    blocks: [
      section(`*${escapeMrkdwn(found.broadcast.title)}* goes back to its author with your reason.`),
      input({
        id: "reason",
        label: "What has to change",
        element: { type: "plain_text_input", action_id: "reason", multiline: true, max_length: 1000 },
      }),
    ],
  };
  return { kind: "open", view };
}

// ── App Home ────────────────────────────────────────────────────────────────────────────────────────────

async function home(unit: Unit, staff: StaffMember): Promise<readonly KnownBlock[]> {
  const current = (await listCurrentBroadcasts(unit.tx, staff.id)).slice(0, 10);
  return [
    section("*Broadcasts*"),
    ...(current.length === 0 ? [context("None is waiting or running.")] : []),
    ...current.flatMap((broadcast) => row(broadcast, staff)),
    ...(may(staff, "broadcasts.draft")
      ? [
          {
            type: "actions" as const,
            elements: [button("broadcast_new", "New broadcast …", "new", "primary")],
          },
        ]
      : []),
  ];
}

function row(broadcast: Broadcast, staff: StaffMember): KnownBlock[] {
  const { id, status } = broadcast;
  const own = broadcast.createdBy === staff.id;
  const running = status === "drawing_up" || status === "sending";
  const leads = may(staff, "crises.lead");
  const buttons = [
    ...(status === "awaiting_approval" && leads
      ? [button("broadcast_glass", "It cannot wait …", buttonValue(broadcast), "danger")]
      : []),
    ...(status === "awaiting_approval" && !own && (may(staff, "broadcasts.approve") || leads)
      ? [
          button("broadcast_approve", "Approve …", buttonValue(broadcast), "primary"),
          button("broadcast_return", "Return …", buttonValue(broadcast)),
        ]
      : []),
    ...(own && ["draft", "awaiting_approval", "scheduled"].includes(status) && may(staff, "broadcasts.draft")
      ? [button("broadcast_edit", "Change …", id)]
      : []),
    ...(may(staff, "broadcasts.control")
      ? [
          ...(running ? [button("broadcast_pause", "Pause", id)] : []),
          ...(status === "paused" ? [button("broadcast_resume", "Resume", id, "primary")] : []),
          ...(["sent", "cancelled", "expired"].includes(status)
            ? []
            : [
                {
                  ...button("broadcast_cancel", "Cancel", id, "danger"),
                  confirm: {
                    title: { type: "plain_text" as const, text: "Cancel this broadcast?" },
                    text: { type: "plain_text" as const, text: "What has not gone out is not sent." },
                    confirm: { type: "plain_text" as const, text: "Cancel the broadcast" },
                    deny: { type: "plain_text" as const, text: "Leave it" },
                  },
                },
              ]),
        ]
      : []),
  ];
  return [
    section(
      `*${escapeMrkdwn(broadcast.title)}*  ${people(broadcast.expectedRecipients)}\n${STATE_WORDS[status]}`,
    ),
    ...(buttons.length > 0 ? [{ type: "actions" as const, elements: buttons }] : []),
  ];
}
