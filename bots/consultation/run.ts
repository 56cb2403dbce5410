import {
  findConsultation,
  findOpenWithKeyword,
  insertOpenConsultation,
  markConsultationClosed,
  publishFlow,
  type StaffMember,
} from "#storage";
import type { TimerHandler } from "../timers.ts";
import type { Unit } from "../unit.ts";

/** Done, or why not in words. */
export type Outcome =
  | { readonly done: true; readonly id: string }
  | { readonly done: false; readonly words: string };

export const CONSULTATION_CLOSE = "consultation_close";

/** Opens a consultation on a flow as it is now: whoever starts it keeps that version. */
export async function openConsultation(
  unit: Unit,
  staff: StaffMember,
  { flow: name, closesAt }: { readonly flow: string; readonly closesAt?: Date },
): Promise<Outcome> {
  const { content } = unit.app;
  const flow = content.flows.get(name);
  if (!flow) return { done: false, words: `There is no flow "${name}" in the templates any more.` };
  if (flow.keywords.length === 0)
    return {
      done: false,
      words: `The flow "${name}" has no keywords, so nobody could join it. Add some to its file.`,
    };
  if (closesAt && closesAt <= unit.now) return { done: false, words: "The closing time is in the past." };
  const taken = await findOpenWithKeyword(unit.tx, flow.keywords);
  if (taken)
    return {
      done: false,
      words: `"${taken.title}" is open and has the keyword ${taken.keywords.find((k) => flow.keywords.includes(k))}. Close it first.`,
    };
  const id = unit.app.newId();
  const { defaultLanguage } = content.deployment;
  await insertOpenConsultation(unit.tx, {
    id,
    flow: flow.id,
    flowVersion: await publishFlow(unit.tx, flow, content.flows),
    title: flow.title[defaultLanguage] ?? flow.id,
    keywords: flow.keywords,
    openedBy: staff.id,
    ...(closesAt ? { closesAt } : {}),
  });
  if (closesAt) await unit.wake({ kind: CONSULTATION_CLOSE, ref: id, epoch: 0, dueAt: closesAt });
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "consultation.opened",
    subject: `consultation:${id}`,
    data: { flow: flow.id, closesAt: closesAt?.toISOString() ?? null },
  });
  return { done: true, id };
}

/** Closes it: keywords are answered that it is over, conversations under way may still be finished. */
export async function closeConsultation(
  unit: Unit,
  staff: StaffMember | undefined,
  id: string,
): Promise<Outcome> {
  if (!(await markConsultationClosed(unit.tx, id, staff?.id ?? null))) {
    const known = await findConsultation(unit.tx, id);
    return {
      done: false,
      words: known ? `"${known.title}" is closed already.` : "There is no such consultation.",
    };
  }
  await unit.audit({
    actor: staff ? `staff:${staff.id}` : "system",
    action: "consultation.closed",
    subject: `consultation:${id}`,
  });
  return { done: true, id };
}

/** The closing date that was given when it was opened. */
export const closeOnTime: TimerHandler = async (unit, timer) => {
  await closeConsultation(unit, undefined, timer.ref);
};
