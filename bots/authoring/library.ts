import type { Flow, FlowDefinition, FlowLibrary } from "#flows";

/** Drafts as if they were published as version 1. */
export function draftLibrary(flows: Iterable<FlowDefinition>): FlowLibrary {
  const published = new Map<string, Flow>([...flows].map((flow) => [flow.id, { ...flow, version: 1 }]));
  return { get: (id) => published.get(id) };
}
