import { expect, test } from "vitest";
import type { FlowDefinition, Step } from "./flow.ts";
import { stepsInOrder } from "./order.ts";

const flow = (steps: Record<string, Partial<Step>>): FlowDefinition =>
  ({ id: "f", start: "hello", steps }) as unknown as FlowDefinition;

test("steps come in the order of the conversation, whatever the order of keys", () => {
  const steps = {
    end: { kind: "end" },
    ward: { kind: "ask", next: "which" },
    why: { kind: "ask", next: "end", expired: "late" },
    late: { kind: "say", next: "end" },
    hello: { kind: "say", next: "ward" },
    which: { kind: "branch", cases: [{ when: "a", next: "north" }], otherwise: "south" },
    north: { kind: "ask", next: "why" },
    south: { kind: "ask", next: "why" },
  } as const;
  expect(stepsInOrder(flow(steps as never))).toEqual([
    "hello",
    "ward",
    "which",
    "north",
    "south",
    "why",
    "late",
    "end",
  ]);
});

test("a loop, a step out of reach and one that is not there do no harm", () => {
  const steps = {
    hello: { kind: "ask", next: "again", giveUp: "nowhere" },
    again: { kind: "branch", cases: [{ when: "a", next: "hello" }], otherwise: "end" },
    end: { kind: "end" },
    island: { kind: "end" },
  } as const;
  expect(stepsInOrder(flow(steps as never))).toEqual(["hello", "again", "end"]);
});
