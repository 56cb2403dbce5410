import { randomInt } from "node:crypto";
import { escapeMrkdwn } from "#channels";
import { type CrisisEffect, markExercise, severityOf, type Target } from "#flows";
import {
  type Crisis,
  cancelQueuedPages,
  listOpenCalls,
  listOpenPages,
  openPage,
  type Page,
  PRIORITY,
  type StaffMember,
  settlePages,
} from "#storage";
import type { NewMessage, Unit } from "../unit.ts";
import { actions, button, section } from "./blocks.ts";
import type { People } from "./people.ts";
import { referenceOf, titleOf } from "./words.ts";

type Call = Extract<CrisisEffect, { kind: "page" | "alarm" }>;

/** Digits of a code, and how often each length is tried before a longer one. */
const CODE_DIGITS = [4, 5, 6];
const TRIES = 20;
/** An alarm belongs to no tier of the ladder. */
const ALARM_TIER = -1;

const URGENCY = {
  declared: "",
  escalated: "",
  exhausted: "NOBODY HAS ANSWERED YET.",
  ask_again: "You took this and have been silent: answer again, or it passes to the others.",
} as const;

/**
 * Calls everyone of a tier, or everyone there is, in this transaction: on Slack and by SMS, each with a code of their
 * own. What becomes of one person's messages delays nobody else's.
 */
export async function callPeople(unit: Unit, crisis: Crisis, call: Call, people: People): Promise<void> {
  const urgency = call.kind === "alarm" ? URGENCY.exhausted : URGENCY[call.why];
  const messages: NewMessage[] = [];
  for (const id of call.people) {
    const person = people.byId.get(id);
    if (person === undefined) continue;
    const tier = call.kind === "alarm" ? ALARM_TIER : call.tier;
    const page = await open(unit, crisis, person, call.round, tier);
    messages.push(...pageMessages(unit, crisis, person, page, urgency));
  }
  messages.push(...call.channels.map((channel) => channelMessage(crisis, channel, urgency)));
  await unit.send(messages);
}

async function open(
  unit: Unit,
  crisis: Crisis,
  person: StaffMember,
  round: number,
  tier: number,
): Promise<Page> {
  for (const digits of CODE_DIGITS) {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const code = String(randomInt(10 ** (digits - 1), 10 ** digits));
      const page = { id: unit.app.newId(), crisisId: crisis.id, staffId: person.id, code, round, tier };
      const opened = await openPage(unit.tx, page, unit.now);
      if (opened !== undefined) return opened;
    }
  }
  throw new Error("no free code for a page: there are more open pages than codes");
}

/** The page's id is also the id of its Slack message: that is how its buttons are taken away later. */
function pageMessages(
  { app }: Unit,
  crisis: Crisis,
  person: StaffMember,
  page: Page,
  urgency: string,
): NewMessage[] {
  const said = app.content.say("page", person.language, {
    crisis: referenceOf(crisis),
    title: crisis.title,
    severity: crisis.severity,
    code: page.code,
  });
  const words = [urgency, said].filter(Boolean).join(" ");
  const text = crisis.mode === "drill" ? markExercise(words) : words;
  const urgent = {
    priority: PRIORITY.crisis,
    kind: "page",
    ref: crisis.id,
    onDoubt: "resend",
    consentExempt: true,
  } as const;
  return [
    ...(person.slackUserId !== null && app.channels.has("slack")
      ? [
          {
            ...urgent,
            id: page.id,
            to: `slack:${person.slackUserId}`,
            text,
            blocks: [
              section(
                `${crisis.mode === "drill" ? ":large_blue_circle:" : ":red_circle:"} ${escapeMrkdwn(text)}`,
              ),
              section(escapeMrkdwn(severityOf(crisis.definition, crisis.severity).criteria)),
              answerButtons(crisis.id),
            ],
          },
        ]
      : []),
    ...(person.phone !== null && app.channels.has("sms")
      ? [{ ...urgent, to: `sms:${person.phone}`, text }]
      : []),
  ];
}

const answerButtons = (crisisId: string) =>
  actions(
    button("Acknowledge", "crisis.acknowledge", crisisId, { style: "primary" }),
    button("I can't", "crisis.decline", crisisId),
  );

function channelMessage(crisis: Crisis, channel: Target, urgency: string): NewMessage {
  const text = [`:rotating_light: ${titleOf(crisis)} needs somebody, severity ${crisis.severity}.`, urgency]
    .filter(Boolean)
    .join(" ");
  return {
    to: channel,
    text,
    priority: PRIORITY.crisis,
    kind: "page",
    ref: crisis.id,
    blocks: [section(escapeMrkdwn(text)), answerButtons(crisis.id)],
  };
}

/** Nobody is asked any more: queued pages are cancelled, buttons go, and who has only a phone is told by SMS. */
export async function closePages(unit: Unit, crisis: Crisis, people: People, because: string): Promise<void> {
  const open = await listOpenPages(unit.tx, crisis.id);
  await settlePages(unit.tx, crisis.id, "closed", unit.now);
  const unsent = new Set(await cancelQueuedPages(unit.tx, crisis.id));
  const messages: NewMessage[] = [];
  const told = new Set<string>();
  for (const page of open) {
    const person = people.byId.get(page.staffId);
    if (person === undefined) continue;
    const text = `${titleOf(crisis)}: ${because}`;
    if (person.slackUserId !== null && unit.app.channels.has("slack") && !unsent.has(page.id))
      messages.push(settledPage(`slack:${person.slackUserId}`, page.id, crisis, text));
    if (
      person.slackUserId === null &&
      person.phone !== null &&
      !told.has(person.id) &&
      unit.app.channels.has("sms")
    )
      messages.push({
        to: `sms:${person.phone}`,
        text,
        priority: PRIORITY.reply,
        kind: "notice",
        ref: crisis.id,
        consentExempt: true,
      });
    told.add(person.id);
  }
  for (const { id, address } of await listOpenCalls(unit.tx, crisis.id))
    messages.push(settledPage(address, id, crisis, `${titleOf(crisis)}: ${because}`));
  await unit.send(messages);
}

/** One person answered: the buttons of their pages go. */
export async function settlePage(
  unit: Unit,
  crisis: Crisis,
  people: People,
  staffId: string,
  as: "acknowledged" | "declined",
): Promise<void> {
  const open = (await listOpenPages(unit.tx, crisis.id)).filter((page) => page.staffId === staffId);
  await settlePages(unit.tx, crisis.id, as, unit.now, staffId);
  const slackUserId = people.byId.get(staffId)?.slackUserId;
  if (!slackUserId || !unit.app.channels.has("slack")) return;
  const words = as === "acknowledged" ? ":white_check_mark: You have it." : "You said that you can't.";
  await unit.send(
    open.map((page) => settledPage(`slack:${slackUserId}`, page.id, crisis, `${titleOf(crisis)}: ${words}`)),
  );
}

function settledPage(to: string, pageId: string, crisis: Crisis, text: string): NewMessage {
  return {
    to,
    replaces: pageId,
    text,
    blocks: [section(escapeMrkdwn(text))],
    priority: PRIORITY.crisis,
    kind: "notice",
    ref: crisis.id,
    consentExempt: true,
  };
}
