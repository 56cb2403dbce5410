import { escapeMrkdwn } from "#channels";
import {
  type CrisisEffect,
  type CrisisInput,
  type CrisisState,
  type CrisisTurn,
  crisisTurn,
  type Target,
} from "#flows";
import {
  addToTimeline,
  type Crisis,
  type CrisisStatus,
  lockCrisis,
  PRIORITY,
  saveCrisis,
  type TimelineEntry,
} from "#storage";
import type { NewMessage, Unit } from "../unit.ts";
import { section } from "./blocks.ts";
import { draftAllClearStatement } from "./draft.ts";
import { type Outcome, refused } from "./outcome.ts";
import { callPeople, closePages, settlePage } from "./pages.ts";
import { gatherPeople, nameOf, type People } from "./people.ts";
import { showSummary } from "./summary.ts";
import { actorOf, clockOf, REFUSALS, titleOf, wordsOf } from "./words.ts";

/** The one timer kind of crises; its epoch is the state's. */
export const CRISIS_TIMER = "crisis";

export type Taken = Outcome<{ readonly crisis: Crisis; readonly changed: boolean }>;

/** Gives a crisis one input and does everything that follows from it, in this transaction. */
export async function takeTurn(unit: Unit, crisisId: string, input: CrisisInput): Promise<Taken> {
  const before = await lockCrisis(unit.tx, crisisId);
  if (before === undefined) return refused("unknown_crisis", "There is no such crisis.");
  const people = await gatherPeople(unit, before.definition);
  const turn = crisisTurn(before.definition, before.state, input, {
    now: unit.now.toISOString(),
    roster: people.roster,
  });
  const no = refusalOf(turn, people, unit);
  if (no !== undefined) return no;
  if (turn.state === before.state)
    return { ok: true, words: "Nothing changed.", crisis: before, changed: false };
  const status = statusOf(turn);
  await saveCrisis(unit.tx, crisisId, { state: turn.state, status, now: unit.now });
  const crisis: Crisis = { ...before, state: turn.state, severity: turn.state.severity, status };
  await carryOut(unit, crisis, turn.effects, people);
  await showSummary(unit, crisis, people);
  return { ok: true, words: `${titleOf(crisis)}: done.`, crisis, changed: true };
}

function refusalOf({ effects }: CrisisTurn, people: People, { app }: Unit): Outcome<never> | undefined {
  for (const effect of effects) {
    if (effect.kind === "refuse") return refused(effect.because, REFUSALS[effect.because]);
    if (effect.kind === "already_acknowledged")
      return refused(
        "already_acknowledged",
        `${nameOf(people, effect.by)} has had it since ${clockOf(effect.at, app.content.deployment)}.`,
      );
  }
  return undefined;
}

function statusOf({ state, effects }: CrisisTurn): CrisisStatus {
  if (state.phase === "standing_down") return "all_clear";
  if (state.phase !== "ended") return "active";
  return effects.some((effect) => effect.kind === "log" && effect.event.kind === "cancelled")
    ? "cancelled"
    : "closed";
}

/** Does what a turn decided, in its order. */
export async function carryOut(
  unit: Unit,
  crisis: Crisis,
  effects: readonly CrisisEffect[],
  people: People,
): Promise<void> {
  const { deployment } = unit.app.content;
  const log = effects.flatMap((effect): TimelineEntry[] =>
    effect.kind === "log"
      ? [
          {
            at: unit.now,
            actor: actorOf(effect.event),
            kind: effect.event.kind,
            words: wordsOf(effect.event, people, deployment),
            data: effect.event,
          },
        ]
      : [],
  );
  await addToTimeline(unit.tx, crisis.id, log);
  for (const effect of effects) {
    switch (effect.kind) {
      case "page":
      case "alarm":
        await callPeople(unit, crisis, effect, people);
        break;
      case "close_pages":
        await closePages(unit, crisis, people, whyClosed(effect.because, crisis.state, people));
        break;
      case "settle_page":
        await settlePage(unit, crisis, people, effect.by, effect.as);
        break;
      case "wake":
        await unit.wake({
          kind: CRISIS_TIMER,
          ref: crisis.id,
          epoch: effect.epoch,
          dueAt: new Date(effect.at),
        });
        break;
      case "remind":
        await remind(unit, crisis, effect, people);
        break;
      case "draft_all_clear":
        await draftAllClearStatement(unit, crisis, effect.by);
        break;
    }
  }
}

function whyClosed(
  because: Extract<CrisisEffect, { kind: "close_pages" }>["because"],
  state: CrisisState,
  people: People,
): string {
  if (because === "acknowledged") return `${nameOf(people, state.owner)} has it. You need do nothing.`;
  if (because === "passed_on") return "This call is over; a new one goes out.";
  return "It is over. You need do nothing.";
}

async function remind(
  unit: Unit,
  crisis: Crisis,
  { what, first, dueAt, people: whom }: Extract<CrisisEffect, { kind: "remind" }>,
  people: People,
): Promise<void> {
  const { app } = unit;
  const { deployment } = app.content;
  const thing = first ? "first statement" : "next update";
  const at = clockOf(dueAt, deployment);
  const words = {
    update_soon: `the ${thing} is due at ${at}.`,
    update_late: `the ${thing} was due at ${at} and is LATE.`,
    all_clear_waits:
      "the all-clear was given, but its statement is not out. Have it approved, or close the crisis.",
  }[what];
  const text = `${titleOf(crisis)}: ${words}`;
  const message = (to: string): NewMessage => ({
    to,
    text,
    ...(to.startsWith("slack:") ? { blocks: [section(`:alarm_clock: ${escapeMrkdwn(text)}`)] } : {}),
    priority: PRIORITY.crisis,
    kind: "notice",
    ref: crisis.id,
    consentExempt: true,
  });
  const operations: Target = `slack:${deployment.slack.operations}`;
  await unit.send([
    ...(app.channels.has("slack") && crisis.summaryMessageId
      ? [{ ...message(operations), thread: crisis.summaryMessageId }]
      : []),
    ...whom.flatMap((id) => {
      const person = people.byId.get(id);
      if (person?.slackUserId && app.channels.has("slack")) return [message(`slack:${person.slackUserId}`)];
      return person?.phone && app.channels.has("sms") ? [message(`sms:${person.phone}`)] : [];
    }),
  ]);
}
