import { waysOf } from "./checks/ways.ts";
import type { FlowDefinition } from "./flow.ts";

/**
 * The names of the steps that can be reached, each before those it leads to as far as loops allow: the order in which
 * people come to them. The order of keys means nothing, JSON in the database does not keep it.
 */
export function stepsInOrder(flow: FlowDefinition): readonly string[] {
  const seen = new Set<string>();
  const backwards: string[] = [];
  const visit = (name: string): void => {
    const step = flow.steps[name];
    if (!step || seen.has(name)) return;
    seen.add(name);
    // The first way is taken last, and so stands first.
    for (const { to } of waysOf(step).toReversed()) visit(to);
    backwards.push(name);
  };
  visit(flow.start);
  return backwards.toReversed();
}
