import { turn } from "#flows";
import { keepTurn, type ReceivedMessage, type Situation } from "#storage";
import type { App } from "../app.ts";
import { openState } from "../sealing.ts";
import { flowsOf, inputOf, turnContext } from "./converse.ts";
import { decide } from "./decide.ts";
import { statementsFor } from "./statements.ts";
import { afterTurn, isOrdinary, keptTurn, ringsOf, sumUp } from "./sum-up.ts";

/**
 * The way that most messages go: an answer that moves one session on and is replied to. It needs no transaction around
 * it, since all of it is one statement, which fails as a whole when the session was moved on or the carrier's id taken
 * since the situation was read. False: it is not one of these, and nothing was done.
 */
export async function answerAtOnce(
  app: App,
  message: ReceivedMessage,
  situation: Situation,
): Promise<boolean> {
  const { contact, addressKnown, sessions } = situation;
  const [session] = sessions;
  if (!contact || !addressKnown || !session) return false;
  if (decide(situation, message, app.content.deployment).kind !== "answer") return false;
  const { db } = app.database;
  const library = await flowsOf(app, db, session);
  const context = {
    ...turnContext(app, contact, app.clock()),
    ...(await statementsFor(db, library, { ...session.state, ...session })),
  };
  const taken = turn(library, openState(app, session), inputOf(message), context);
  const sum = sumUp(taken.effects);
  const next = afterTurn(app, session, message.address, taken);
  const goesOnElsewhere = next.status === "completed" && sessions.length > 1;
  if (taken.effects.length === 0 || !isOrdinary(sum) || goesOnElsewhere) return false;
  const kept = keptTurn(app, { message, keptBefore: false }, next, sum);
  await keepTurn(db, kept);
  await Promise.all(
    ringsOf(kept).map(({ kind, id, at }) =>
      app.bell
        .ring(kind, id, at && at.getTime() - app.clock().getTime())
        .catch((error: unknown) => app.log.warn({ err: error }, "the bell could not be rung")),
    ),
  );
  return true;
}
