import type { Turn } from "#flows";
import { cellKey, hasRoom, type KeptSession } from "#storage";
import type { Unit } from "../unit.ts";

/**
 * Takes a turn whose quotas have room: where a cell turns out to be full, the turn is taken anew with that known. The
 * cells that were looked at are kept from others until the transaction ends.
 */
export async function withRoom(
  { tx }: Unit,
  { id, consultationId }: Pick<KeptSession, "id" | "consultationId">,
  take: (full: readonly string[]) => Turn,
): Promise<Turn> {
  const full: string[] = [];
  for (;;) {
    const taken = take(full);
    const claimed = taken.effects.flatMap((effect) =>
      effect.kind === "claim" ? effect.cells.map((cell) => ({ at: effect.at, ...cell })) : [],
    );
    const before = full.length;
    if (consultationId !== null)
      for (const cell of claimed)
        if (!(await hasRoom(tx, consultationId, id, cell))) full.push(cellKey(cell));
    if (full.length === before) return taken;
  }
}
