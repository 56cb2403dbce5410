import type { Channel, Receipt } from "#channels";
import {
  type Doubt,
  findForgottenReceipts,
  requeueDoubt,
  runnerIn,
  settleEarlyReceipts,
  settleHandOvers,
  settleReceipt,
  takeDoubts,
} from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { ANSWER_WITHIN_MS, outbound } from "./hand-over.ts";

/** Time for the carrier's callback to settle a doubt by itself. */
export const GRACE_MS = 15_000;
/** When the carrier could not be asked for so long, the message's own rule decides. */
const ASK_FOR_MS = 60_000;
/** The lease of a hand-over: its outcome is known and written by then, or its worker is gone. */
export const LEASE_MS = 2 * ANSWER_WITHIN_MS;
/** Doubts of one look, and how many of them are asked about at once. */
const AT_ONCE = 64;
const ASKED_AT_ONCE = 8;

/**
 * Settles what a worker that ended left behind: receipts it knew of, and hand-overs whose outcome nobody knows: the carrier is asked; what it never took is queued again; where it
 * cannot be asked, a crisis message is sent again and counted as a possible duplicate, anything else is held for staff.
 */
export async function settleDoubts(
  app: App,
  channel: Channel,
  graceMs = GRACE_MS,
  leaseMs = LEASE_MS,
): Promise<number> {
  const forgotten = await findForgottenReceipts(app.database.db, channel.name, AT_ONCE);
  if (forgotten.length > 0) await commit(app, ({ tx }) => settleEarlyReceipts(tx, channel.name, forgotten));
  const doubts = await takeDoubts(app.database.db, channel.name, graceMs, leaseMs, AT_ONCE);
  const rest = doubts.values();
  const one = async (): Promise<void> => {
    for (const doubt of rest)
      await settle(app, channel, doubt, await ask(channel, doubt)).catch((error: unknown) =>
        app.log.error({ err: error, message: doubt.id }, "a doubt could not be settled; tried again later"),
      );
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, one));
  return doubts.length;
}

type Answer = Receipt | "absent" | "cannot_say";

async function ask(channel: Channel, doubt: Doubt): Promise<Answer> {
  if (!channel.lookUp) return "cannot_say";
  try {
    const answer = await channel.lookUp(outbound(doubt), doubt.handedOverAt);
    const asked =
      answer === "absent" ||
      !("failure" in answer) ||
      !["unavailable", "throttled", "unknown_outcome"].includes(answer.failure);
    return asked ? answer : "cannot_say";
  } catch {
    return "cannot_say";
  }
}

const HELD = {
  kind: "final",
  status: "failed",
  failure: "in_doubt",
  code: null,
  detail: "The carrier cannot say whether it took the message; it is held so that nobody gets it twice.",
} as const;

async function settle(app: App, channel: Channel, doubt: Doubt, answer: Answer): Promise<void> {
  await commit(app, async (unit) => {
    if (
      answer === "absent" ||
      (answer === "cannot_say" && doubt.onDoubt === "resend" && patienceIsOver(channel, doubt))
    ) {
      await requeueDoubt(unit.tx, channel.name, doubt, app.newId(), answer !== "absent");
      unit.ring("outbox", channel.name);
    } else if (answer !== "cannot_say") {
      await settleReceipt(unit.tx, channel.name, { ...answer, messageId: doubt.id });
    } else if (doubt.onDoubt === "hold" && patienceIsOver(channel, doubt)) {
      await settleHandOvers(runnerIn(unit.tx), channel.name, [{ message: doubt, outcome: HELD }], app.newId);
    }
  });
}

/** A carrier without a list to ask can never say: nothing is won by waiting. */
function patienceIsOver(channel: Channel, doubt: Doubt): boolean {
  return !channel.lookUp || doubt.ageMs >= ASK_FOR_MS;
}
