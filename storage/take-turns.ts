import { setImmediate } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";

/** Messages of the protocol, some five a query, before everything else in the process has its turn. */
const IN_A_ROW = 8;

/**
 * The embedded engine computes in this very thread, and its queries follow one another without a pause while any wait:
 * under load the process answered nothing for 250 ms at a time, and Slack, which needs several turns of the event loop
 * for a request, gave up after its 3 seconds. From here on the event loop turns between queries.
 */
export function takeTurns(pglite: PGlite): void {
  const exec = pglite.execProtocolRaw.bind(pglite);
  let row = 0;
  pglite.execProtocolRaw = async (message, options) => {
    row = (row + 1) % IN_A_ROW;
    if (row === 0) await setImmediate();
    return exec(message, options);
  };
}
