import { setImmediate } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";

/** Queries run for so long before everything else in the process has its turn. */
const RUN_MS = 8;

/**
 * The embedded engine computes in this very thread, and its queries follow one another without a pause while any wait:
 * under load the process answered nothing for 250 ms at a time, and Slack, which needs several turns of the event loop
 * for a request, gave up after its 3 seconds. From here on the event loop turns between queries.
 */
export function takeTurns(pglite: PGlite): void {
  const exec = pglite.execProtocolRaw.bind(pglite);
  let turnedAt = performance.now();
  pglite.execProtocolRaw = async (message, options) => {
    if (performance.now() - turnedAt > RUN_MS) {
      await setImmediate();
      turnedAt = performance.now();
    }
    return exec(message, options);
  };
}
