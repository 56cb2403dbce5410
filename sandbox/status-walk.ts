import { happens } from "./knobs.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Text, TextStatus } from "./world.ts";

export interface Step {
  readonly status: TextStatus;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Tells the product one status of a text. */
export type Callback = (text: Text, step: Step) => Promise<void>;

/**
 * Moves a text through its statuses, one every `stepMs`, and calls back after each; the knobs lose, repeat or
 * reverse the callbacks. The state itself always moves forward: only the telling goes wrong.
 */
export function walk(
  around: Surroundings,
  id: string,
  steps: readonly Step[],
  callback: Callback,
  silent = false,
): void {
  const { state } = around;
  const { lostCallbacks, reorderedCallbacks } = state.knobs;
  const lost = silent || happens(lostCallbacks);
  const reversed = happens(reorderedCallbacks);
  const held: (() => Promise<void>)[] = [];
  const tell = async (text: Text, step: Step) => {
    if (lost) return;
    await callback(text, step);
    if (happens(state.knobs.duplicatedCallbacks)) await callback(text, step);
  };
  const go = (index: number) => {
    const step = steps[index];
    if (!step) return;
    around.later(state.knobs.stepMs, async () => {
      const before = state.texts.get(id);
      if (!before || before.status === "canceled") return;
      const now = new Date().toISOString();
      const text: Text = {
        ...before,
        status: step.status,
        updatedAt: now,
        ...(step.status === "sent" ? { sentAt: now } : {}),
        ...(step.error ? { error: step.error } : {}),
      };
      state.change({ kind: "text", text });
      const last = index === steps.length - 1;
      if (!reversed) await tell(text, step);
      else {
        held.push(() => tell(text, step));
        if (last) for (const late of held.reverse()) await late();
      }
      go(index + 1);
    });
  };
  go(0);
}

const FINAL: readonly TextStatus[] = ["delivered", "read", "undelivered", "failed", "canceled", "received"];

export function isFinal(text: Text): boolean {
  return FINAL.includes(text.status);
}
