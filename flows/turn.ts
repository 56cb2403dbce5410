import { BrokenFlow } from "./broken.ts";
import { evaluate } from "./evaluate.ts";
import {
  type Act,
  type Assign,
  type FlowLibrary,
  type Input,
  MAX_SAID,
  MAX_STEPS_PER_TURN,
  MAX_VALUE,
  MAX_VARIABLES,
  type Quota,
  type Session,
  type Turn,
  type TurnContext,
  type Variable,
} from "./flow.ts";
import { specNow } from "./offered.ts";
import { nextInside } from "./opinions.ts";
import { hearReply, type Onward } from "./reply.ts";
import {
  emit,
  enter,
  finish,
  own,
  type Place,
  placeAt,
  type Run,
  rest,
  resume,
  send,
  sibling,
  waitAt,
} from "./run.ts";
import { ask, mediaOf, say } from "./say.ts";

/** Begins a session and takes its first turn: everything up to the first question. */
export function start(
  library: FlowLibrary,
  flow: string,
  version: number,
  sessionId: string,
  context: TurnContext,
): Turn {
  const session: Session = {
    id: sessionId,
    flow,
    version,
    language: context.language,
    state: "waiting",
    at: "",
    calls: {},
    tries: 0,
    answers: {},
    variables: {},
    trail: [],
  };
  return guarded(library, session, context, (run) => {
    const definition = library.get(flow, version);
    if (!definition) throw new BrokenFlow(`flow "${flow}" has no version ${version}`);
    run.language = offered(definition.languages, definition.fallbacks, context.language);
    run.at = definition.start;
    return placeAt(run, definition.start);
  });
}

/** Takes one input. No effects at all: the input was not for this session. */
export function turn(library: FlowLibrary, session: Session, input: Input, context: TurnContext): Turn {
  if (session.state === "ended") return { session, effects: [] };
  let heard = true;
  const result = guarded(library, session, context, (run) => {
    const place = placeAt(run, session.at);
    if (input.kind === "expired") {
      heard = input.step === session.at && !early(session.wakeAt, context.now);
      return heard ? expire(run, place) : undefined;
    }
    const reply = { ...input, text: input.text.slice(0, MAX_SAID).toWellFormed() };
    if (place.step.kind === "ask") return hearReply(run, place, place.step, reply);
    if (place.step.kind === "wait" && place.step.replied !== undefined)
      return sibling(run, place, place.step.replied);
    heard = false;
    return undefined;
  });
  return heard ? result : { session, effects: [] };
}

const early = (wakeAt: string | undefined, now: string): boolean =>
  wakeAt !== undefined && Date.parse(now) < Date.parse(wakeAt);

/** Runs a turn. A definition that cannot be followed ends the session, and says nothing to the person. */
function guarded(
  library: FlowLibrary,
  session: Session,
  context: TurnContext,
  first: (run: Run) => Onward,
): Turn {
  const run = resume(library, session, context);
  try {
    follow(run, first(run));
  } catch (error) {
    if (!(error instanceof BrokenFlow)) throw error;
    run.outcome = "failed";
    const kept = run.effects.filter(({ kind }) => kind !== "send" && kind !== "wake" && kind !== "finish");
    return {
      session: rest(run),
      effects: [...kept, { kind: "finish", outcome: "failed", reason: error.message }],
    };
  }
  return { session: rest(run), effects: run.effects };
}

/** From step to step until one waits or the flow ends. */
function follow(run: Run, from: Onward): void {
  let place = from;
  for (let steps = 0; place; steps++) {
    if (steps >= MAX_STEPS_PER_TURN)
      throw new BrokenFlow(
        `more than ${MAX_STEPS_PER_TURN} steps in one turn at "${place.path}": a loop without a wait`,
      );
    run.at = place.path;
    place = take(run, place);
  }
}

function take(run: Run, place: Place): Onward {
  const { step } = place;
  switch (step.kind) {
    case "say":
      send(run, say(run, place, step.text), mediaOf(run, step));
      return sibling(run, place, step.next);
    case "ask": {
      const spec = specNow(run, place, step);
      if ("choices" in spec && spec.choices.length === 0) return sibling(run, place, step.next);
      run.tries = 0;
      ask(run, place, step, say(run, place, step.text));
      return undefined;
    }
    case "branch": {
      const met = step.cases.find(({ when }) => evaluate(run, place, when) === true);
      return sibling(run, place, met ? met.next : step.otherwise);
    }
    case "set":
      assign(run, place, step);
      return sibling(run, place, step.next);
    case "call":
      return enter(run, place, step.flow);
    case "act":
      act(run, place, step);
      return sibling(run, place, step.next);
    case "wait":
      waitAt(run, place, step.duration);
      return undefined;
    case "quota":
      return makeRoom(run, place, step);
    case "opinions": {
      const inside = nextInside(run, place, step);
      return inside === undefined ? sibling(run, place, step.next) : placeAt(run, `${place.path}/${inside}`);
    }
    case "end":
      if (step.text) send(run, say(run, place, step.text), mediaOf(run, step));
      return leave(run, place);
  }
}

/** Out of the innermost flow: on with the step after the call, or the end of everything. */
function leave(run: Run, place: Place): Onward {
  if (place.prefix === "") {
    finish(run, run.screened ? "screened" : "completed");
    return undefined;
  }
  const call = placeAt(run, place.prefix.slice(0, -1));
  if (call.step.kind !== "call") throw new BrokenFlow(`"${call.path}" is no call`);
  return sibling(run, call, call.step.next);
}

/** On when there is room in every cell that the person belongs to, aside when one is full. */
function makeRoom(run: Run, place: Place, step: Quota): Place {
  const mine = step.cells.filter(({ when }) => when === undefined || evaluate(run, place, when) === true);
  run.screened = mine.some(({ name }) => run.context.full?.includes(`${place.path}:${name}`));
  const cells = run.screened ? [] : mine.map(({ name, limit }) => ({ name, limit }));
  emit(run, { kind: "claim", at: place.path, cells });
  return sibling(run, place, run.screened ? step.full : step.next);
}

function expire(run: Run, place: Place): Onward {
  const { step } = place;
  if (step.kind === "wait") return sibling(run, place, step.next);
  if (step.kind === "ask" && step.expired !== undefined) return sibling(run, place, step.expired);
  finish(run, "expired");
  return undefined;
}

function assign(run: Run, place: Place, step: Assign): void {
  for (const [name, source] of Object.entries(step.values)) {
    const value = variableFrom(evaluate(run, place, source));
    if (name.startsWith("contact.")) {
      const field = name.slice("contact.".length);
      if (value === undefined || typeof value === "object") continue;
      run.fields[field] = value;
      emit(run, { kind: "set", field, value });
    } else if (value === undefined) delete run.variables[name];
    else {
      if (own(run.variables, name) === undefined && Object.keys(run.variables).length >= MAX_VARIABLES)
        throw new BrokenFlow(`more than ${MAX_VARIABLES} variables in one session`);
      run.variables[name] = value;
    }
  }
}

/** What CEL gives, as plain JSON of bounded size; undefined where it is nothing of the kind. */
function variableFrom(value: unknown): Variable | undefined {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string") return value.slice(0, MAX_VALUE).toWellFormed();
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "boolean") return value;
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_VARIABLES).flatMap((each) => {
    const plain = variableFrom(each);
    return plain === undefined || typeof plain === "object" ? [] : [plain];
  });
}

function act(run: Run, place: Place, step: Act): void {
  for (const deed of step.acts) {
    switch (deed.do) {
      case "join":
      case "leave":
        emit(run, { kind: deed.do, group: deed.group });
        break;
      case "notify":
        emit(run, { kind: "notify", channel: deed.channel, text: say(run, place, deed.text) });
        break;
      case "hand_over":
        emit(run, { kind: "hand_over", reason: say(run, place, deed.reason) });
        break;
    }
  }
}

/** The person's language where the flow has it, else what stands in for it, else the flow's first. */
function offered(
  languages: readonly string[],
  fallbacks: Readonly<Record<string, readonly string[]>> | undefined,
  language: string,
): string {
  if (languages.includes(language)) return language;
  return fallbacks?.[language]?.find((each) => languages.includes(each)) ?? languages[0] ?? language;
}
