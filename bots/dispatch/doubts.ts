import type { Channel, Receipt } from "#channels";
import { type Doubt, PRIORITY, requeueDoubt, settleReceipt, settleSlice, takeDoubts } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { outbound } from "./send-slice.ts";

/** Time for the carrier's callback to settle a doubt by itself. */
export const GRACE_MS = 15_000;
/** When the carrier could not be asked for so long, the message's own rule decides. */
const ASK_FOR_MS = 60_000;
const AT_ONCE = 50;

/**
 * Settles hand-overs whose outcome nobody knows: the carrier is asked; what it never took is queued again; where it
 * cannot be asked, a crisis message is sent again and counted as a possible duplicate, anything else is held for staff.
 */
export async function settleDoubts(app: App, channel: Channel, graceMs = GRACE_MS): Promise<number> {
  const doubts = await takeDoubts(app.database.db, channel.name, graceMs, AT_ONCE);
  for (const doubt of doubts) await settle(app, channel, doubt, await ask(channel, doubt));
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
      await settleSlice(unit.tx, channel.name, PRIORITY.bulk, [
        {
          id: doubt.id,
          attempts: doubt.attempts,
          kind: "final",
          status: "failed",
          failure: "in_doubt",
          code: null,
          detail:
            "The carrier cannot say whether it took the message; it is held so that nobody gets it twice.",
        },
      ]);
    }
  });
}

/** A carrier without a list to ask can never say: nothing is won by waiting. */
function patienceIsOver(channel: Channel, doubt: Doubt): boolean {
  return !channel.lookUp || doubt.ageMs >= ASK_FOR_MS;
}
