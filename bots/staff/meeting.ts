import type { KnownBlock, ModalView } from "@slack/types";
import { escapeMrkdwn } from "#channels";
import { listNeeds, listQuestions, type MeetingView, may, PRIORITY, viewMeetings } from "#storage";
import { moment, people } from "../broadcast/index.ts";
import { openMeeting, planMeeting, questionLines, sendList } from "../meetings/index.ts";
import type { Unit } from "../unit.ts";
import { button, input, option } from "./inputs.ts";
import { changeParts, whenAndWhere } from "./meeting-change.ts";
import { endingParts } from "./meeting-ending.ts";
import { questionParts } from "./meeting-questions.ts";
import {
  type ActionAsked,
  type Answer,
  actorOf,
  type CommandAsked,
  type Feature,
  type ViewAsked,
  whisper,
} from "./registry.ts";
import { context, section } from "./views.ts";

/** Slack takes 50 blocks in a message and 100 on Home, which others share; each meeting has up to four. */
const SHOWN = 11;
const SHOWN_ON_HOME = 5;

const PLAN_FORM = "meeting_plan_form";
const ASKS_NEEDS = option("Ask everybody who comes what they need to take part", "ask");
/** What people need, as much as fits beside a meeting. */
const NEEDS_SHOWN = 10;

/** Town halls: plan one, see who comes and what is asked, close it. */
export const meetingFeature: Feature = {
  commands: [
    {
      word: "meeting",
      help: "plan a town hall, see who comes and what people ask",
      example: "/saypro meeting new",
      permission: "results.read",
      opens: true,
      run: command,
    },
  ],
  actions: {
    ...questionParts.actions,
    ...endingParts.actions,
    ...changeParts.actions,
    meeting_new: {
      permission: "consultations.run",
      opens: true,
      looksOnly: true,
      run: async () => planForm(),
    },
    meeting_open: { permission: "consultations.run", run: begin },
    meeting_send_list: {
      permission: "consultations.run",
      run: async (unit, { staff, value }) =>
        whisper(escapeMrkdwn((await sendList(unit, staff, value)).words)),
    },
  },
  views: {
    ...questionParts.views,
    ...endingParts.views,
    ...changeParts.views,
    [PLAN_FORM]: { permission: "consultations.run", run: plan },
  },
  home: async (unit, staff) => {
    const blocks = await meetingBlocks(unit, may(staff, "consultations.run"), SHOWN_ON_HOME);
    if (blocks.length === 0 && !may(staff, "consultations.run")) return [];
    return [
      section("*Town halls*"),
      ...(blocks.length > 0 ? blocks : [context("None is planned.")]),
      ...(may(staff, "consultations.run")
        ? [{ type: "actions" as const, elements: [button("meeting_new", "Plan a town hall …", "new")] }]
        : []),
    ];
  },
};

async function command(unit: Unit, { rest, staff }: CommandAsked): Promise<Answer> {
  const [word = ""] = rest.toLowerCase().split(/\s+/);
  if (word === "new")
    return may(staff, "consultations.run")
      ? planForm()
      : whisper("Your role may see meetings, but not plan one.");
  const blocks = await meetingBlocks(unit, may(staff, "consultations.run"), SHOWN);
  return whisper("Town halls to come", [
    ...(blocks.length > 0 ? blocks : [section("No town hall is planned.")]),
    context("`/saypro meeting new` plans another. Questions come to the inbox channel, with their buttons."),
  ]);
}

/** Each meeting with its list; with the buttons, for who runs them. */
async function meetingBlocks(unit: Unit, runs: boolean, shown: number): Promise<KnownBlock[]> {
  const blocks: KnownBlock[] = [];
  const meetings = await viewMeetings(unit.tx);
  for (const meeting of meetings.slice(0, shown)) {
    const listed = await listQuestions(unit.tx, meeting.id, "listed");
    blocks.push(
      section(meetingWords(unit, meeting)),
      ...(listed.length > 0 ? [section(questionLines(listed))] : []),
      ...(runs ? needsBlocks(await listNeeds(unit.tx, meeting.id)) : []),
      ...(runs ? [{ type: "actions" as const, elements: buttonsFor(meeting) }] : []),
    );
  }
  if (meetings.length > shown) blocks.push(context(`Planned for later: ${meetings.length - shown} more.`));
  return blocks;
}

/** In people's words, without their names: who it is stands in the inbox. */
function needsBlocks(needs: readonly string[]): KnownBlock[] {
  if (needs.length === 0) return [];
  const shown = needs.slice(-NEEDS_SHOWN).map((each) => `• ${escapeMrkdwn(each.replaceAll(/\s+/g, " "))}`);
  return [section(`Needed to take part (${needs.length}):\n${shown.join("\n")}`)];
}

function meetingWords(unit: Unit, m: MeetingView): string {
  const lines = [
    `*${escapeMrkdwn(m.title)}*  keyword \`${m.keyword}\`, ${moment(m.startsAt, unit.app.content.deployment)}, ${escapeMrkdwn(m.place)}`,
    `${m.coming} of ${m.capacity} seats taken${m.waiting > 0 ? `, ${people(m.waiting)} on the waiting list` : ""}${m.undecided > 0 ? `, questions undecided: ${m.undecided}` : ""}`,
    m.status === "open"
      ? `Under way: people who are there text \`HERE ${m.code}\`; ${m.here} did.`
      : `Code to show at the place: \`HERE ${m.code}\``,
  ];
  return lines.join("\n");
}

const buttonsFor = ({ id, status }: MeetingView) => [
  ...(status === "planned"
    ? [button("meeting_open", "It begins", id), button("meeting_change", "Change it …", id)]
    : []),
  button("meeting_send_list", "Send the list", id),
  button("meeting_close", "Close the meeting …", id, "primary"),
  button("meeting_cancel", "Cancel it …", id, "danger"),
];

async function begin(unit: Unit, { staff, value }: ActionAsked): Promise<Answer> {
  return (await openMeeting(unit, value, actorOf(staff)))
    ? whisper("It has begun: the code to show at the place is in the inbox channel.")
    : whisper("It has begun already, or is over.");
}

function planForm(): Answer {
  const view: ModalView = {
    type: "modal",
    callback_id: PLAN_FORM,
    title: { type: "plain_text", text: "Plan a town hall" },
    submit: { type: "plain_text", text: "Plan" },
    close: { type: "plain_text", text: "Leave" },
    blocks: [
      input({
        id: "title",
        label: "What it is called",
        hint: "Stands in every message: short enough for an SMS.",
        element: { type: "plain_text_input", action_id: "title", min_length: 3, max_length: 50 },
      }),
      input({
        id: "keyword",
        label: "Keyword",
        hint: "What people text to say whether they come: RIVER",
        element: { type: "plain_text_input", action_id: "keyword", max_length: 20 },
      }),
      ...whenAndWhere(),
      input({
        id: "needs",
        label: "Access",
        optional: true,
        element: {
          type: "checkboxes",
          action_id: "needs",
          options: [ASKS_NEEDS],
          initial_options: [ASKS_NEEDS],
        },
      }),
    ],
  };
  return { kind: "open", view };
}

async function plan(unit: Unit, { staff, form }: ViewAsked): Promise<Answer> {
  const planned = {
    title: form.text("title"),
    keyword: form.text("keyword"),
    startsAt: form.moment("starts_at"),
    place: form.text("place"),
    capacity: Number(form.text("capacity")),
    asksNeeds: form.choices("needs").length > 0,
  };
  const outcome = await planMeeting(unit, staff, planned);
  if (!outcome.done) return { kind: "errors", errors: { [outcome.about ?? "title"]: outcome.words } };
  const meeting = (await viewMeetings(unit.tx)).find(({ id }) => id === outcome.id);
  if (meeting)
    await unit.send([
      {
        to: `slack:${unit.app.content.deployment.slack.operations}`,
        text: `${escapeMrkdwn(staff.name)} planned the town hall "${escapeMrkdwn(meeting.title)}". People text ${meeting.keyword}.`,
        blocks: [
          section(
            `*${escapeMrkdwn(staff.name)}* planned a town hall. People text \`${meeting.keyword}\`, then YES, NO or how many they are.`,
          ),
          section(meetingWords(unit, meeting)),
        ],
        priority: PRIORITY.reply,
        kind: "notice",
        ref: meeting.id,
      },
    ]);
  return { kind: "close" };
}
