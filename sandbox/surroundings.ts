import type { State } from "./state.ts";

/** What the stand-ins share: the state, and where the product is. */
export interface Surroundings {
  readonly state: State;
  readonly server: () => string;
  readonly publicUrl: () => string;
  /** This sandbox's own address. */
  readonly url: () => string;
  /** Runs later, unless the sandbox is closed first. */
  later(ms: number, work: () => void | Promise<void>): void;
  problem(where: string, detail: string): void;
}
