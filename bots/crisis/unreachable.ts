import { listUnreached } from "#storage";
import type { App } from "../app.ts";
import { commit } from "../unit.ts";
import { takeTurn } from "./take-turn.ts";

/** Tells crises of people whom none of their pages reached, so that nobody waits for them. For the reconciler. */
export async function missUnreached(app: App): Promise<void> {
  for (const { crisisId, staffId } of await listUnreached(app.database.db))
    await commit(app, (unit) => takeTurn(unit, crisisId, { kind: "unreachable", by: staffId }));
}
