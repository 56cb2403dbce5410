import { start, turn } from "#flows";
import { THREE_QUESTIONS } from "../test/support/citizen-app.ts";

const SAYS = ["Nomsa", "9", "4", "Fix the potholes, please"];

/** Turns a second of the pure engine, its session written and read back as JSON between every two. */
export function turnsPerSecond(seconds: number): number {
  const flow = { ...THREE_QUESTIONS, version: 1 };
  const library = { get: () => flow };
  const context = { now: "2026-11-23T08:00:00.000Z", language: "en", contact: { fields: {} } };
  const begun = performance.now();
  let turns = 0;
  while (performance.now() - begun < seconds * 1_000)
    for (let conversation = 0; conversation < 100; conversation++) {
      let { session } = start(library, flow.id, 1, String(conversation), context);
      for (const text of SAYS) {
        ({ session } = turn(library, JSON.parse(JSON.stringify(session)), { kind: "said", text }, context));
        turns++;
      }
      if (session.outcome !== "completed") throw new Error(`the conversation ended as ${session.outcome}`);
    }
  return (turns / (performance.now() - begun)) * 1_000;
}
