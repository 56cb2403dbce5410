import { distance } from "fastest-levenshtein";
import { type FlowDefinition, MAX_STEPS, type Step } from "../flow.ts";
import { type Check, error, type FlowFault } from "./fault.ts";

interface Way {
  readonly to: string;
  /** Keys into the step. */
  readonly at: readonly (string | number)[];
}

/** Where each step may lead: names that exist, nothing out of reach, an end for everyone, no loop without a wait. */
export const checkWays: Check = (flow) => {
  const names = Object.keys(flow.steps);
  const faults: FlowFault[] = [];
  if (names.length > MAX_STEPS)
    faults.push(error(["steps"], `${names.length} steps`, `at most ${MAX_STEPS}: split it, and use call`));
  if (!Object.hasOwn(flow.steps, flow.start))
    return [...faults, error(["start"], `there is no step "${flow.start}"`, suggest(flow.start, names))];
  for (const [name, step] of Object.entries(flow.steps))
    for (const { to, at } of waysOf(step)) {
      if (to === "")
        faults.push(
          error(["steps", name, ...at], `step "${name}" leads nowhere`, "add next, or an end step after it"),
        );
      else if (!Object.hasOwn(flow.steps, to))
        faults.push(error(["steps", name, ...at], `there is no step "${to}"`, suggest(to, names)));
    }
  if (faults.length > 0) return faults;

  const reached = reach([flow.start], (name) => targets(flow, name));
  for (const name of names.filter((each) => !reached.has(each)))
    faults.push(error(["steps", name], `nothing leads to step "${name}"`, "lead a next to it, or remove it"));
  const back = reversed(flow);
  const ends = names.filter((name) => flow.steps[name]?.kind === "end");
  const ending = reach(ends, (name) => back.get(name) ?? []);
  for (const name of names.filter((each) => reached.has(each) && !ending.has(each)))
    faults.push(
      error(["steps", name], `no way leads from step "${name}" to an end`, "add an end step on its way"),
    );
  const loop = loopWithoutWait(flow, names);
  if (loop)
    faults.push(
      error(
        ["steps", loop[0] ?? ""],
        `a loop without a wait: ${loop.join(", ")}`,
        "put an ask or a wait into it",
      ),
    );
  return faults;
};

/** Every step that this one may lead to. */
export function waysOf(step: Step): readonly Way[] {
  switch (step.kind) {
    case "branch":
      return [
        ...step.cases.map((each, index) => ({ to: each.next, at: ["cases", index, "next"] })),
        { to: step.otherwise, at: ["otherwise"] },
      ];
    case "ask":
      return [
        { to: step.next, at: ["next"] },
        ...(step.giveUp === undefined ? [] : [{ to: step.giveUp, at: ["giveUp"] }]),
        ...(step.expired === undefined ? [] : [{ to: step.expired, at: ["expired"] }]),
      ];
    case "wait":
      return [
        { to: step.next, at: ["next"] },
        ...(step.replied === undefined ? [] : [{ to: step.replied, at: ["replied"] }]),
      ];
    case "quota":
      return [
        { to: step.next, at: ["next"] },
        { to: step.full, at: ["full"] },
      ];
    case "end":
      return [];
    default:
      return [{ to: step.next, at: ["next"] }];
  }
}

export function suggest(name: string, known: readonly string[]): string {
  const [near] = known
    .map((each) => ({ each, off: distance(name, each) }))
    .filter(({ off }) => off <= 2)
    .toSorted((a, b) => a.off - b.off);
  if (near) return `did you mean "${near.each}"?`;
  return known.length === 0 ? "there is none yet" : `use one of: ${known.slice(0, 10).join(", ")}`;
}

const targets = (flow: FlowDefinition, name: string): readonly string[] => {
  const step = flow.steps[name];
  return step ? waysOf(step).map(({ to }) => to) : [];
};

function reach(from: readonly string[], next: (name: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>(from);
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const to of next(name))
      if (!reached.has(to)) {
        reached.add(to);
        open.push(to);
      }
  return reached;
}

function reversed(flow: FlowDefinition): ReadonlyMap<string, readonly string[]> {
  const back = new Map<string, string[]>();
  for (const name of Object.keys(flow.steps))
    for (const to of targets(flow, name)) back.set(to, [...(back.get(to) ?? []), name]);
  return back;
}

/** Steps that lead on at once and in a circle. A called flow is taken to wait: it is checked by itself. */
function loopWithoutWait(flow: FlowDefinition, names: readonly string[]): readonly string[] | undefined {
  const waits = (name: string): boolean =>
    ["ask", "wait", "call", "opinions"].includes(flow.steps[name]?.kind ?? "end");
  const done = new Set<string>();
  for (const from of names) {
    if (done.has(from) || waits(from)) continue;
    const trail: string[] = [from];
    const open = [[...targets(flow, from)]];
    while (trail.length > 0) {
      const to = open.at(-1)?.pop();
      if (to === undefined) {
        done.add(trail.pop() ?? "");
        open.pop();
      } else if (trail.includes(to)) return trail.slice(trail.indexOf(to));
      else if (!done.has(to) && !waits(to)) {
        trail.push(to);
        open.push([...targets(flow, to)]);
      }
    }
  }
  return undefined;
}
