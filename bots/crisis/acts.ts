import type { CrisisInput } from "#flows";
import { addToTimeline, findCrisis, lockCrisis, may, type StaffMember, wasPaged } from "#storage";
import type { TimerHandler } from "../timers.ts";
import type { Unit } from "../unit.ts";
import { type Outcome, refused } from "./outcome.ts";
import { gatherPeople } from "./people.ts";
import { showSummary } from "./summary.ts";
import { type Taken, takeTurn } from "./take-turn.ts";
import { referenceOf, titleOf } from "./words.ts";

const MAX_NOTE = 1_000;

/** `by` takes the crisis. From a button: who was called, and whoever leads crises. By SMS: who holds a code. */
export async function acknowledge(
  unit: Unit,
  by: StaffMember,
  crisisId: string,
  via: "slack" | "sms",
): Promise<Taken> {
  if (!(via === "sms" || (await mayAnswer(unit, by, crisisId))))
    return refused("not_paged", "You were not called for this crisis, and you do not lead crises.");
  const taken = await act(unit, by, crisisId, { kind: "acknowledged", by: by.id }, "crisis.acknowledged", {
    via,
  });
  return taken.ok
    ? { ...taken, words: `You have ${titleOf(taken.crisis)}. Everyone who was called is told.` }
    : taken;
}

/** `by` can't, or hands it back: the others are called at once. */
export async function decline(
  unit: Unit,
  by: StaffMember,
  crisisId: string,
  via: "slack" | "sms",
): Promise<Taken> {
  if (!(via === "sms" || (await mayAnswer(unit, by, crisisId))))
    return refused("not_paged", "You were not called for this crisis.");
  const taken = await act(unit, by, crisisId, { kind: "declined", by: by.id }, "crisis.declined", { via });
  return taken.ok ? { ...taken, words: `Noted: you can't take ${titleOf(taken.crisis)}.` } : taken;
}

async function mayAnswer({ tx }: Unit, by: StaffMember, crisisId: string): Promise<boolean> {
  return by.active && (may(by, "crises.lead") || (await wasPaged(tx, crisisId, by.id)));
}

export async function changeSeverity(
  unit: Unit,
  by: StaffMember,
  crisisId: string,
  level: number,
): Promise<Taken> {
  if (!may(by, "crises.lead")) return refused("not_allowed", "Only crisis leads change the severity.");
  const input: CrisisInput = { kind: "severity", level, by: by.id };
  return act(unit, by, crisisId, input, "crisis.severity_changed", { level });
}

/** Stops all calling; the all-clear statement goes to approval, and its release closes the crisis. */
export async function giveAllClear(unit: Unit, by: StaffMember, crisisId: string): Promise<Taken> {
  if (!may(by, "crises.lead")) return refused("not_allowed", "Only crisis leads give the all-clear.");
  return act(unit, by, crisisId, { kind: "all_clear", by: by.id }, "crisis.all_clear");
}

export async function closeCrisis(unit: Unit, by: StaffMember, crisisId: string): Promise<Taken> {
  if (!may(by, "crises.lead")) return refused("not_allowed", "Only crisis leads close a crisis.");
  return act(unit, by, crisisId, { kind: "closed", by: by.id }, "crisis.closed");
}

/** Declared in error: over at once, with a reason. Statements that are out need a retraction of their own. */
export async function cancelCrisis(
  unit: Unit,
  by: StaffMember,
  crisisId: string,
  reason: string,
): Promise<Taken> {
  if (!may(by, "crises.lead")) return refused("not_allowed", "Only crisis leads cancel a crisis.");
  const words = reason.trim().slice(0, MAX_NOTE);
  if (words === "") return refused("no_reason", "Say why: it stays on the timeline.");
  const input: CrisisInput = { kind: "cancelled", by: by.id };
  const taken = await act(unit, by, crisisId, input, "crisis.cancelled", { reason: words });
  if (taken.ok) await addNote(unit, by, crisisId, `Cancelled: ${words}`);
  return taken;
}

/** One sentence on the timeline, by staff. It also shows that the owner is awake. */
export async function addNote(unit: Unit, by: StaffMember, crisisId: string, text: string): Promise<Outcome> {
  if (!(may(by, "crises.lead") || may(by, "statements.draft") || (await mayAnswer(unit, by, crisisId))))
    return refused("not_allowed", "Your role does not write on a crisis's timeline.");
  const words = text.trim();
  if (words === "" || words.length > MAX_NOTE)
    return refused("no_reason", `Write a note of at most ${MAX_NOTE} characters.`);
  const crisis = await lockCrisis(unit.tx, crisisId);
  if (crisis === undefined) return refused("unknown_crisis", "There is no such crisis.");
  await addToTimeline(unit.tx, crisisId, [
    { at: unit.now, actor: `staff:${by.id}`, kind: "note", words: `${by.name}: ${words}` },
  ]);
  const taken = await takeTurn(unit, crisisId, { kind: "active", by: by.id });
  if (!(taken.ok && taken.changed))
    await showSummary(unit, crisis, await gatherPeople(unit, crisis.definition));
  return { ok: true, words: `Noted on ${referenceOf(crisis)}.` };
}

async function act(
  unit: Unit,
  by: StaffMember,
  crisisId: string,
  input: CrisisInput,
  action: string,
  data: object = {},
): Promise<Taken> {
  const taken = await takeTurn(unit, crisisId, input);
  if (taken.ok && taken.changed)
    await unit.audit({ actor: `staff:${by.id}`, action, subject: `crisis:${crisisId}`, data });
  return taken;
}

/** A crisis's timer: the next tier, the asking-again, the reminder. One of an older epoch does nothing. */
export const onCrisisTimer: TimerHandler = async (unit, timer) => {
  if ((await findCrisis(unit.tx, timer.ref)) === undefined) return;
  await takeTurn(unit, timer.ref, {
    kind: "tick",
    epoch: timer.epoch,
    dueAt: timer.dueAt.toISOString(),
  });
};
