import { turn } from "#flows";
import { findContact, findSession, lockNumber, type Timer } from "#storage";
import { openState } from "../sealing.ts";
import type { Unit } from "../unit.ts";
import { flowsOf, turnContext } from "./converse.ts";
import { withRoom } from "./room.ts";
import { statementsFor } from "./statements.ts";
import { takeTurn } from "./take-turn.ts";

/** The time of a session's question or pause is over. One that has moved on since is left alone. */
export async function sessionTimer(unit: Unit, timer: Timer): Promise<void> {
  const { step } = timer.data;
  const waiting = await findSession(unit.tx, timer.ref);
  if (waiting?.status !== "active" || typeof step !== "string") return;
  // The person may be writing at this very moment: wait for that, then read again.
  await lockNumber(unit.tx, waiting.address);
  const session = await findSession(unit.tx, timer.ref);
  const contact = session && (await findContact(unit.tx, session.contactId));
  if (session?.status !== "active" || !contact || contact.optedOut) return;
  const library = await flowsOf(unit.app, unit.tx, session);
  const context = {
    ...turnContext(unit.app, contact, unit.now),
    ...(await statementsFor(unit.tx, library, { ...session.state, ...session })),
  };
  const state = openState(unit.app, session);
  const taken = await withRoom(unit, session, (full) =>
    turn(library, state, { kind: "expired", step }, { ...context, full }),
  );
  if (taken.effects.length === 0) return;
  await takeTurn(unit, { contact, address: session.address, session, turn: taken });
}
