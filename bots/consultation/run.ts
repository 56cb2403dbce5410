import { type FlowDefinition, tooShort } from "#flows";
import {
  type Consultation,
  expireSessions,
  findConsultation,
  findFlowVersion,
  findOpenWithKeyword,
  insertConsultation,
  keepElectoralRoll,
  markConsultationEnded,
  markConsultationOpen,
  markConsultationReported,
  PRIORITY,
  publishFlow,
  type StaffMember,
} from "#storage";
import type { TimerHandler } from "../timers.ts";
import type { Unit } from "../unit.ts";

/** Done, or why not in words. */
export type Outcome =
  | { readonly done: true; readonly id: string }
  | { readonly done: false; readonly words: string; readonly about?: "closesAt" };

const refused = (words: string, about?: "closesAt"): Outcome => ({
  done: false,
  words,
  ...(about ? { about } : {}),
});

export const CONSULTATION_OPEN = "consultation_open";
export const CONSULTATION_CLOSE = "consultation_close";
export const CONSULTATION_FINISH = "consultation_finish";
/**
 * Who is under way when an anonymous consultation is closed may finish within a day: the last answers are shown only
 * once nobody is.
 */
const FINISH_WITHIN_MS = 24 * 3600_000;

export interface Opening {
  readonly flow: string;
  /** At once where absent. */
  readonly opensAt?: Date;
  readonly closesAt?: Date;
}

/** Opens a consultation on a flow as it is now, or plans it: whoever starts it keeps that version. */
export async function openConsultation(
  unit: Unit,
  staff: StaffMember,
  { flow: name, opensAt: planned, closesAt }: Opening,
): Promise<Outcome> {
  const { content } = unit.app;
  const flow = content.flows.get(name);
  if (!flow) return refused(`There is no flow "${name}" in the templates any more.`);
  if (flow.keywords.length === 0)
    return refused(`The flow "${name}" has no keywords, so nobody could join it. Add some to its file.`);
  const opensAt = planned && planned > unit.now ? planned : undefined;
  const soon = closesAt && whyTooSoon(unit, flow, opensAt, closesAt);
  if (soon) return refused(soon, "closesAt");
  const taken = await findOpenWithKeyword(unit.tx, flow.keywords);
  if (taken)
    return refused(
      `"${taken.title}" is ${taken.status} and has the keyword ${taken.keywords.find((k) => flow.keywords.includes(k))}. Close it first.`,
    );
  const id = unit.app.newId();
  const { defaultLanguage } = content.deployment;
  await insertConsultation(unit.tx, {
    id,
    flow: flow.id,
    flowVersion: await publishFlow(unit.tx, flow, content.flows),
    title: flow.title[defaultLanguage] ?? flow.id,
    keywords: flow.keywords,
    openedBy: staff.id,
    ...(opensAt ? { opensAt } : {}),
    ...(closesAt ? { closesAt } : {}),
  });
  if (flow.voters && !opensAt) await keepElectoralRoll(unit.tx, id, flow.voters.group);
  if (opensAt) await unit.wake({ kind: CONSULTATION_OPEN, ref: id, epoch: 0, dueAt: opensAt });
  if (closesAt) await unit.wake({ kind: CONSULTATION_CLOSE, ref: id, epoch: 0, dueAt: closesAt });
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: opensAt ? "consultation.scheduled" : "consultation.opened",
    subject: `consultation:${id}`,
    data: {
      flow: flow.id,
      opensAt: opensAt?.toISOString() ?? null,
      closesAt: closesAt?.toISOString() ?? null,
    },
  });
  return { done: true, id };
}

function whyTooSoon(
  unit: Unit,
  flow: FlowDefinition,
  opensAt: Date | undefined,
  closesAt: Date,
): string | undefined {
  if (closesAt <= unit.now) return "The closing time is in the past.";
  if (opensAt && closesAt <= opensAt) return "It would close before it opens.";
  return whyTooShort(unit, flow, opensAt ?? unit.now, closesAt);
}

function whyTooShort(
  { app: { content } }: Unit,
  flow: FlowDefinition,
  opensAt: Date,
  end: Date,
): string | undefined {
  const { byId, publicHolidays: holidays } = content.instruments;
  const instrument = flow.instrument === undefined ? undefined : byId.get(flow.instrument);
  return (
    instrument && tooShort(instrument, { opensAt, timezone: content.deployment.timezone, holidays }, end)
  );
}

/**
 * Ends the time for comment: keywords are answered that it is over, conversations under way may still be finished, but
 * for those of a poll. Not before the shortest time that its instrument gives people. What is left is to tell them what
 * came of it.
 */
export async function closeConsultation(
  unit: Unit,
  staff: StaffMember | undefined,
  id: string,
): Promise<Outcome> {
  const known = await findConsultation(unit.tx, id);
  if (!known) return refused("There is no such consultation.");
  const flow = await findFlowVersion(unit.tx, known.flow, known.flowVersion);
  // One that was not open yet may be taken back at any time.
  const short =
    staff && known.status === "open" && known.openedAt && flow
      ? whyTooShort(unit, flow, new Date(known.openedAt), unit.now)
      : undefined;
  if (short) return refused(`It cannot be closed yet. ${short}`);
  if (!(await markConsultationEnded(unit.tx, id, staff?.id ?? null)))
    return refused(`"${known.title}" is closed already.`);
  if (flow?.voters) await endConversations(unit, known);
  else if (flow?.privacy === "anonymous") {
    const dueAt = new Date(unit.now.getTime() + FINISH_WITHIN_MS);
    await unit.wake({ kind: CONSULTATION_FINISH, ref: id, epoch: 0, dueAt });
  }
  await unit.audit({
    actor: staff ? `staff:${staff.id}` : "system",
    action: "consultation.closed",
    subject: `consultation:${id}`,
  });
  return { done: true, id };
}

/** After its deadline nobody votes: whoever was about to is told so. */
async function endConversations(
  unit: Unit,
  { id, title }: Pick<Consultation, "id" | "title">,
): Promise<void> {
  const { say } = unit.app.content;
  await unit.send(
    (await expireSessions(unit.tx, id)).map(({ address, language, session, contact }) => ({
      to: address,
      contactId: contact,
      text: say("consultation_closed", language, { title }),
      priority: PRIORITY.reply,
      kind: "reply",
      ref: session,
    })),
  );
}

/** Nobody is told what came of it, for this reason; the consultation is at its end. */
export async function waiveReport(
  unit: Unit,
  staff: StaffMember,
  id: string,
  reason: string,
): Promise<Outcome> {
  if (!(await markConsultationReported(unit.tx, id, staff.id, reason)))
    return refused(whyNotReported(await findConsultation(unit.tx, id)));
  await unit.audit({
    actor: `staff:${staff.id}`,
    action: "consultation.report_waived",
    subject: `consultation:${id}`,
    data: { reason },
  });
  return { done: true, id };
}

const whyNotReported = (known: Consultation | undefined): string =>
  known === undefined
    ? "There is no such consultation."
    : known.status === "closed"
      ? `"${known.title}" has been concluded already.`
      : `"${known.title}" still takes answers. Close it first.`;

/** The broadcast that tells people what came of it has been sent. */
export async function reported(unit: Unit, id: string, broadcast: string): Promise<void> {
  if (!(await markConsultationReported(unit.tx, id, null))) return;
  await unit.audit({
    actor: "system",
    action: "consultation.reported",
    subject: `consultation:${id}`,
    data: { broadcast },
  });
}

/** The opening date that was given. */
export const openOnTime: TimerHandler = async (unit, { ref }) => {
  if (!(await markConsultationOpen(unit.tx, ref))) return;
  const opened = await findConsultation(unit.tx, ref);
  const flow = opened && (await findFlowVersion(unit.tx, opened.flow, opened.flowVersion));
  if (flow?.voters) await keepElectoralRoll(unit.tx, ref, flow.voters.group);
  await unit.audit({ actor: "system", action: "consultation.opened", subject: `consultation:${ref}` });
};

/** The closing date that was given when it was opened. */
export const closeOnTime: TimerHandler = async (unit, timer) => {
  await closeConsultation(unit, undefined, timer.ref);
};

/** The time to finish an anonymous consultation that was closed is over. */
export const finishOnTime: TimerHandler = async (unit, { ref }) => {
  const consultation = await findConsultation(unit.tx, ref);
  if (consultation) await endConversations(unit, consultation);
};
