import type { App } from "../app.ts";
import { GRACE_MS, LEASE_MS, settleDoubts } from "./doubts.ts";

const EVERY_MS = 5_000;

export type Sweep = (app: App) => Promise<unknown>;

/**
 * Finds again what was left lying: doubtful hand-overs, and what the given sweeps look for. Due batches and timers are
 * looked for by their own loops. One sweep that fails keeps no other from running.
 */
export function startReconciler(
  app: App,
  sweeps: readonly Sweep[],
  graceMs = GRACE_MS,
  leaseMs = LEASE_MS,
): { stop(): Promise<void> } {
  const all: readonly Sweep[] = [
    ...[...app.channels.values()].map((channel) => (a: App) => settleDoubts(a, channel, graceMs, leaseMs)),
    ...sweeps,
  ];
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    for (const sweep of all) {
      if (stopped) return;
      await sweep(app).catch((error: unknown) =>
        app.log.error({ err: error }, "a sweep failed; it runs again in a few seconds"),
      );
    }
  };
  const timer = setInterval(
    () => {
      running = running.then(run);
    },
    Math.min(EVERY_MS, graceMs),
  );
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
