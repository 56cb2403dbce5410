import { v4 } from "uuid";
import {
  dissolveSession,
  emptyUnsaid,
  listPromised,
  listUnshown,
  markPromiseKept,
  markUnsaid,
  showAllResponses,
} from "#storage";
import type { App } from "../app.ts";
import { openState } from "../sealing.ts";
import { commit } from "../unit.ts";

/** Conversations of one look. */
const AT_ONCE = 500;

/**
 * Keeps what was promised to those whose conversations have ended: anonymous ones are dissolved, and the words of both
 * sides are emptied; once nobody is under way any more, all that was said is shown. For the reconciler.
 */
export async function keepPromises(app: App): Promise<void> {
  for (const session of await listPromised(app.database.db, AT_ONCE))
    await commit(app, async ({ tx }) => {
      if (!(await markPromiseKept(tx, session.id))) return;
      if (session.state.privacy === "anonymous")
        await dissolveSession(tx, session, openState(app, session).answers, v4());
      else await markUnsaid(tx, session.id);
    }).catch((error: unknown) =>
      // Encrypted with another key, for instance: that must not keep the promises to all others from being kept.
      app.log.error({ err: error, session: session.id }, "an ended conversation could not be dissolved"),
    );
  for (const id of await listUnshown(app.database.db, AT_ONCE))
    await commit(app, ({ tx }) => showAllResponses(tx, id));
  await emptyUnsaid(app.database.db, AT_ONCE);
}
