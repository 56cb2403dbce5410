import { BrokenFlow } from "./broken.ts";
import { later } from "./duration.ts";
import {
  type AnswerValue,
  type Effect,
  type Flow,
  type FlowLibrary,
  MAX_CALL_DEPTH,
  MAX_EFFECTS_PER_TURN,
  type Outcome,
  type Session,
  type Step,
  type TurnContext,
  type Variable,
} from "./flow.ts";
import { questionInside } from "./opinions.ts";

/** Where a session stands, with what it means. */
export interface Place {
  readonly path: string;
  /** Of the flow that the step is in: `call-step/`, or empty. */
  readonly prefix: string;
  readonly flow: Flow;
  readonly name: string;
  readonly step: Step;
}

/** One turn in progress. Mutable, and gone when the turn is over. */
export interface Run {
  readonly library: FlowLibrary;
  readonly context: TurnContext;
  /** Fields set in this turn: the context shows them from the next one on. */
  readonly fields: Record<string, string | number | boolean>;
  readonly id: string;
  readonly flow: string;
  readonly version: number;
  language: string;
  at: string;
  calls: Record<string, { readonly flow: string; readonly version: number }>;
  tries: number;
  answers: Record<string, AnswerValue>;
  variables: Record<string, Variable>;
  trail: string[];
  wakeAt: string | undefined;
  outcome: Outcome | undefined;
  screened: boolean;
  readonly effects: Effect[];
  /** Stands before the next message. */
  lead: string;
}

export function resume(library: FlowLibrary, session: Session, context: TurnContext): Run {
  const { id, flow, version, language, at, tries, wakeAt } = session;
  return {
    library,
    context,
    fields: {},
    id,
    flow,
    version,
    language,
    at,
    calls: { ...session.calls },
    tries,
    answers: { ...session.answers },
    variables: { ...session.variables },
    trail: [...session.trail],
    wakeAt,
    outcome: undefined,
    screened: session.screened ?? false,
    effects: [],
    lead: "",
  };
}

/** The session as it is kept, plain JSON. */
export function rest(run: Run): Session {
  const { id, flow, version, language, at, calls, tries, answers, variables, trail, wakeAt, outcome } = run;
  return {
    id,
    flow,
    version,
    language,
    state: outcome ? "ended" : "waiting",
    at,
    calls,
    tries,
    answers,
    variables,
    trail,
    ...(wakeAt !== undefined && !outcome ? { wakeAt } : {}),
    ...(outcome ? { outcome } : {}),
    ...(run.screened ? { screened: true as const } : {}),
  };
}

/** The step that a path leads to, by the versions that the session began with. */
export function placeAt(run: Run, path: string): Place {
  const cut = path.lastIndexOf("/");
  const prefix = path.slice(0, cut + 1);
  const name = path.slice(cut + 1);
  if (cut >= 0 && !own(run.calls, path.slice(0, cut))) {
    const outer = placeAt(run, path.slice(0, cut));
    const step = questionInside(run, outer, name);
    if (step) return { ...outer, path, name, step };
  }
  const pinned = cut < 0 ? { flow: run.flow, version: run.version } : own(run.calls, path.slice(0, cut));
  if (!pinned) throw new BrokenFlow(`"${path}" is inside a flow that was never called`);
  const flow = run.library.get(pinned.flow, pinned.version);
  if (!flow) throw new BrokenFlow(`flow "${pinned.flow}" has no version ${pinned.version}`);
  const step = own(flow.steps, name);
  if (!step) throw new BrokenFlow(`flow "${flow.id}" version ${flow.version} has no step "${name}"`);
  return { path, prefix, flow, name, step };
}

/** The step of this name in the same flow. */
export function sibling(run: Run, place: Place, name: string): Place {
  return placeAt(run, `${place.prefix}${name}`);
}

/** The first step of a called flow. The version is settled the first time and stays. */
export function enter(run: Run, place: Place, id: string): Place {
  if (place.path.split("/").length > MAX_CALL_DEPTH)
    throw new BrokenFlow(`more than ${MAX_CALL_DEPTH} flows inside each other at "${place.path}"`);
  let pinned = own(run.calls, place.path);
  if (!pinned || pinned.flow !== id) {
    const newest = run.library.get(id);
    if (!newest) throw new BrokenFlow(`flow "${id}" is not published`);
    pinned = { flow: id, version: newest.version };
    run.calls[place.path] = pinned;
  }
  const flow = run.library.get(pinned.flow, pinned.version);
  if (!flow) throw new BrokenFlow(`flow "${id}" has no version ${pinned.version}`);
  return placeAt(run, `${place.path}/${flow.start}`);
}

export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

// ── Effects ─────────────────────────────────────────────────────────────────────────────────────────────

export function emit(run: Run, effect: Effect): void {
  if (run.effects.length >= MAX_EFFECTS_PER_TURN)
    throw new BrokenFlow(`more than ${MAX_EFFECTS_PER_TURN} effects in one turn at "${run.at}"`);
  run.effects.push(effect);
}

/** A message, with what stands before it. */
export function send(
  run: Run,
  text: string,
  extras: Omit<Extract<Effect, { kind: "send" }>, "kind" | "text"> = {},
): void {
  const whole = [run.lead, text].filter((part) => part.length > 0).join("\n");
  run.lead = "";
  if (whole.length === 0 && !extras.media) return;
  emit(run, { kind: "send", text: whole, ...extras });
}

/** The turn ends here: the session waits at this place. */
export function waitAt(run: Run, place: Place, duration: string | undefined): void {
  if (run.lead) send(run, "");
  run.at = place.path;
  run.wakeAt = undefined;
  if (duration === undefined) return;
  const at = later(run.context.now, duration);
  if (at === undefined) throw new BrokenFlow(`"${duration}" at "${place.path}" is no duration`);
  run.wakeAt = at;
  emit(run, { kind: "wake", at, step: place.path });
}

export function finish(run: Run, outcome: Outcome, reason?: string): void {
  if (run.lead) send(run, "");
  run.outcome = outcome;
  emit(run, { kind: "finish", outcome, ...(reason === undefined ? {} : { reason }) });
}

export const isSkipped = (value: AnswerValue): value is { readonly skipped: true } =>
  typeof value === "object" && "skipped" in value;
