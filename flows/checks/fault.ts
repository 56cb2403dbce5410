import type { FlowDefinition } from "../flow.ts";

/** What is wrong with a definition. An error keeps it from being published, a warning does not. */
export interface FlowFault {
  readonly severity: "error" | "warning";
  /** Keys into the definition: `["steps", "rating", "text", "zu"]`. */
  readonly at: readonly (string | number)[];
  readonly what: string;
  readonly remedy: string;
}

/** What a check needs to know of the world around the flow. */
export interface Surroundings {
  /** Other flows, for calls. Absent: calls are not looked at. */
  readonly flows?: ReadonlyMap<string, FlowDefinition>;
}

export type Check = (flow: FlowDefinition, around: Surroundings) => readonly FlowFault[];

export const error = (at: FlowFault["at"], what: string, remedy: string): FlowFault => ({
  severity: "error",
  at,
  what,
  remedy,
});
export const warning = (at: FlowFault["at"], what: string, remedy: string): FlowFault => ({
  severity: "warning",
  at,
  what,
  remedy,
});
