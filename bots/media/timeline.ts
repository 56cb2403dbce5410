import { addToTimeline, lockCrisis } from "#storage";
import type { Unit } from "../unit.ts";

/** One sentence on the timeline of the crisis, where there is one. */
export async function noteForCrisis(
  { tx, now }: Unit,
  crisisId: string | null | undefined,
  entry: { readonly actor: string; readonly kind: string; readonly words: string; readonly data: object },
): Promise<void> {
  if (!crisisId || (await lockCrisis(tx, crisisId)) === undefined) return;
  await addToTimeline(tx, crisisId, [{ ...entry, at: now }]);
}
